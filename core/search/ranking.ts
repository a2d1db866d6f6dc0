import { type Counted, candidatesOf, type Held, UNREAD, unheardOf } from "./candidates.ts";
import { dateReader } from "./dates.ts";
import type { Filter } from "./filter.ts";
import type { Alike, Near } from "./likeness.ts";
import { finder } from "./places.ts";
import {
  highest,
  inverseFrequency,
  likeness,
  type Score,
  type SessionMatch,
  type Standpoint,
  score,
  scoreOf,
  share,
  together,
  type Worth,
  withSessions,
  worthsInSessions,
} from "./rank.ts";
import type { Candidate, RankingStore } from "./ranking-store.ts";
import { type Reader, reader, sumOf } from "./reading.ts";
import { asksForPast, FIRST_COMPARED, newestFirst } from "./replaced.ts";
import { namesAmong, type Term } from "./terms.ts";

/** Of the matches so many with most of the query's words are read; the rest go by which they hold. */
const MOST_SKIMMED = 80;

/** Of those so many are read again with what was said before and after. */
const MOST_READ = 24;

/** Besides, so many of those most like the query. */
const MOST_ALIKE = 48;

/**
 * Ranking looks at all that can reach this score, whatever score is asked for: what a match is worth
 * is a matter of the question alone. What lies below is listed only where somebody asks for it.
 */
const LOOKED_AT = 0.2;

/** Least cosine of what holds none of the words: below it everything is somewhat like everything. */
const LEAST_ALIKE = 0.3;

/** Steps in which a score is shown. */
const SHOWN_STEP = 0.0001;

/** Where the chunk most like the query begins in the body, in UTF-16 units. */
interface Place {
  readonly start?: number | undefined;
}

/** A match and what it is worth. */
export interface Ranked {
  readonly candidate: Candidate & Place;
  readonly parts: Score;
}

/** What is looked for, where, and from where it is looked at. */
export interface Asked {
  readonly query: string;
  readonly terms: readonly Term[];
  readonly filter: Filter;
  readonly minScore: number;
  readonly from: Standpoint;
}

/** A ranking that knows what words say; it ends with what is most like the query, where a model told. */
export type Begun = (near?: Near) => Ranked[];

/** What words say of the matches: the best of them read by their own text, and the others. */
interface Skimmed {
  readonly asked: Asked;
  readonly counted: Counted;
  readonly reads: Reader;
  /** What may be found by its words. */
  readonly said: readonly Held[];
  readonly skimmed: readonly Held[];
  /** What each of these is worth by its own text. */
  readonly alone: readonly number[];
  readonly unread: readonly Held[];
}

/**
 * Ranks in three steps. Every match is weighed by which words it holds: that is cheap, however many
 * there are. The best of them are then read and weighed by their best passage, and the best of
 * those again with what was said before and after. For the first two no model is needed: it can
 * compute meanwhile.
 */
export function ranking(
  store: RankingStore,
  useOf: (rowids: readonly number[]) => ReadonlyMap<number, number>,
) {
  function skim(asked: Asked): Skimmed {
    const { query, terms, filter, from } = asked;
    const total = store.count();
    const holders = store.holders();
    const counts = terms.map((term) => holders.count(term, total));
    const dates = dateReader(terms, { query, now: from.now });
    const { first, last } = dates ? store.span() : { first: 0, last: 0 };
    const days = dates?.daysBetween(first, last);
    const names = namesAmong(terms, query);
    const weights = weigh(counts, { total, names, dated: days?.shares });
    const missing = weights.filter((weight) => weight === 0).length * unheardOf(total);
    const whole = sumOf(weights) + missing || 1;
    const counted = { terms, counts, weights, whole, holders, total, dates, days };
    const said = candidatesOf(store, counted, { filter, minScore: LOOKED_AT });
    const heldOf = (one: Held): number =>
      (dates?.namedAt(one.at) ?? []).reduce((sum, term) => sum + (weights[term] ?? 0), one.held);
    const worths = worthsInSessions(
      said,
      said.map((one) => heldOf(one) / whole),
    );
    const reads = reader(store, { find: finder(terms), weights, dates, missing });
    const [skimmed, unread] = split(said, worths, { most: MOST_SKIMMED, from });
    return { asked, counted, reads, said, skimmed, alone: reads.alone(skimmed), unread };
  }

  /** The best of what was skimmed, read and weighed with what is most like the query; and the rest. */
  function readBest(known: Skimmed, near: Near | undefined) {
    const { asked, reads, skimmed, alone, unread } = known;
    const { filter, from } = asked;
    const { total } = known.counted;
    const alikeOf = near && new Map([...near.found, ...near.of(unknown(skimmed, near))]);
    const all = fused(skimmed, alone, { alikeOf, total });
    const worths = all.map(({ worth }) => worth);
    const [likely, rest] = split(all, worths, { most: MOST_READ, from });
    const like = near ? alike(store, { near, filter, beside: likely }) : [];
    const toRead = [...likely, ...like];
    const inPlace = reads.inPlace(toRead);
    const use = useOf(toRead.map(({ rowid }) => rowid));
    const best = fused(toRead, inPlace, { alikeOf, total }).map((one) => ({
      ...one,
      use: use.get(one.rowid),
    }));
    const isRead = new Set(toRead.map(({ rowid }) => rowid));
    return { best, rest: [...rest, ...unread].filter(({ rowid }) => !isRead.has(rowid)) };
  }

  function finish(known: Skimmed, near: Near | undefined): Ranked[] {
    const { asked, counted, reads, said } = known;
    const { query, filter, minScore, from } = asked;
    const { best, rest } = readBest(known, near);
    const passedOver = [
      ...rest.map((one) => ({ ...one, worth: (UNREAD * one.held) / counted.whole })),
      ...(minScore < LOOKED_AT
        ? below(store, { counted, filter, said: [...said, ...best], minScore })
        : []),
    ];
    const read = scored(withSessions(best), from);
    // What can reach neither the least score nor the first results is seen by nobody.
    const least = Math.min(minScore, read[FIRST_COMPARED - 1]?.parts.score ?? 0) - SHOWN_STEP;
    const others = passedOver.filter(({ worth }) => highest(worth) >= least);
    const ranked = others.length > 0 ? inOrder([...read, ...scored(others, from)]) : read;
    const isOfNow = !counted.dates && !asksForPast(query);
    const { bodyOf, placesOf } = reads;
    const texts = { bodyOf, placesOf, weights: counted.weights };
    // As it is shown: what says 0.2 is not less than 0.2.
    return (isOfNow ? newestFirst(ranked, texts) : ranked).filter(
      ({ parts }) => share(parts.score) >= minScore,
    );
  }

  /** Begins to look for every match at or above the least score, best first. */
  return (asked: Asked): Begun => {
    const known = skim(asked);
    return (near) => finish(known, near);
  };
}

/** What is looked at from one standpoint, best first. */
function scored(matches: readonly (Candidate & Place & Worth)[], from: Standpoint): Ranked[] {
  return inOrder(matches.map((candidate) => ({ candidate, parts: score(candidate, from) })));
}

function inOrder(ranked: Ranked[]): Ranked[] {
  return ranked.sort(
    (a, b) => b.parts.score - a.parts.score || b.candidate.rowid - a.candidate.rowid,
  );
}

/** What reaches the least score by its words and is not in `said`: worth less than ranking looks at. */
function below(
  store: RankingStore,
  asked: { counted: Counted; filter: Filter; said: readonly Held[]; minScore: number },
): (Held & SessionMatch)[] {
  const { counted, filter, minScore } = asked;
  const known = new Set(asked.said.map(({ rowid }) => rowid));
  return candidatesOf(store, counted, { filter, minScore })
    .filter(({ rowid }) => !known.has(rowid))
    .map((one) => {
      const worth = (UNREAD * one.held) / counted.whole;
      return { ...one, worth: Math.min(worth, LOOKED_AT - SHOWN_STEP) };
    });
}

/** The best `most` as they score from a standpoint, each worth so much, and the rest. */
function split<M extends Held>(
  found: readonly M[],
  worths: readonly number[],
  { most, from }: { most: number; from: Standpoint },
): [M[], M[]] {
  const scores = found.map((one, index) => scoreOf(one, worths[index] ?? 0, from));
  const rowidAt = (index: number) => found[index]?.rowid ?? 0;
  const scoreAt = (index: number) => scores[index] ?? 0;
  const sorted = [...found.keys()]
    .sort((a, b) => scoreAt(b) - scoreAt(a) || rowidAt(b) - rowidAt(a))
    .map((index) => found[index] as M);
  return [sorted.slice(0, most), sorted.slice(most)];
}

/** The documents most like the query that are not among `beside`. */
function alike(
  store: RankingStore,
  { near, filter, beside }: { near: Near; filter: Filter; beside: readonly Held[] },
): Held[] {
  const known = new Set(beside.map(({ rowid }) => rowid));
  const rowids = [...near.found]
    .slice(0, MOST_ALIKE)
    .filter(([rowid, { similarity }]) => similarity >= LEAST_ALIKE && !known.has(rowid))
    .map(([rowid]) => rowid);
  return store.candidates(rowids, filter).map((one) => ({ ...one, held: 0, inTools: [] }));
}

/** Of what words found, that of which is not known how like the query it is. */
function unknown(skimmed: readonly Held[], { found }: Near): number[] {
  return skimmed.flatMap(({ rowid }) => (found.has(rowid) ? [] : rowid));
}

/**
 * What documents that were read are worth by their words, `texts`, and by their likeness. One that
 * has no vector yet is taken to be as like the query as the others are.
 */
function fused(
  read: readonly Held[],
  texts: readonly number[],
  { alikeOf, total }: { alikeOf: ReadonlyMap<number, Alike> | undefined; total: number },
): (Held & SessionMatch & Worth & Place)[] {
  const found = Math.max(0, ...texts);
  const known = read.flatMap(({ rowid }) => alikeOf?.get(rowid) ?? []);
  const usual = sumOf(known.map(({ similarity }) => similarity)) / known.length;
  return read.map((one, index) => {
    const text = texts[index] ?? 0;
    const alike = alikeOf?.get(one.rowid);
    if (known.length === 0) return { ...one, worth: text };
    if (!alike) return { ...one, worth: together(text, { cosine: usual, found, total }), text };
    const semantic = likeness(alike.similarity);
    const worth = together(text, { cosine: alike.similarity, found, total });
    return { ...one, worth, text, semantic, start: alike.start };
  });
}

/** A name in a question says which of many is meant: it weighs so much of another word. */
const NAME_WEIGHT = 1.5;

/** What each term tells documents apart by; 0 for one that none answers, by a word or by its date. */
function weigh(
  counts: readonly number[],
  {
    total,
    names,
    dated,
  }: { total: number; names: ReadonlySet<number>; dated?: ReadonlyMap<number, number> | undefined },
): number[] {
  return counts.map((count, term) => {
    // A day that is named is one document's at least, however few there are.
    const most = Math.max(count, Math.ceil(total * (dated?.get(term) ?? 0)));
    return most > 0 ? inverseFrequency(most, total) * (names.has(term) ? NAME_WEIGHT : 1) : 0;
  });
}
