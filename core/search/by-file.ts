import type { PathMatch } from "./file-path.ts";
import { readPath } from "./file-path.ts";
import type { FileRow, FileStore } from "./file-store.ts";
import type { FindDeps, Listing } from "./find.ts";
import type { RankedRow } from "./page-pack.ts";
import { placed, score, share } from "./rank.ts";
import { changes, matchPaths } from "./view.ts";

/** What a way of matching is worth. */
const MATCH_WORTH: Readonly<Record<PathMatch, number>> = {
  exact: 1,
  suffix: 0.95,
  glob: 0.85,
  basename: 0.8,
};

/** Of a score, what age and having only been read may take away. */
const RECENCY_SHARE = 0.4;
const CHANGE_SHARE = 0.3;

/** The stored paths that answer to `asked`, and how. */
export function matchingPaths(
  files: Pick<FileStore, "paths" | "pathsNamed">,
  asked: { readonly path: string; readonly cwd: string },
): Map<string, PathMatch> {
  const { name } = readPath(asked.path, asked.cwd);
  return matchPaths(name === "" ? files.paths() : files.pathsNamed(name), asked);
}

/** Exchanges whose tool calls touched a file: better matches, nearer projects, newer and more changes first. */
export function searchByFile(
  { ports, search, files }: FindDeps,
  request: Listing & { readonly path: string },
) {
  const asked = { path: request.path, cwd: ports.cwd };
  const matches = matchingPaths(files, asked);
  const touches = new Map<number, FileRow[]>();
  for (const row of files.touching([...matches.keys()])) {
    const known = touches.get(row.rowid);
    if (known) known.push(row);
    else touches.set(row.rowid, [row]);
  }
  const filter = search.filterOf({ project: request.project });
  const from = search.standpoint();
  const rows = search
    .newest({ ...filter, rowids: [...touches.keys()] })
    .map((candidate): RankedRow => {
      const { recency, proximity } = score({ ...candidate, worth: 0 }, from);
      const touched = touches.get(candidate.rowid) ?? [];
      const best = Math.max(...touched.map(({ path }) => worthOf(matches.get(path))));
      const times = touched.reduce((sum, touch) => sum + changes(touch), 0);
      const aged = 1 - RECENCY_SHARE * (1 - recency);
      const changed = 1 - CHANGE_SHARE / (1 + times);
      const worth = best * changed;
      return [
        ...([candidate.rowid, share(worth * aged * placed(proximity))] as const),
        ...([best, share(recency), share(proximity)] as const),
        ...([undefined, undefined, undefined, share(worth)] as const),
      ];
    })
    .sort((a, b) => b[1] - a[1]);
  const view = { by: "file" as const, ...asked };
  return search.firstPage({ query: request.path, rows, view }, request);
}

function worthOf(match: PathMatch | undefined): number {
  return match ? MATCH_WORTH[match] : 0;
}
