import { isoTime } from "../kernel/text.ts";
import type { ProjectService } from "../project/service.ts";
import type { StoredDocument } from "./model.ts";
import type { SearchService } from "./service.ts";
import { STOP_WORDS } from "./stop-words.ts";
import { wordsOf } from "./terms.ts";

/** Terms are counted over this many of the best matches. */
const SAMPLE = 200;

const MOST_TERMS = 10;

interface Parts {
  readonly search: SearchService;
  readonly project: ProjectService;
}

/** What a search finds, in figures instead of hits. */
export async function summarise(
  { search, project }: Parts,
  request: { query: string; project?: string | undefined; minScore: number },
) {
  const { found } = await search.seek(request);
  const matches = found.ranked.map(({ candidate }) => candidate);
  const documents = matches.slice(0, SAMPLE).flatMap(({ rowid }) => search.byRowid(rowid) ?? []);
  const byProject = tally(matches.map(({ projectKey }) => projectKey));
  return {
    total: matches.length,
    time_range: timeRange(matches.map(({ at }) => at)),
    by_kind: Object.fromEntries(tally(matches.map(({ kind }) => kind))),
    by_project: named(byProject, (key) => project.get(key)?.name ?? key),
    top_terms: topTerms(documents, request.query),
  };
}

/** First and last of `times`, epoch ms, of which there may be more than a call takes arguments. */
function timeRange(times: readonly number[]): { from: string; to: string } | null {
  const [first] = times;
  if (first === undefined) return null;
  const from = times.reduce((low, time) => Math.min(low, time), first);
  const to = times.reduce((high, time) => Math.max(high, time), first);
  return { from: isoTime(from), to: isoTime(to) };
}

function tally(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** `counts` by name: two keys of one name are counted together. */
export function named(
  counts: Iterable<readonly [key: string, count: number]>,
  nameOf: (key: string) => string,
): Record<string, number> {
  const byName = new Map<string, number>();
  for (const [key, count] of counts) {
    const name = nameOf(key);
    byName.set(name, (byName.get(name) ?? 0) + count);
  }
  return Object.fromEntries(byName);
}

/** Words that stand in most of the documents, without the query's own and those that say nothing. */
function topTerms(documents: readonly StoredDocument[], query: string) {
  const asked = new Set(wordsOf(query));
  const counts = new Map<string, number>();
  for (const { body } of documents) {
    for (const word of new Set(wordsOf(body.slice(0, 20_000)))) {
      if (word.length < 3 || STOP_WORDS.has(word) || asked.has(word) || /^\d+$/.test(word))
        continue;
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || a.localeCompare(b))
    .slice(0, MOST_TERMS)
    .map(([term, count]) => ({ term, documents: count }));
}
