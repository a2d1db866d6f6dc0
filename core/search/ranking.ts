import { candidatesOf, type Held, TOOL_SHARE, UNREAD, unheardOf } from "./candidates.ts";
import { type DateReader, dateReader } from "./dates.ts";
import type { Filter } from "./filter.ts";
import type { PassageRow } from "./model.ts";
import { passageIdeal, passageScore, type Unit } from "./passage-score.ts";
import { type Finder, finder } from "./places.ts";
import { inverseFrequency, type Score, type Standpoint, score, withSessions } from "./rank.ts";
import type { Candidate, RankingStore, StoredText } from "./ranking-store.ts";
import { matchExpression, type Term } from "./terms.ts";

/** Of the matches with most of the query's words the best are read; the rest go by their words alone. */
const MOST_READ = 48;

/** What a word in the title or a tag counts as, in words said. */
const TITLE_COUNT = 1.5;

/** Longer messages count as several units, so that a passage is one wherever it stands. */
const UNIT_CHARS = 250;

/** A match and what it is worth. */
export interface Ranked {
  readonly candidate: Candidate;
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

/**
 * Ranks in two steps. Every match is weighed by which words it holds: that is cheap, however many
 * there are. The best of them are then read, with what was said before and after, and weighed by
 * their best passage.
 */
export function ranking(store: RankingStore) {
  /** Every match at or above the least score, best first. */
  return ({ query, terms, filter, minScore, from }: Asked): Ranked[] => {
    const total = store.count();
    const counts = terms.map((term) => store.matches(matchExpression([term])));
    const dates = dateReader(terms, query);
    const candidates = candidatesOf(store, { terms, counts, total, dates }, { filter, minScore });
    const weights = weigh(
      counts,
      total,
      dates && shares(candidates.map(({ at }) => dates.namedAt(at))),
    );
    const missing = weights.filter((weight) => weight === 0).length * unheardOf(total);
    const ideal = sumOf(weights) + missing;
    const dated = (one: Held): number =>
      (dates?.namedAt(one.at) ?? []).reduce((sum, term) => sum + (weights[term] ?? 0), one.held);
    const early = withSessions(candidates.map((one) => ({ ...one, text: dated(one) / ideal })))
      .map((one) => ({ one, worth: score(one, one.text, from).score }))
      .sort((a, b) => b.worth - a.worth || b.one.rowid - a.one.rowid)
      .map(({ one }) => one);
    const read = reader(store, { find: finder(terms), weights, dates, missing });
    const best = early.slice(0, MOST_READ).map((one) => ({ ...one, text: read(one) }));
    const rest = early
      .slice(MOST_READ)
      .map((one) => ({ ...one, text: (UNREAD * one.held) / ideal }));
    return [...withSessions(best), ...rest]
      .map((candidate) => ({ candidate, parts: score(candidate, candidate.text, from) }))
      .filter(({ parts }) => parts.score >= minScore)
      .sort((a, b) => b.parts.score - a.parts.score || b.candidate.rowid - a.candidate.rowid);
  };
}

/** What each term tells documents apart by; 0 for one that none answers, by a word or by its date. */
function weigh(
  counts: readonly number[],
  total: number,
  dated: ReadonlyMap<number, number> = new Map(),
): number[] {
  return counts.map((count, term) => {
    const most = Math.max(count, Math.round(total * (dated.get(term) ?? 0)));
    return most > 0 ? inverseFrequency(most, total) : 0;
  });
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The share of `lists` that each number stands in. */
function shares(lists: readonly (readonly number[])[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const one of lists.flat()) found.set(one, (found.get(one) ?? 0) + 1 / lists.length);
  return found;
}

interface Reading {
  readonly find: Finder;
  readonly weights: readonly number[];
  readonly dates: DateReader | undefined;
  /** Weight of the terms that stand nowhere. */
  readonly missing: number;
}

/** Reads a document with its neighbours and says what its best passage is worth, in 0..1 or above. */
function reader(store: RankingStore, { find, weights, dates, missing }: Reading) {
  const ideal = passageIdeal([...weights, missing]);
  const units = new Map<number, Unit[]>();
  const unitsOf = (text: StoredText): Unit[] => {
    const known = units.get(text.rowid);
    if (known) return known;
    const made = cut(text, find);
    units.set(text.rowid, made);
    return made;
  };
  return (one: Held): number => {
    const texts = store.around(one.rowid);
    const stretch = texts.flatMap((text) =>
      unitsOf(text).map((unit) => ({ ...unit, own: text.rowid === one.rowid })),
    );
    const given = weights.map(() => 0);
    for (const { term } of find(texts.find(({ rowid }) => rowid === one.rowid)?.title ?? "")) {
      given[term] = TITLE_COUNT;
    }
    for (const term of one.inTools) given[term] ||= TOOL_SHARE;
    for (const term of dates?.namedAt(one.at) ?? []) given[term] = (given[term] ?? 0) + 1;
    return passageScore(stretch, weights, given) / ideal;
  };
}

/** The messages of a body, a long one in parts, each with the places that lie in it. */
function cut({ body, passages }: StoredText, find: Finder): Unit[] {
  const places = find(body);
  const spans: readonly PassageRow[] = passages.length > 0 ? passages : [["", "", 0, body.length]];
  return spans.flatMap(([, , start, end]) => {
    const count = Math.max(1, Math.ceil((end - start) / UNIT_CHARS));
    const chars = (end - start) / count;
    return Array.from({ length: count }, (_, index) => {
      const from = start + index * chars;
      return {
        chars,
        places: places.filter(({ at }) => at >= from && at < from + chars),
        own: false,
      };
    });
  });
}
