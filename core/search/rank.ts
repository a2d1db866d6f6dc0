/** What one match is worth, and why: every part in 0..1, the product in `score`. */
export interface Score {
  readonly score: number;
  /** Share of the highest BM25 that the query's terms could give. */
  readonly text: number;
  /** 1 now, 0.5 after a half-life. */
  readonly recency: number;
  /** 1 in the current project, less the further away a project is. */
  readonly proximity: number;
}

/** What ranking must know of a match. */
export interface Match {
  readonly kind: string;
  /** Epoch ms. */
  readonly at: number;
  readonly projectKey: string;
  /** SQLite's bm25(): negative, the smaller the better. */
  readonly bm25: number;
}

/** What ranking must know of the question. */
export interface Standpoint {
  /** Epoch ms. */
  readonly now: number;
  readonly halfLifeDays: number;
  readonly projectKey: string;
  /** How near related projects are, in 0..1. */
  readonly near: ReadonlyMap<string, number>;
  /** BM25 of a document that holds each term without end: `idealBm25`. */
  readonly ideal: number;
}

const DAY_MS = 86_400_000;

/** BM25's k1 in SQLite; a term's weight never exceeds its idf times k1 + 1. */
const K1 = 1.2;

/** How much of a score age may take away: a lasting answer beats a fresh near miss. */
const RECENCY_SHARE = 0.15;

/** How near a project is that nothing relates to the current one. */
const ELSEWHERE = 0.25;

/** How much of a score distance may take away: the right answer elsewhere beats a near miss here. */
const PROXIMITY_SHARE = 0.3;

/** Distilled knowledge before raw conversation, where the text matches alike. */
const KIND_WEIGHT: Readonly<Record<string, number>> = {
  insight: 1,
  reflection: 1,
  fix: 1,
  exchange: 0.93,
  handoff: 0.85,
};

/**
 * Highest BM25 for terms found in `counts` of `total` documents each.
 * The idf is SQLite's, with its floor for terms that stand in most documents.
 */
export function idealBm25(counts: readonly number[], total: number): number {
  return counts.reduce((sum, count) => sum + inverseFrequency(count, total) * (K1 + 1), 0);
}

function inverseFrequency(count: number, total: number): number {
  const idf = Math.log((total - count + 0.5) / (count + 0.5));
  return idf > 0 ? idf : 1e-6;
}

/** Scores one match from one standpoint. */
export function score(match: Match, from: Standpoint): Score {
  const text = from.ideal > 0 ? Math.min(1, -match.bm25 / from.ideal) : 0;
  const ageDays = Math.max(0, from.now - match.at) / DAY_MS;
  const recency = 0.5 ** (ageDays / from.halfLifeDays);
  const isHere = match.projectKey === from.projectKey;
  const proximity = isHere ? 1 : (from.near.get(match.projectKey) ?? ELSEWHERE);
  const kind = KIND_WEIGHT[match.kind] ?? 0.9;
  const aged = 1 - RECENCY_SHARE + RECENCY_SHARE * recency;
  const placed = 1 - PROXIMITY_SHARE + PROXIMITY_SHARE * proximity;
  return { score: text * aged * placed * kind, text, recency, proximity };
}

/** A share in 0..1 as it is shown: four decimals. */
export function share(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
