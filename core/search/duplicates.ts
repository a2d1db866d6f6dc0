import { isoTime, truncate } from "../kernel/text.ts";
import { written } from "../storage/patience.ts";
import type { Sketched } from "./duplicate-store.ts";
import type { FindDeps, Listing } from "./find.ts";
import type { DocumentKind } from "./model.ts";
import type { ResultSet } from "./page.ts";
import { isThere, type RankedRow } from "./page-pack.ts";
import { share } from "./rank.ts";
import { alike, similarity, sketchOf } from "./sketch.ts";

/** Longest that sketches are made and texts compared in one call, in milliseconds each. */
const SKETCH_MS = 2_000;
const COMPARE_MS = 2_000;

/** Documents sketched in one transaction. */
const BATCH = 256;

/** Most documents of one group that are shown, and characters of each. */
const MOST_SHOWN = 5;
const SNIPPET_CHARS = 160;

/** Bytes of an answer beside its groups. */
const FRAME_BYTES = 160;

/** Where they are paged through one by one, no words rank them. */
const LISTED = { by: "list" } as const;

/** Documents that say the same. */
export interface Group {
  /** Share of what the least alike of them have in common with the first; 1 for equal content. */
  readonly similarity: number;
  readonly count: number;
  readonly documents: {
    id: string;
    kind: DocumentKind;
    project: string;
    at: string;
    snippet: string;
  }[];
}

interface Request extends Listing {
  readonly kinds?: readonly DocumentKind[] | undefined;
  readonly threshold: number;
}

/** Documents of equal content and those that share `threshold` of it, the largest groups first. */
export function findDuplicates(deps: FindDeps, request: Request) {
  const { search } = deps;
  const { cursor, origin } = request;
  const opened = cursor === undefined ? undefined : search.openPage(cursor, origin);
  const pending = opened ? 0 : sketchWaiting(deps);
  const set = opened?.set ?? { query: "", rows: rowsOf(deps, request), view: LISTED };
  const groups = groupsOf(set);
  const from = opened?.offset ?? 0;
  const shown: Group[] = [];
  let left = request.maxTokens * 4 - FRAME_BYTES;
  let next = from;
  for (const rows of groups.filter(({ at }) => at >= from).slice(0, request.limit)) {
    const group = show(deps, rows.rows, shown.length === 0 ? left : Infinity);
    left -= Buffer.byteLength(JSON.stringify(group)) + 1;
    if (left < 0 && shown.length > 0) break;
    if (group.documents.length > 1) shown.push(group);
    next = rows.at + rows.rows.length;
  }
  const rest = (() => {
    if (next >= set.rows.length) return {};
    return opened ? { cursor: opened.cursorAt(next) } : search.keepPage(set, next, origin);
  })();
  const waiting = pending > 0 ? { pending } : {};
  return { total: groups.filter(isGroup).length, groups: shown, ...rest, ...waiting };
}

/** Makes sketches of what has none, for a while. @returns how many documents still have none. */
function sketchWaiting({ ports, duplicates }: FindDeps): number {
  const deadline = performance.now() + SKETCH_MS;
  const step = () => {
    for (const { rowid, body } of duplicates.unsketched(BATCH)) {
      duplicates.save(rowid, sketchOf(body));
    }
  };
  let left = duplicates.countUnsketched();
  while (left > 0 && performance.now() < deadline && written(ports.db, step)) {
    left = duplicates.countUnsketched();
  }
  return left;
}

/** Every group's documents one after the other; `text` is 0 and 1 in turn, so that they are told apart. */
function rowsOf({ search, duplicates }: FindDeps, request: Request): RankedRow[] {
  const documents = duplicates.all(search.filterOf(request));
  const groups = [...grouped(search, documents, request.threshold)].sort(
    (a, b) => b.members.length - a.members.length || b.least - a.least || a.first - b.first,
  );
  return groups.flatMap(({ members, least }, index) =>
    members.map((rowid): RankedRow => [rowid, share(least), index % 2, 0, 0]),
  );
}

interface Found {
  readonly first: number;
  readonly members: number[];
  least: number;
}

/** Groups of two and more. Each joins the group of the earliest document that it is like. */
function grouped(
  search: Pick<FindDeps["search"], "byRowid">,
  documents: readonly Sketched[],
  threshold: number,
): Iterable<Found> {
  const groups = new Map<number, Found>();
  const place = new Map<number, number>();
  const join = (first: number, later: number, alikeness: number) => {
    const head = place.get(first) ?? first;
    const group = groups.get(head) ?? { first: head, members: [head], least: 1 };
    groups.set(head, group);
    group.members.push(later);
    group.least = Math.min(group.least, alikeness);
    place.set(later, head);
  };
  const byHash = new Map<string, number>();
  for (const { hash, rowid } of documents) {
    const first = byHash.get(hash);
    if (first === undefined) byHash.set(hash, rowid);
    else join(first, rowid, 1);
  }
  const single = documents.filter(({ rowid }) => !place.has(rowid));
  const deadline = performance.now() + COMPARE_MS;
  const body = (at: number) => search.byRowid(single[at]?.rowid ?? 0)?.body ?? "";
  for (const [a, b] of alike(
    single.map(({ sketch }) => sketch),
    threshold,
  )) {
    const [one, other] = [single[a]?.rowid ?? 0, single[b]?.rowid ?? 0];
    if (place.has(other) || groups.has(other)) continue;
    if (performance.now() > deadline) break;
    const likeness = similarity(body(a), body(b));
    if (likeness >= threshold) join(one, other, likeness);
  }
  return groups.values();
}

/** The rows of a set by group, with where each begins. */
function groupsOf({ rows }: ResultSet): { at: number; rows: RankedRow[] }[] {
  const groups: { at: number; rows: RankedRow[] }[] = [];
  for (const [at, row] of rows.entries()) {
    const last = groups.at(-1);
    if (last && last.rows[0]?.[2] === row[2]) last.rows.push(row);
    else groups.push({ at, rows: [row] });
  }
  return groups;
}

/** Whether two are left of it: one may have been forgotten since. */
function isGroup({ rows }: { readonly rows: readonly RankedRow[] }): boolean {
  return rows.filter(isThere).length > 1;
}

/** A group, with fewer and shorter documents until it fits into `bytes`; at least two are shown. */
function show({ search, project }: FindDeps, rows: readonly RankedRow[], bytes: number): Group {
  const hidden = project.hiddenKeys();
  const documents = rows
    .flatMap(([rowid]) => search.byRowid(rowid) ?? [])
    .filter(({ projectKey }) => !hidden.has(projectKey));
  for (let most = MOST_SHOWN, chars = SNIPPET_CHARS; ; most -= 1, chars = Math.floor(chars / 2)) {
    const shown = documents.slice(0, Math.max(2, most)).map((document) => ({
      id: document.id,
      kind: document.kind,
      project: truncate(project.get(document.projectKey)?.name ?? document.projectKey, 40),
      at: isoTime(document.at),
      snippet: truncate(document.body.replace(/\s+/gu, " ").trim(), chars),
    }));
    const group = { similarity: rows[0]?.[1] ?? 1, count: documents.length, documents: shown };
    if (chars < 10 || Buffer.byteLength(JSON.stringify(group)) + 1 <= bytes) return group;
  }
}
