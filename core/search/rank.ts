/** What one match is worth, and why: every part in 0..1, the product in `score`. */
export interface Score {
  readonly score: number;
  /** Share of the highest BM25 that those of the query's terms that stand anywhere could give. */
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

/** A match that may have others of its session beside it. */
export interface SessionMatch extends Match {
  readonly sessionId: string | null;
}

/** How much of what its whole session holds a match is worth besides what it holds itself. */
const SESSION_SHARE = 0.6;

/** Of a session's matches, best first, each counts so much of the one before it. */
const SESSION_DECAY = 0.5;

/**
 * The matches with what their session says besides: the session that speaks of something again and
 * again is rather the one that is meant. A match alone in its session keeps its BM25.
 */
export function withSessions<M extends SessionMatch>(matches: readonly M[]): M[] {
  const sessions = new Map<string, number[]>();
  for (const { sessionId, bm25 } of matches) {
    if (sessionId === null) continue;
    const found = sessions.get(sessionId);
    if (found) found.push(bm25);
    else sessions.set(sessionId, [bm25]);
  }
  const sums = new Map<string, number>();
  for (const [id, found] of sessions) {
    found.sort((a, b) => a - b);
    sums.set(
      id,
      found.reduceRight((sum, bm25) => bm25 + SESSION_DECAY * sum, 0),
    );
  }
  return matches.map((match) => {
    const sum = match.sessionId === null ? match.bm25 : (sums.get(match.sessionId) ?? match.bm25);
    return { ...match, bm25: (match.bm25 + SESSION_SHARE * sum) / (1 + SESSION_SHARE) };
  });
}

/** What ranking must know of the question. */
export interface Standpoint {
  /** Epoch ms. */
  readonly now: number;
  readonly halfLifeDays: number;
  readonly projectKey: string;
  /** How near related projects are, in 0..1. */
  readonly near: ReadonlyMap<string, number>;
  /** BM25 of a document that holds each term without end: `idealBm25` or `evenBm25`. */
  readonly ideal: number;
}

const DAY_MS = 86_400_000;

/** BM25's k1 in SQLite; a term's weight never exceeds its idf times k1 + 1. */
const K1 = 1.2;

/** How much of a score age may take away: a lasting answer beats a fresh near miss. */
const RECENCY_SHARE = 0.05;

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

/** The least share shown of a match: what holds a word of the query is never worth nothing. */
const LEAST_SHARE = 0.001;

/**
 * Highest BM25 for terms found in `counts` of `total` documents each, by SQLite's idf. A term that
 * stands nowhere (count 0) has no part in it: no document could hold it.
 */
export function idealBm25(counts: readonly number[], total: number): number {
  return counts.reduce(
    (sum, count) => sum + (count > 0 ? inverseFrequency(count, total) * (K1 + 1) : 0),
    0,
  );
}

/** SQLite's idf, with its floor: a term in half of the documents or more counts as good as nothing. */
function inverseFrequency(count: number, total: number): number {
  const idf = Math.log((total - count + 0.5) / (count + 0.5));
  return idf > 0 ? idf : 1e-6;
}

/** Lucene's idf: as SQLite's for rare terms, small but above 0 for a term in every document. */
function smoothFrequency(count: number, total: number): number {
  return Math.log(1 + (total - count + 0.5) / (count + 0.5));
}

/**
 * BM25 of every document with Lucene's idf in place of SQLite's, and the highest there could be.
 *
 * In a store of a few documents most terms stand in half of them, SQLite counts those as nothing,
 * and the best match would show a share of 0. So each term's part is divided by SQLite's idf and
 * multiplied by Lucene's: a document is worth what it holds of the query's terms.
 *
 * @param found for each term SQLite's bm25() by rowid, for that term alone.
 */
export function evenBm25(found: readonly ReadonlyMap<number, number>[], total: number) {
  const bm25 = new Map<number, number>();
  let ideal = 0;
  for (const parts of found) {
    if (parts.size === 0) continue;
    const idf = smoothFrequency(parts.size, total);
    const factor = idf / inverseFrequency(parts.size, total);
    ideal += idf * (K1 + 1);
    for (const [rowid, part] of parts) bm25.set(rowid, (bm25.get(rowid) ?? 0) + part * factor);
  }
  return { bm25, ideal };
}

/** Scores one match from one standpoint. */
export function score(match: Match, from: Standpoint): Score {
  const reached = from.ideal > 0 ? -match.bm25 / from.ideal : 0;
  const text = Math.min(1, Math.max(LEAST_SHARE, reached));
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
