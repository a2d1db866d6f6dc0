import type { RankedRow } from "./page.ts";
import { idealBm25, type Standpoint, score, share } from "./rank.ts";
import type { Candidate } from "./store.ts";
import { stem, type Term } from "./terms.ts";

/** An index of its own: how many texts it has, and in how many a term stands. */
interface Index {
  count(): number;
  frequency(term: string): number;
}

/** The highest BM25 that there could be for `terms`; at least what makes scores finite. */
export function idealOf(index: Index, terms: readonly Term[]): number {
  const total = index.count();
  const counts = terms.map(({ words }) =>
    Math.min(...words.map((word) => index.frequency(stem(word)))),
  );
  // In a small index most terms stand in half of the texts, which BM25 counts as nothing.
  return Math.max(idealBm25(counts, Math.max(total, 2)), 1e-6);
}

/** `candidates` as rows to remember, the best first, equal content once. */
export function rowsOf(
  candidates: readonly Candidate[],
  from: Standpoint,
  { isListing = false }: { readonly isListing?: boolean } = {},
): RankedRow[] {
  const seen = new Set<string>();
  const rows = candidates.map((candidate): readonly [row: RankedRow, hash: string] => {
    const parts = score(candidate, from);
    const worth = isListing ? 1 : share(parts.score);
    const { recency, proximity } = parts;
    const text = isListing ? 0 : share(parts.text);
    return [[candidate.rowid, worth, text, share(recency), share(proximity)], candidate.hash];
  });
  return rows
    .sort(([a], [b]) => b[1] - a[1])
    .filter(([, hash]) => !seen.has(hash) && seen.add(hash))
    .map(([row]) => row);
}
