import type { DateReader } from "./dates.ts";
import type { Filter } from "./filter.ts";
import { inverseFrequency } from "./rank.ts";
import type { Candidate, RankingStore } from "./ranking-store.ts";
import { matchExpression, type Term } from "./terms.ts";

/** Of the matches so many with most of the query's words are looked at more closely. */
const MOST_EARLY = 400;

/** A term in more documents than this is frequent: its list takes its time. */
const FREQUENT = 2_000;

/** What a document by its words alone is worth beside one whose passages were read. */
export const UNREAD = 0.3;

/** Columns of what was said, and of what tools were given and gave back. */
const SAID = "{title body parts}";
const TOOLS = "{tools}";

/** What a word in a tool's text counts beside one that was said. */
export const TOOL_SHARE = 0.6;

/** Documents of a store in which half of the words that somebody may ask for can be expected. */
const HALF_SPOKEN = 2_000;

/** What is asked for, and how many documents hold each term. */
export interface Counted {
  readonly terms: readonly Term[];
  readonly counts: readonly number[];
  /** Documents of the store. */
  readonly total: number;
  readonly dates: DateReader | undefined;
}

/** A match and which of the query's terms it holds. */
export interface Held extends Candidate {
  /** Sum of the weights of the terms that it holds. */
  readonly held: number;
  /** Terms that stand in what its tools were given or gave back, and not in what was said. */
  readonly inTools: readonly number[];
}

/** A term with its idf and its FTS5 expression. */
interface Weighed {
  readonly index: number;
  readonly match: string;
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
  { terms, counts, total, dates }: Counted,
  { filter, minScore }: { filter: Filter; minScore: number },
): Held[] {
  // What names a date is seldom said: nothing is passed over for want of it.
  const isWord = (index: number) => !dates?.terms.has(index);
  const weighed = terms.flatMap((term, index) => {
    const count = counts[index] ?? 0;
    const weight = inverseFrequency(count, total);
    return count > 0 ? { index, match: matchExpression([term]), weight } : [];
  });
  const ideal = counts.reduce((sum, count, index) => {
    if (!isWord(index)) return sum;
    return sum + (count > 0 ? inverseFrequency(count, total) : unheardOf(total));
  }, 0);
  const rarestFirst = weighed.sort((a, b) => b.weight - a.weight);
  let left = weighed.reduce((sum, { index, weight }) => sum + (isWord(index) ? weight : 0), 0);
  const needed = rarestFirst.filter(({ index, weight }, rank) => {
    const isFrequent = (counts[index] ?? 0) > FREQUENT;
    const isNeeded = rank === 0 || !isFrequent || left >= minScore * ideal;
    if (isWord(index)) left -= weight;
    return isNeeded;
  });
  const beside = rarestFirst.filter((term) => !needed.includes(term));
  const lists = lookUp(store, needed, beside);
  return fetch(store, lists, { filter, enough: (minScore * ideal) / UNREAD });
}

interface Lists {
  readonly held: ReadonlyMap<number, number>;
  readonly inTools: ReadonlyMap<number, readonly number[]>;
}

/**
 * Which documents hold which terms, by rowid. Those of `beside` are looked up only together with the
 * others: their lists are long, and what holds nothing else is no match.
 */
function lookUp(
  store: RankingStore,
  needed: readonly Weighed[],
  beside: readonly Weighed[],
): Lists {
  const held = new Map<number, number>();
  const inTools = new Map<number, number[]>();
  const add = (rowid: number, weight: number) => held.set(rowid, (held.get(rowid) ?? 0) + weight);
  for (const { index, match, weight } of needed) {
    const said = new Set(store.holding(`${SAID} : (${match})`));
    for (const rowid of said) add(rowid, weight);
    for (const rowid of store.holding(`${TOOLS} : (${match})`)) {
      if (said.has(rowid)) continue;
      add(rowid, weight * TOOL_SHARE);
      inTools.set(rowid, [...(inTools.get(rowid) ?? []), index]);
    }
  }
  const any = needed.map(({ match }) => match).join(" OR ");
  for (const { match, weight } of any === "" ? [] : beside) {
    for (const rowid of store.holding(`(${SAID} : (${match})) AND (${any})`)) add(rowid, weight);
  }
  return { held, inTools };
}

/** The heaviest that the filter lets through, and all that hold `enough`. */
function fetch(
  store: RankingStore,
  { held, inTools }: Lists,
  { filter, enough }: { filter: Filter; enough: number },
): Held[] {
  const heaviest = [...held].sort((a, b) => b[1] - a[1] || b[0] - a[0]);
  const found: Held[] = [];
  for (let from = 0; from < heaviest.length; from += MOST_EARLY) {
    const part = heaviest.slice(from, from + MOST_EARLY);
    if (found.length >= MOST_EARLY && (part[0]?.[1] ?? 0) < enough) break;
    const rowids = part.map(([rowid]) => rowid);
    for (const one of store.candidates(rowids, filter)) {
      const { rowid } = one;
      found.push({ ...one, held: held.get(rowid) ?? 0, inTools: inTools.get(rowid) ?? [] });
    }
  }
  return found;
}
