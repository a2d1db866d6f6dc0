import {
  type Counted,
  candidatesOf,
  type Held,
  TOOL_SHARE,
  UNREAD,
  unheardOf,
} from "./candidates.ts";
import { type DateReader, dateReader } from "./dates.ts";
import type { Filter } from "./filter.ts";
import type { Near } from "./likeness.ts";
import type { PassageRow } from "./model.ts";
import { passageIdeal, passageScore, type Stretch, type Unit } from "./passage-score.ts";
import { type Finder, finder } from "./places.ts";
import {
  inverseFrequency,
  likeness,
  type Score,
  type SessionMatch,
  type Standpoint,
  score,
  share,
  together,
  type Worth,
  withSessions,
} from "./rank.ts";
import type { Candidate, RankingStore, StoredText } from "./ranking-store.ts";
import { matchExpression, type Term } from "./terms.ts";

/** Of the matches with most of the query's words the best are read; the rest go by their words alone. */
const MOST_READ = 48;

/**
 * Ranking looks at all that can reach this score, whatever score is asked for: what a match is worth
 * is a matter of the question alone. What lies below is listed only where somebody asks for it.
 */
const LOOKED_AT = 0.2;

/** Least cosine of what holds none of the words: below it everything is somewhat like everything. */
const LEAST_ALIKE = 0.35;

/** Where so much of the query stands in what tools gave alone, that is read too: an error, a log. */
const TOOLS_READ = 0.25;

/** What a passage of it is worth beside one that was said. */
const TOOLS_WORTH = 0.8;

/** Steps in which a score is shown. */
const SHOWN_STEP = 0.0001;

/** What a word in the title or a tag counts as, in words said. */
const TITLE_COUNT = 1.5;

/** What a part of its date counts as, in words said: a date is no chance. */
const DATE_COUNT = 3;

/** Longer messages count as several units, so that a passage is one wherever it stands. */
const UNIT_CHARS = 400;

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
  /** What is most like the query; missing where no model tells. */
  readonly near?: Near | undefined;
}

/**
 * Ranks in two steps. Every match is weighed by which words it holds: that is cheap, however many
 * there are. The best of them are then read, with what was said before and after, and weighed by
 * their best passage.
 */
export function ranking(store: RankingStore) {
  /** Every match at or above the least score, best first. */
  return ({ query, terms, filter, minScore, from, near }: Asked): Ranked[] => {
    const total = store.count();
    const counts = terms.map((term) => store.matches(matchExpression([term]), total));
    const dates = dateReader(terms, query);
    const counted = { terms, counts, total, dates };
    const said = candidatesOf(store, counted, { filter, minScore: LOOKED_AT });
    const dated = dates && shares(said.map(({ at }) => dates.namedAt(at)));
    const weights = weigh(counts, total, dated);
    const missing = weights.filter((weight) => weight === 0).length * unheardOf(total);
    const ideal = sumOf(weights) + missing || 1;
    const heldOf = (one: Held): number =>
      (dates?.namedAt(one.at) ?? []).reduce((sum, term) => sum + (weights[term] ?? 0), one.held);
    const [likely, rest] = split(
      withSessions(said.map((one) => ({ ...one, worth: heldOf(one) / ideal }))),
      (one) => score(one, from).score,
    );
    const like = near ? alike(store, { near, filter, beside: likely }) : [];
    const reading = { find: finder(terms), weights, dates, missing };
    const best = read(store, [...likely, ...like], reading).map(([one, text]) =>
      fused(one, text, near),
    );
    const isRead = new Set(best.map(({ rowid }) => rowid));
    const passedOver = [
      ...rest.map((one) => ({ ...one, worth: (UNREAD * one.held) / ideal })),
      ...(minScore < LOOKED_AT ? below(store, { counted, filter, said, ideal }) : []),
    ].filter(({ rowid }) => !isRead.has(rowid));
    return (
      [...withSessions(best), ...passedOver]
        .map((candidate) => ({ candidate, parts: score(candidate, from) }))
        // As it is shown: what says 0.2 is not less than 0.2.
        .filter(({ parts }) => share(parts.score) >= minScore)
        .sort((a, b) => b.parts.score - a.parts.score || b.candidate.rowid - a.candidate.rowid)
    );
  };
}

/** What holds a word of the query and is not in `said`: worth less than ranking looks at. */
function below(
  store: RankingStore,
  asked: { counted: Counted; filter: Filter; said: readonly Held[]; ideal: number },
): (Held & SessionMatch)[] {
  const known = new Set(asked.said.map(({ rowid }) => rowid));
  return candidatesOf(store, asked.counted, { filter: asked.filter, minScore: 0 })
    .filter(({ rowid }) => !known.has(rowid))
    .map((one) => {
      const worth = (UNREAD * one.held) / asked.ideal;
      return { ...one, worth: Math.min(worth, LOOKED_AT - SHOWN_STEP) };
    });
}

/** The best by `worthOf`, as many as are read, and the rest. */
function split<M extends Held>(found: readonly M[], worthOf: (one: M) => number): [M[], M[]] {
  const sorted = found
    .map((one) => ({ one, worth: worthOf(one) }))
    .sort((a, b) => b.worth - a.worth || b.one.rowid - a.one.rowid)
    .map(({ one }) => one);
  return [sorted.slice(0, MOST_READ), sorted.slice(MOST_READ)];
}

/** The documents most like the query that are not among `beside`. */
function alike(
  store: RankingStore,
  { near, filter, beside }: { near: Near; filter: Filter; beside: readonly Held[] },
): Held[] {
  const known = new Set(beside.map(({ rowid }) => rowid));
  const rowids = [...near.byRowid]
    .slice(0, MOST_READ)
    .filter(([rowid, { similarity }]) => similarity >= LEAST_ALIKE && !known.has(rowid))
    .map(([rowid]) => rowid);
  return store.candidates(rowids, filter).map((one) => ({ ...one, held: 0, inTools: [] }));
}

/**
 * What a document that was read is worth by its words and by its likeness. One that is not among the
 * most alike is as unlike as the last of them at most; where all are told of, it has no vector yet,
 * and goes by its words.
 */
function fused(one: Held, text: number, near: Near | undefined): Held & SessionMatch & Worth {
  const cosine = near?.byRowid.get(one.rowid)?.similarity ?? near?.rest;
  if (cosine === undefined) return { ...one, worth: text };
  const semantic = likeness(cosine);
  return { ...one, worth: together(text, semantic), text, semantic };
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

/**
 * Reads documents with their neighbours and says what the best passage of each is worth, in 0..1 or
 * above.
 */
function read(
  store: RankingStore,
  found: readonly Held[],
  { find, weights, dates, missing }: Reading,
): [one: Held, worth: number][] {
  const ideal = passageIdeal([...weights, missing]);
  const whole = sumOf(weights) + missing;
  const stretchOf = stretches(store, found, find);
  return found.map((one) => {
    const { title, stretch } = stretchOf(one);
    const given = weights.map(() => 0);
    const inTools = sumOf(one.inTools.map((term) => weights[term] ?? 0));
    for (const { term } of find(title)) given[term] = TITLE_COUNT;
    for (const term of one.inTools) given[term] ||= TOOL_SHARE;
    for (const term of dates?.namedAt(one.at) ?? []) {
      given[term] = (given[term] ?? 0) + DATE_COUNT;
    }
    const said = passageScore(stretch, weights, given) / ideal;
    if (inTools < TOOLS_READ * whole) return [one, said];
    const printed = cut({ body: store.toolsOf(one.rowid), passages: [] }, find);
    const own = { units: printed, from: 0, to: printed.length };
    return [one, Math.max(said, (TOOLS_WORTH * passageScore(own, weights, given)) / ideal)];
  });
}

/** What was said round each of `found`, with its title. Each text is read and cut once. */
function stretches(store: RankingStore, found: readonly Held[], find: Finder) {
  const own = found.map(({ rowid }) => rowid);
  const beside = store.beside(own);
  const rowids = [...beside.values()].flatMap(({ before, after }) => [...before, ...after]);
  const texts = new Map(
    store
      .texts([...own, ...rowids])
      .map((text) => [text.rowid, { title: text.title, units: cut(text, find) }]),
  );
  const unitsOf = (list: readonly number[] = []) =>
    list.flatMap((at) => texts.get(at)?.units ?? []);
  return ({ rowid }: Held): { title: string; stretch: Stretch } => {
    const { title, units } = texts.get(rowid) ?? { title: "", units: [] };
    const before = unitsOf(beside.get(rowid)?.before);
    const after = unitsOf(beside.get(rowid)?.after);
    const [from, to] = [before.length, before.length + units.length];
    return { title, stretch: { units: [...before, ...units, ...after], from, to } };
  };
}

/** The messages of a body, a long one in parts, each with the places that lie in it. */
function cut({ body, passages }: Pick<StoredText, "body" | "passages">, find: Finder): Unit[] {
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
      };
    });
  });
}
