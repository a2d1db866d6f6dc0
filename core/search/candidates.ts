import type { DateReader, NamedDays } from "./dates.ts";
import { type Filter, isNarrow } from "./filter.ts";
import { inverseFrequency } from "./rank.ts";
import type { Candidate, RankingStore, TermHolders } from "./ranking-store.ts";
import { isAmong } from "./row-lists.ts";
import type { Tally } from "./tally.ts";
import type { Term } from "./terms.ts";

/** Of the matches so many with most of the query's words are looked at more closely. */
const MOST_EARLY = 400;

/** A term in more documents than this is frequent: its list takes its time. */
const FREQUENT = 2_000;

/** What a document by its words alone is worth beside one whose passages were read. */
export const UNREAD = 0.3;

/** What a word in a tool's text counts beside one that was said. */
export const TOOL_SHARE = 0.6;

/** Documents of a store in which half of the words that somebody may ask for can be expected. */
const HALF_SPOKEN = 2_000;

/** What is asked for, and how many documents hold each term. */
export interface Counted {
  readonly terms: readonly Term[];
  readonly counts: readonly number[];
  /** What each term tells documents apart by, its days counted, and all of them together. */
  readonly weights: readonly number[];
  readonly whole: number;
  readonly holders: TermHolders;
  /** Documents of the store. */
  readonly total: number;
  readonly dates: DateReader | undefined;
  /** The days of the store's time that the terms name. */
  readonly days: NamedDays | undefined;
}

/** A match and which of the query's terms it holds. */
export interface Held extends Candidate {
  /** Sum of the weights of the terms that it holds. */
  readonly held: number;
  /** Terms that stand in what its tools were given or gave back, and not in what was said. */
  readonly inTools: readonly number[];
}

/** A term with its idf. */
interface Weighed {
  readonly index: number;
  /** Documents that hold it. */
  readonly count: number;
  readonly term: Term;
  readonly weight: number;
}

/**
 * What a term weighs that stands nowhere: what was asked for was hardly said then, unless the store
 * is so small that most words are still to come.
 */
export function unheardOf(total: number): number {
  return (inverseFrequency(0, total) * total) / (total + HALF_SPOKEN);
}

/**
 * The documents that hold any of the terms, each with the weight of what it holds, the most first:
 * as many as ranking looks at, and all that reach the least score by their words alone.
 */
export function candidatesOf(
  store: RankingStore,
  { terms, counts, weights, whole, holders, total, dates, days }: Counted,
  { filter, minScore }: { filter: Filter; minScore: number },
): Held[] {
  // What names a date is seldom said: nothing is passed over for want of it.
  const isWord = (index: number) => !dates?.terms.has(index);
  const weighed = terms.flatMap((term, index) => {
    const count = counts[index] ?? 0;
    const weight = inverseFrequency(count, total);
    return count > 0 ? { index, count, term, weight } : [];
  });
  const ideal = counts.reduce((sum, count, index) => {
    if (!isWord(index)) return sum;
    return sum + (count > 0 ? inverseFrequency(count, total) : unheardOf(total));
  }, 0);
  const rarestFirst = weighed.sort((a, b) => b.weight - a.weight);
  const weightOf = (terms: readonly Weighed[]) =>
    terms.reduce((sum, { index, weight }) => sum + (isWord(index) ? weight : 0), 0);
  const needed = rarestFirst.filter((term, rank) => {
    const isFrequent = term.count > FREQUENT;
    return rank === 0 || !isFrequent || weightOf(rarestFirst.slice(rank)) >= minScore * ideal;
  });
  const beside = rarestFirst.filter((term) => !needed.includes(term));
  const enough = (minScore * ideal) / UNREAD;
  // How many of those found the filter lets through is not known before.
  const bounded = isNarrow(filter) ? 0 : enough;
  const lists = lookUp(store, holders, { needed, beside, enough: bounded });
  const dated = days ? lookUpDays(store, days, weights) : [];
  for (const { rowids, weight } of dated) lists.held.add(rowids, weight);
  return fetch(store, { ...lists, dated }, { filter, enough: (minScore * whole) / UNREAD });
}

/** Days that are more than this share of a history tell little. */
const MOST_OF_HISTORY = 0.25;

/** What is of some days that a query names, and how much that weighs. */
interface DatedList {
  readonly rowids: Uint32Array;
  readonly weight: number;
}

/**
 * The documents of the days that the query names, with what these weigh: what holds its words is
 * looked at in the order in which ranking weighs it.
 */
function lookUpDays(
  store: RankingStore,
  { ranges, shares }: NamedDays,
  weights: readonly number[],
): DatedList[] {
  return ranges.flatMap(({ from, to, terms }) => {
    const telling = terms.filter((term) => (shares.get(term) ?? 0) <= MOST_OF_HISTORY);
    const weight = telling.reduce((sum, term) => sum + (weights[term] ?? 0), 0);
    return weight > 0 ? { rowids: store.during(from, to), weight } : [];
  });
}

/** Terms to look up, the rarest first, and the sum at which a match is wanted, however many there are. */
interface Wanted {
  readonly needed: readonly Weighed[];
  readonly beside: readonly Weighed[];
  readonly enough: number;
}

interface Lists {
  readonly held: Tally;
  /** By its index, what holds a term in its tools' texts alone. */
  readonly inTools: ReadonlyMap<number, Uint32Array>;
  readonly dated?: readonly DatedList[];
}

/**
 * Which documents hold which terms. Those of `beside` are added only to what the others found: what
 * holds nothing else is no match. So are all terms once they could not lift a document that holds
 * nothing else above those found.
 */
function lookUp(store: RankingStore, holders: TermHolders, wanted: Wanted): Lists {
  const { needed, beside, enough } = wanted;
  const held = store.tally();
  const lists = new Map<number, Uint32Array>();
  let isOpen = true;
  for (const [rank, { index, term, count, weight }] of needed.entries()) {
    const left = [...needed.slice(rank), ...beside].reduce((sum, { weight }) => sum + weight, 0);
    isOpen &&= count <= FREQUENT || left >= enough || held.above(left) < MOST_EARLY;
    if (!isOpen) held.close();
    const { said, inTools } = holders.of(term);
    held.add(said, weight);
    held.add(inTools, weight * TOOL_SHARE);
    lists.set(index, inTools);
  }
  held.close();
  for (const { term, weight } of needed.length > 0 ? beside : []) {
    held.add(holders.of(term).said, weight);
  }
  return { held, inTools: lists };
}

/** The heaviest that the filter lets through, and all that hold `enough`. */
function fetch(
  store: RankingStore,
  { held, inTools, dated = [] }: Lists,
  { filter, enough }: { filter: Filter; enough: number },
): Held[] {
  const found: Held[] = [];
  // Which date one has is weighed with the others of its terms later.
  const ofDate = (rowid: number) =>
    dated.reduce((sum, { rowids, weight }) => (isAmong(rowids, rowid) ? sum + weight : sum), 0);
  const isEnough = (rowid: number) => held.of(rowid) >= enough;
  for (const rowids of held.greatestFirst(MOST_EARLY)) {
    const isFull = found.length >= MOST_EARLY;
    if (isFull && held.of(rowids[0] ?? 0) < enough) break;
    for (const one of store.candidates(isFull ? rowids.filter(isEnough) : rowids, filter)) {
      const { rowid, kind, projectKey, sessionId, at, hash } = one;
      const own = held.of(rowid) - ofDate(rowid);
      const given = termsAmong(inTools, rowid);
      found.push({ rowid, kind, projectKey, sessionId, at, hash, held: own, inTools: given });
    }
  }
  return found;
}

/** The terms whose lists hold `rowid`. */
function termsAmong(lists: Lists["inTools"], rowid: number): readonly number[] {
  let terms = NONE;
  for (const [term, list] of lists) if (isAmong(list, rowid)) terms = [...terms, term];
  return terms;
}

const NONE: readonly number[] = [];
