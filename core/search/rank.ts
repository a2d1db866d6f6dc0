/** What one match is worth, and why: every part in 0..1, the product in `score`. */
export interface Score {
  readonly score: number;
  /** What words, likeness and the rest of its session are worth together. */
  readonly match: number;
  /** How much of what the query's words weigh its best passage tells. */
  readonly text: number;
  /** How like the query its best chunk is; missing where no model told. */
  readonly semantic?: number;
  /** 1 now, 0.5 after a half-life. */
  readonly recency: number;
  /** 1 in the current project, less the further away a project is. */
  readonly proximity: number;
  /** How useful it was before, in -1..1; missing where nobody has told or shown. */
  readonly use?: number;
}

/** What ranking must know of a match. */
export interface Match {
  readonly kind: string;
  /** Epoch ms. */
  readonly at: number;
  readonly projectKey: string;
}

/** A match that may have others of its session beside it. */
export interface SessionMatch {
  readonly sessionId: string | null;
  /** What it is worth to the question, wherever and whenever it was said: 0 or more. */
  readonly worth: number;
}

/** How much of what its whole session holds a match is worth besides what it holds itself. */
const SESSION_SHARE = 0.45;

/** Of a session's matches, best first, each counts so much of the one before it. */
const SESSION_DECAY = 0.5;

/**
 * The matches with what their session says besides: the session that speaks of something again and
 * again is rather the one that is meant. A match alone in its session keeps its worth.
 */
export function withSessions<M extends SessionMatch>(matches: readonly M[]): M[] {
  const worths = worthsInSessions(
    matches,
    matches.map(({ worth }) => worth),
  );
  return matches.map((match, index) => ({ ...match, worth: worths[index] ?? match.worth }));
}

/** The same as numbers alone: what each of `matches`, of which each is worth so much, is worth then. */
export function worthsInSessions(
  matches: readonly Pick<SessionMatch, "sessionId">[],
  worths: readonly number[],
): number[] {
  const sessions = new Map<string, number[]>();
  matches.forEach(({ sessionId }, index) => {
    if (sessionId === null) return;
    const found = sessions.get(sessionId);
    if (found) found.push(worths[index] as number);
    else sessions.set(sessionId, [worths[index] as number]);
  });
  const sums = new Map<string, number>();
  for (const [id, found] of sessions) {
    found.sort((a, b) => b - a);
    sums.set(
      id,
      found.reduceRight((sum, worth) => worth + SESSION_DECAY * sum, 0),
    );
  }
  return matches.map(({ sessionId }, index) => {
    const worth = worths[index] as number;
    const sum = sessionId === null ? worth : (sums.get(sessionId) ?? worth);
    return (worth + SESSION_SHARE * sum) / (1 + SESSION_SHARE);
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
}

const DAY_MS = 86_400_000;

/** How much of a score age may take away: a lasting answer beats a fresh near miss. */
const RECENCY_SHARE = 0.02;

/** How near a project is that nothing relates to the current one. */
const ELSEWHERE = 0.25;

/** How much of a score distance may take away: the right answer elsewhere beats a near miss here. */
const PROXIMITY_SHARE = 0.3;

/** How much of a score use before may add or take away: of two that answer alike the proven one. */
const USE_SHARE = 0.03;

/** Distilled knowledge before raw conversation, where the text matches alike. */
const KIND_WEIGHT: Readonly<Record<string, number>> = {
  insight: 1,
  reflection: 1,
  fix: 1,
  exchange: 0.93,
  handoff: 0.85,
};

/** What a kind takes of a score. */
export function kindWeight(kind: string): number {
  return KIND_WEIGHT[kind] ?? 0.9;
}

/** The least share shown of a match: what holds a word of the query is never worth nothing. */
const LEAST_SHARE = 0.001;

/** Lucene's idf: above 0 even for a term in every document, so that small stores rank too. */
export function inverseFrequency(count: number, total: number): number {
  return Math.log(1 + (Math.max(total, count) - count + 0.5) / (count + 0.5));
}

/** Up to here a worth is shown as it is; what lies above is drawn together below 1, in its order. */
const PLAIN = 0.5;

function bounded(worth: number): number {
  const plain = Math.max(LEAST_SHARE, Math.min(worth, PLAIN));
  return plain + (1 - PLAIN) * (1 - Math.exp((plain - Math.max(worth, plain)) / (1 - PLAIN)));
}

/** Cosines that the model gives texts which have nothing in common, and which say the same. */
const UNLIKE = 0.2;
const ALIKE = 0.8;

/** How much likeness counts beside words, of which it takes the place where they say nothing. */
const LIKENESS = 0.3;

/** A cosine as a share: 0 for what is unlike, 1 for what says the same. */
export function likeness(cosine: number): number {
  return Math.min(1, Math.max(0, (cosine - UNLIKE) / (ALIKE - UNLIKE)));
}

/** Cosines of questions with documents that have nothing to do with them: mean and deviation. */
const CHANCE_MEAN = 0.085;
const CHANCE_SPREAD = 0.079;

/** What the nearest of them may lie above what is expected of it: 1 in 100 does. */
const CHANCE_MARGIN = 0.1;

/** Of fewer documents nothing was measured. */
const FEW = 8;

/**
 * The cosine that the nearest of `total` documents has by chance: it grows with their number, as the
 * greatest of so many draws does. Measured over subsets of 8 to 12,000, see `test/bench/README.md`.
 */
export function chanceOf(total: number): number {
  const expected = Math.sqrt(2 * Math.log(Math.max(total, FEW)));
  return CHANCE_MEAN + CHANCE_SPREAD * expected + CHANCE_MARGIN;
}

/** What a match is worth that is as like the query as chance would have it, and by how much it grows. */
const ALONE_LEAST = 0.2;
const ALONE_SLOPE = 0.9;

/** What is known of a match beside its words. */
export interface Likened {
  readonly cosine: number;
  /** What the best match of all is worth by its words. */
  readonly found: number;
  /** Documents of the store. */
  readonly total: number;
}

/**
 * What words and likeness together are worth. Likeness alone carries a match only where it is more
 * than chance, and only so far as words say nothing: not at all where they find something that is
 * plainly meant.
 */
export function together(text: number, { cosine, found, total }: Likened): number {
  const beyond = ALONE_LEAST + ALONE_SLOPE * (cosine - chanceOf(total));
  const alone = Math.max(0, 1 - found / PLAIN) * beyond;
  return Math.max((text + LIKENESS * likeness(cosine)) / (1 + LIKENESS), alone);
}

/** What a match is worth, and by what. */
export interface Worth {
  readonly worth: number;
  /** By its words, where likeness had a part in it, and by its likeness, where that is known. */
  readonly text?: number | undefined;
  readonly semantic?: number | undefined;
  /** How useful it was before, in -1..1. */
  readonly use?: number | undefined;
}

/** What distance leaves of a score. */
export function placed(proximity: number): number {
  return 1 - PROXIMITY_SHARE + PROXIMITY_SHARE * proximity;
}

/** The highest score that a match of this worth can have, where nothing is known of its use. */
export function highest(worth: number): number {
  return bounded(worth);
}

/** Scores one match from one standpoint. */
export function score(match: Match & Worth, from: Standpoint): Score {
  const { worth, text, semantic, use } = match;
  return {
    score: scoreOf(match, worth, from, use),
    match: bounded(worth),
    text: text === undefined ? bounded(worth) : text > 0 ? bounded(text) : 0,
    ...(semantic === undefined ? {} : { semantic }),
    recency: recencyOf(match, from),
    proximity: proximityOf(match, from),
    ...(use === undefined ? {} : { use }),
  };
}

/** What one match that is worth so much scores from one standpoint. */
export function scoreOf(match: Match, worth: number, from: Standpoint, use = 0): number {
  const aged = 1 - RECENCY_SHARE + RECENCY_SHARE * recencyOf(match, from);
  const kind = kindWeight(match.kind);
  const near = placed(proximityOf(match, from));
  return Math.min(1, bounded(worth) * aged * near * kind * (1 + USE_SHARE * use));
}

function recencyOf({ at }: Match, from: Standpoint): number {
  return 0.5 ** (Math.max(0, from.now - at) / DAY_MS / from.halfLifeDays);
}

function proximityOf({ projectKey }: Match, from: Standpoint): number {
  return projectKey === from.projectKey ? 1 : (from.near.get(projectKey) ?? ELSEWHERE);
}

/** A share in 0..1 as it is shown: four decimals. */
export function share(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
