import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ProjectIdentity } from "../project/detect.ts";
import { projectSlug } from "../transcript/slug.ts";
import type { FileTotals } from "../transcript/totals.ts";

/** One link of the chain from the conversation to the memory. Times are epoch ms. */
export interface Link {
  readonly name: "transcript" | "parser" | "database";
  readonly ok: boolean;
  readonly lastAt: number | null;
  readonly detail: string;
}

/** More rows of unknown types than this share, and the client's format has moved on. */
const UNKNOWN_SHARE = 0.2;

/** More unreadable lines than this share, and what is read is not a transcript. */
const BAD_SHARE = 0.05;

/** Rows below which a share says nothing. */
const FEW_ROWS = 50;

/** Whether each link holds, told from what was read so far and what lies in the project's folder. */
export function recordingLinks(seen: {
  readonly totals: FileTotals;
  readonly identity: ProjectIdentity;
  readonly transcripts: string;
  readonly writable: boolean;
  readonly left: boolean;
}): Link[] {
  const { totals } = seen;
  return [
    transcriptLink(seen),
    parserLink(totals),
    {
      name: "database",
      ok: seen.writable,
      lastAt: totals.lastReadAt,
      detail: seen.writable ? "writable" : "cannot be written: nothing new is kept",
    },
  ];
}

function transcriptLink(seen: {
  totals: FileTotals;
  identity: ProjectIdentity;
  transcripts: string;
  left: boolean;
}): Link {
  const link = { name: "transcript" as const, lastAt: seen.totals.lastReadAt };
  if (seen.left) return { ...link, ok: false, detail: "paused or ignored: nothing is recorded" };
  const newest = newestIn(join(seen.transcripts, projectSlug(seen.identity.root)));
  if (newest === undefined) {
    return { ...link, ok: true, detail: "no transcript of this project yet" };
  }
  const detail = `newest transcript changed ${new Date(newest).toISOString()}`;
  return { ...link, ok: true, detail };
}

function parserLink({ rows, badRows, unknownRows, lastReadAt }: FileTotals): Link {
  const all = rows + badRows;
  const detail = `${rows} rows read, ${badRows} bad, ${unknownRows} of unknown types`;
  const ok = all < FEW_ROWS || (unknownRows / all <= UNKNOWN_SHARE && badRows / all <= BAD_SHARE);
  return { name: "parser", ok, lastAt: lastReadAt, detail };
}

function newestIn(folder: string): number | undefined {
  // Told apart without an error: making one takes longer than the look.
  if (!existsSync(folder)) return undefined;
  try {
    const times = readdirSync(folder)
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) => statSync(join(folder, name)).mtimeMs);
    return times.length > 0 ? Math.max(...times) : undefined;
  } catch {
    return undefined;
  }
}
