import type { RankedRow } from "./page-pack.ts";
import { type Standpoint, score, share } from "./rank.ts";
import type { Candidate } from "./ranking-store.ts";
import { stem, type Term } from "./terms.ts";

/** A document as an index of its own weighs it. */
export interface Weighed extends Candidate {
  /** SQLite's bm25(): negative, the smaller the better. */
  readonly bm25: number;
}

/** An index of its own: how many texts it has, and in how many a term stands. */
interface Index {
  count(): number;
  frequency(term: string): number;
}

/** BM25's k1 in SQLite; a term's weight never exceeds its idf times k1 + 1. */
const K1 = 1.2;

/** SQLite's idf of a term in half of the texts or more. */
const LEAST_IDF = 1e-6;

/** The highest BM25 that there could be for those of `terms` that stand anywhere; above 0. */
export function idealOf(index: Index, terms: readonly Term[]): number {
  const total = index.count();
  return terms.reduce((sum, { words }) => {
    const count = Math.min(...words.map((word) => index.frequency(stem(word))));
    if (count === 0) return sum;
    const idf = Math.log((total - count + 0.5) / (count + 0.5));
    return sum + Math.max(idf, LEAST_IDF) * (K1 + 1);
  }, LEAST_IDF);
}

/** How candidates become rows: `ideal` is the BM25 of a perfect match, a listing has no words. */
interface Measure {
  readonly ideal: number;
  readonly from: Standpoint;
  readonly isListing: boolean;
}

/** `candidates` as rows to remember, the best first, equal content once. */
export function rowsOf(
  candidates: readonly Weighed[],
  { ideal, from, isListing }: Measure,
): RankedRow[] {
  const seen = new Set<string>();
  const rows = candidates.map((candidate): readonly [row: RankedRow, hash: string] => {
    const parts = score({ ...candidate, worth: -candidate.bm25 / ideal }, from);
    const worth = isListing ? 1 : share(parts.score);
    const { recency, proximity, use } = parts;
    const text = isListing ? 0 : share(parts.text);
    const row = [candidate.rowid, worth, text, share(recency), share(proximity)] as const;
    // What was found by its words elsewhere comes with what is known of its use.
    return [use === undefined ? row : [...row, undefined, undefined, share(use)], candidate.hash];
  });
  return rows
    .sort(([a], [b]) => b[1] - a[1])
    .filter(([, hash]) => !seen.has(hash) && seen.add(hash))
    .map(([row]) => row);
}
