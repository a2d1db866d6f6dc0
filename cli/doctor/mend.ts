import { rmSync } from "node:fs";
import { dropBrokenCursors } from "../../core/archive/soundness.ts";
import { resolvePaths } from "../../core/kernel/paths.ts";
import { indexProblems } from "../../core/search/index-proof.ts";
import { stablePath } from "../native/setup.ts";
import { plural } from "../render/layout.ts";
import { apply } from "../setup/manifest.ts";
import { clientFiles, planSetup } from "../setup/plan.ts";
import { type Check, messageOf, type Ward } from "./check.ts";
import { close, exposed, leftovers } from "./store.ts";

/** What was tried: in words what was done, or why it could not be. */
export interface Mended {
  readonly done: boolean;
  readonly text: string;
}

/** One way of mending, for the checks of these names. */
interface Mender {
  readonly names: readonly string[];
  /** @returns what was done; undefined when there was nothing to do. */
  mend(ward: Ward): string | undefined;
}

const MENDERS: readonly Mender[] = [
  { names: ["hooks", "server", "commands"], mend: register },
  {
    names: ["permissions"],
    mend({ invocation: { host } }) {
      const open = exposed(resolvePaths(host.env));
      close(open);
      return open.length > 0 ? `closed ${open.join(", ")} to others` : undefined;
    },
  },
  {
    names: ["leftovers"],
    mend(ward) {
      const found = leftovers(ward);
      for (const path of found) rmSync(path, { recursive: true, force: true });
      return found.length > 0 ? `removed ${found.join(", ")}` : undefined;
    },
  },
  { names: ["index", "database"], mend: reindex },
  { names: ["transcripts", "history", "index"], mend: read },
];

/** Mends what is ours of what was found; memories are never deleted, nor is a file of the user's. */
export function mend(ward: Ward, checks: readonly Check[]): Mended[] {
  const wrong = new Set(checks.filter(({ state }) => state !== "ok").map(({ name }) => name));
  return MENDERS.filter(({ names }) => names.some((name) => wrong.has(name))).flatMap(
    (mender): Mended[] => {
      try {
        const text = mender.mend(ward);
        return text === undefined ? [] : [{ done: true, text }];
      } catch (error) {
        return [{ done: false, text: messageOf(error) }];
      }
    },
  );
}

/** What `sb setup` does. */
function register({ invocation: { host } }: Ward): string | undefined {
  const paths = resolvePaths(host.env);
  const { changes } = planSetup(clientFiles(paths, host.env), stablePath(host));
  apply(paths, changes);
  return changes.length > 0 ? `set up ${changes.map(({ path }) => path).join(", ")}` : undefined;
}

function reindex({ services }: Ward): string | undefined {
  if (!services) return undefined;
  const { db } = services.ports;
  const lost = dropBrokenCursors(db);
  const { words, derived } = indexProblems(db);
  if (words) db.transaction(() => services.search.reindex()).immediate();
  if (derived) db.transaction(() => services.search.deriveAnew()).immediate();
  if (derived) services.search.catchUp(Number.POSITIVE_INFINITY);
  const done = [
    ...(lost > 0 ? [`${plural(lost, "transcript")} to be read from the start again`] : []),
    ...(words ? ["the index of words is made anew"] : []),
    ...(derived ? ["the indexes of code and errors are made anew"] : []),
  ];
  return done.length > 0 ? done.join("; ") : undefined;
}

function read({ services }: Ward): string | undefined {
  if (!services) return undefined;
  const { files, documents } = services.ingest.run({ kind: "all" });
  return files > 0
    ? `read ${plural(files, "transcript")}: ${plural(documents, "memory", "memories")} more`
    : undefined;
}
