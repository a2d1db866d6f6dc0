import { truncate } from "../kernel/text.ts";
import type { FacetStore } from "./facet-store.ts";
import type { FindDeps, Listing } from "./find.ts";
import type { DocumentKind } from "./model.ts";
import { named } from "./summary.ts";
import { readTime } from "./time-expression.ts";

/** Values of a facet that are told, the most frequent first. */
const MOST_VALUES = 10;
const VALUE_CHARS = 60;

/** Of an answer's room what facets may take. */
const FACETS_SHARE = 0.3;

interface Request extends Listing {
  readonly query: string;
  readonly kinds?: readonly DocumentKind[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly branch?: string | undefined;
  readonly file?: string | undefined;
  readonly time?: string | undefined;
  readonly sort: "relevance" | "newest" | "oldest";
}

/** How many of the found documents have each value. */
export type Facets = Readonly<
  Record<"kind" | "project" | "tag" | "branch", Record<string, number>>
>;

/** A search narrowed by every facet, with how its results divide. */
export async function advancedSearch(deps: FindDeps, request: Request) {
  const { ports, search, project, facets } = deps;
  const range = request.time === undefined ? undefined : readTime(request.time, ports.clock.now());
  const asked = {
    ...{ query: request.query, project: request.project, isListing: true },
    ...{ kinds: request.kinds, tags: request.tags, file: request.file },
    ...(request.branch === undefined ? {} : { branches: [request.branch] }),
    ...(range ? { since: range.from, before: range.to } : {}),
  };
  const { found, note } = await search.seek(asked);
  const direction = request.sort === "oldest" ? 1 : -1;
  const ranked =
    request.sort === "relevance"
      ? found.ranked
      : found.ranked.toSorted((a, b) => direction * (a.candidate.at - b.candidate.at));
  const rows = search.rowsOf(ranked);
  const nameOf = (key: string) => project.get(key)?.name ?? key;
  const counted = countFacets(
    facets,
    rows.map(([rowid]) => rowid),
    nameOf,
  );
  const facetsShown = fitted(counted, request.maxTokens * 4 * FACETS_SHARE);
  const frame = { facets: facetsShown, ...(note ? { note } : {}) };
  return search.firstPage({ query: found.query, rows, view: found.view }, { ...request, frame });
}

function countFacets(
  store: FacetStore,
  rowids: readonly number[],
  nameOf: (key: string) => string,
): Facets {
  const told = (counts: readonly (readonly [string, number])[], name = (key: string) => key) =>
    named(counts.slice(0, MOST_VALUES), (key) => truncate(name(key), VALUE_CHARS));
  return {
    kind: told(store.count("kind", rowids)),
    project: told(store.count("project_key", rowids), nameOf),
    tag: told(store.tags(rowids)),
    branch: told(store.count("branch", rowids)),
  };
}

/** `facets` without their rarest values, until they fit into `bytes`. */
function fitted(facets: Facets, bytes: number): Facets {
  for (let most = MOST_VALUES; ; most -= 1) {
    const cut = (values: Record<string, number>) =>
      Object.fromEntries(Object.entries(values).slice(0, most));
    const { kind, project, tag, branch } = facets;
    const fewer = { kind: cut(kind), project: cut(project), tag: cut(tag), branch: cut(branch) };
    if (most === 0 || Buffer.byteLength(JSON.stringify(fewer)) <= bytes) return fewer;
  }
}
