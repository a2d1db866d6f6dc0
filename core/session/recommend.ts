import type { ContextState } from "./context.ts";
import type { Quality } from "./quality.ts";
import type { Snapshot } from "./snapshot.ts";

/** What would help most now, at most three lines, each with what it rests on. */
export function recommend(found: {
  readonly context: ContextState;
  readonly git: Snapshot;
  readonly quality: Quality;
}): string[] {
  const { context, git, quality } = found;
  const lines: string[] = [];
  if (context.should_compact) lines.push(`Compact the conversation: ${context.reason}.`);
  // Outside git the quality's evidence says it already.
  const isGit = quality.breakdown["version_control"]?.points !== 0;
  if (git.kind === "skipped" && isGit) lines.push(`No snapshot was taken: ${git.reason}.`);
  const missing = Object.entries(quality.breakdown).filter(([, part]) => part.points === 0);
  for (const [name, { evidence }] of missing) {
    lines.push(`Add ${name.replaceAll("_", " ")}: ${evidence}.`);
  }
  return lines.slice(0, 3);
}
