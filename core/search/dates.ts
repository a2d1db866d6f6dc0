import { MONTHS } from "./calendar.ts";
import { STAMP, stem, type Term, wordsOf } from "./terms.ts";
import { readTime } from "./time-expression.ts";

const WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday".split(" ");

/** The month and not the verb. */
const NAMED_MAY =
  /(?<!^\s*)\bMay\b|\b(?:in|on|of|since|until|last|\d{1,2}(?:st|nd|rd|th)?) may\b|\bmay \d/;

const DAY_MS = 86_400_000;

const STAMPS = new RegExp(STAMP, "g");

/** Times reckoned from the present one. */
const RELATIVE =
  /\b(?:yesterday|today|(?:last|this|past) (?:week|month|quarter|year)|\d{1,3} (?:days?|weeks?|months?) ago)\b/gi;

/** Says whether a time (epoch ms) is what a term of the query names. */
type Names = (at: number) => boolean;

/** The query's terms that name a time: `May`, `2023`, `2026-03-17`, `last week`, and not `5`. */
export interface DateReader {
  readonly terms: ReadonlySet<number>;
  /** Those of them that a time answers by its date. */
  readonly namedAt: (at: number) => readonly number[];
  /** The days from `first` to `last` (epoch ms) that any of the terms name. */
  readonly daysBetween: (first: number, last: number) => NamedDays;
}

/** Days in a row that the same terms name. */
export interface NamedRange {
  /** Epoch ms, the first instant and the first one after the last. */
  readonly from: number;
  readonly to: number;
  readonly terms: readonly number[];
}

/** Days that are named. */
export interface NamedDays {
  /** The latest first. */
  readonly ranges: readonly NamedRange[];
  /** The share of all days that each term names. */
  readonly shares: ReadonlyMap<number, number>;
}

/**
 * The terms that name a time: months, days of the week, years, beside a month the day of it, dates
 * in digits, and times reckoned from `now` (epoch ms). When a conversation took place is seldom
 * said in it.
 */
export function dateReader(
  terms: readonly Term[],
  { query, now }: { readonly query: string; readonly now: number },
): DateReader | undefined {
  const said = new Map([...stampsIn(query), ...rangesIn(query, now)]);
  const isMay = NAMED_MAY.test(query);
  const hasMonth = terms.some(
    ({ words: [word = "", ...more] }) =>
      more.length === 0 && monthOf(word) >= 0 && (word !== "may" || isMay),
  );
  const wanted = terms.flatMap(({ words }, term) => {
    const [word = "", ...more] = words;
    const isVerb = word === "may" && !isMay;
    const named =
      said.get(words.join(" ")) ??
      (more.length > 0 || isVerb ? undefined : dateWord(word, hasMonth));
    return named ? [{ term, named }] : [];
  });
  if (wanted.length === 0) return undefined;
  const namedAt = (at: number) => wanted.flatMap(({ term, named }) => (named(at) ? term : []));
  return {
    terms: new Set(wanted.map(({ term }) => term)),
    namedAt,
    daysBetween: (first, last) => daysNamed(namedAt, { first, last }),
  };
}

/** Longer histories are looked through from this many days before their end. */
const MOST_DAYS = 7_500;

function daysNamed(
  namedAt: DateReader["namedAt"],
  { first, last }: { first: number; last: number },
): NamedDays {
  const ranges: { from: number; to: number; terms: readonly number[] }[] = [];
  const named = new Map<number, number>();
  const day = new Date(last);
  day.setHours(0, 0, 0, 0);
  let all = 0;
  for (let end = day.getTime() + DAY_MS; end > first && all < MOST_DAYS; all += 1) {
    const start = day.getTime();
    const terms = namedAt((start + end) / 2);
    for (const term of terms) named.set(term, (named.get(term) ?? 0) + 1);
    const later = ranges.at(-1);
    if (later?.from === end && later.terms.join() === terms.join()) later.from = start;
    else if (terms.length > 0) ranges.push({ from: start, to: end, terms });
    end = start;
    day.setDate(day.getDate() - 1);
  }
  return { ranges, shares: new Map([...named].map(([term, count]) => [term, count / all])) };
}

/** What a date in digits names, by how its term of the query is spelt. */
function stampsIn(query: string): Map<string, Names> {
  const named = new Map<string, Names>();
  for (const [stamp] of query.matchAll(STAMPS)) {
    const [year, month, day] = stamp.split("-").map(Number);
    named.set(wordsOf(stamp).join(" "), (at) => {
      const date = new Date(at);
      const isMonth = date.getFullYear() === year && date.getMonth() + 1 === month;
      return isMonth && (day === undefined || date.getDate() === day);
    });
  }
  return named;
}

/** What `last week` and its words name. */
function rangesIn(query: string, now: number): Map<string, Names> {
  const named = new Map<string, Names>();
  for (const [said] of query.matchAll(RELATIVE)) {
    const { from, to } = readTime(said, now);
    for (const word of wordsOf(said)) named.set(word, (at) => at >= from && at < to);
  }
  return named;
}

function dateWord(word: string, hasMonth: boolean): Names | undefined {
  const month = monthOf(word);
  if (month >= 0) return (at) => new Date(at).getMonth() === month;
  const weekday = WEEKDAYS.findIndex((name) => stem(name) === stem(word));
  if (weekday >= 0) return (at) => new Date(at).getDay() === weekday;
  if (/^(?:19|20)\d\d$/.test(word)) return (at) => new Date(at).getFullYear() === Number(word);
  const day = /^(\d{1,2})(?:st|nd|rd|th)?$/.exec(word)?.[1];
  return day && hasMonth ? (at) => new Date(at).getDate() === Number(day) : undefined;
}

function monthOf(word: string): number {
  return MONTHS.indexOf(word);
}
