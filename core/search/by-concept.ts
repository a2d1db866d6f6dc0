import type { FindDeps, Listing } from "./find.ts";
import type { RankedRow } from "./page-pack.ts";
import { share } from "./rank.ts";
import { STOP_WORDS } from "./stop-words.ts";
import { queryTerms, stem, wordsOf } from "./terms.ts";

/** Best matches whose words are looked at, and characters of each. */
const SAMPLE = 12;
const SAMPLE_CHARS = 4_000;

/** Words that are looked for besides, and of how many of the best matches each must be. */
const MOST_RELATED = 5;
const LEAST_SHARE = 0.25;

/** What a match of a related word alone is worth beside a match of the concept's own. */
const RELATED_WORTH = 0.4;

/** A word that more of the store than this share holds tells nothing, nor in a small one so many. */
const COMMON_SHARE = 0.1;
const COMMON_COUNT = 20;

interface Request extends Listing {
  readonly concept: string;
  readonly withFiles: boolean;
}

/** Documents about a concept: those with its words, then those with words that go with it here. */
export async function searchByConcept(deps: FindDeps, request: Request) {
  const { search } = deps;
  const { concept, project } = request;
  const { found, note } = await search.seek({ query: concept, project });
  const own = search.rowsOf(found.ranked);
  const related = relatedWords(deps, concept, own);
  const known = new Set(own.map(([rowid]) => rowid));
  const more =
    related.length === 0
      ? []
      : search
          .ranked({ query: related.join(" "), project, isPlain: true })
          .filter(([rowid]) => !known.has(rowid))
          .map((row) => worthLess(row));
  const rows = [...own, ...more].sort((a, b) => b[1] - a[1]);
  const view = { by: "concept" as const, withFiles: request.withFiles };
  const frame = { related_terms: related, ...(note ? { note } : {}) };
  return search.firstPage(
    { query: [concept, ...related].join(" "), rows, view },
    { ...request, frame },
  );
}

/** A result of related words alone, with all that its score is made of. */
function worthLess([rowid, score, text, ...rest]: RankedRow): RankedRow {
  const [recency, proximity, semantic, start, use, match] = rest;
  const less = [share(score * RELATED_WORTH), share(text * RELATED_WORTH)] as const;
  const parts = [rowid, ...less, recency, proximity] as const;
  if (use === undefined && match === undefined) return parts;
  const matched = match === undefined ? undefined : share(match * RELATED_WORTH);
  return [...parts, semantic, start, use, matched];
}

/** Words that many of the best matches share and the rest of the store does not. */
function relatedWords(
  { search, facets }: FindDeps,
  concept: string,
  best: readonly RankedRow[],
): string[] {
  const asked = new Set(queryTerms(concept).flatMap(({ words }) => words.map(stem)));
  const bodies = best.slice(0, SAMPLE).flatMap(([rowid]) => search.byRowid(rowid)?.body ?? []);
  if (bodies.length < 3) return [];
  const counts = new Map<string, { word: string; count: number }>();
  for (const body of bodies) {
    for (const [stemmed, word] of stemsOf(body.slice(0, SAMPLE_CHARS))) {
      const known = counts.get(stemmed);
      if (known) known.count += 1;
      else counts.set(stemmed, { word, count: 1 });
    }
  }
  const total = search.count();
  return [...counts]
    .filter(
      ([stemmed, { count }]) =>
        !asked.has(stemmed) && count >= 2 && count >= bodies.length * LEAST_SHARE,
    )
    .map(([stemmed, { word, count }]) => ({
      word,
      count,
      of: Math.max(count, facets.frequency(stemmed)),
    }))
    .filter(({ of }) => of <= Math.max(COMMON_COUNT, total * COMMON_SHARE))
    .map(({ word, count, of }) => ({
      word,
      worth: (count / bodies.length) * Math.log(1 + total / of),
    }))
    .sort((a, b) => b.worth - a.worth || a.word.localeCompare(b.word))
    .slice(0, MOST_RELATED)
    .map(({ word }) => word);
}

/** The telling words of a text by their stem, each as it is first spelt. */
function stemsOf(text: string): Map<string, string> {
  const stems = new Map<string, string>();
  for (const word of wordsOf(text)) {
    if (word.length < 4 || word.length > 30 || STOP_WORDS.has(word) || /\d/.test(word)) continue;
    const stemmed = stem(word);
    if (!stems.has(stemmed)) stems.set(stemmed, word);
  }
  return stems;
}
