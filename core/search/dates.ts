import { stem, type Term, wordsOf } from "./terms.ts";
import { readTime } from "./time-expression.ts";

const MONTHS =
  "january february march april may june july august september october november december".split(
    " ",
  );
const WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday".split(" ");

/** The month and not the verb. */
const NAMED_MAY =
  /(?<!^\s*)\bMay\b|\b(?:in|on|of|since|until|last|\d{1,2}(?:st|nd|rd|th)?) may\b|\bmay \d/;

/** `2026-03-17`, `2026-03`. */
const STAMP = /(?<![\d-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?(?![\d-])/g;

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
  const said = { ...stampsIn(query), ...rangesIn(query, now) };
  const isMay = NAMED_MAY.test(query);
  const hasMonth = terms.some(
    ({ words: [word = "", ...more] }) =>
      more.length === 0 && monthOf(word) >= 0 && (word !== "may" || isMay),
  );
  const wanted = terms.flatMap(({ words }, term) => {
    const [word = "", ...more] = words;
    const isVerb = word === "may" && !isMay;
    const named =
      said[words.join(" ")] ?? (more.length > 0 || isVerb ? undefined : dateWord(word, hasMonth));
    return named ? [{ term, named }] : [];
  });
  if (wanted.length === 0) return undefined;
  return {
    terms: new Set(wanted.map(({ term }) => term)),
    namedAt: (at) => wanted.flatMap(({ term, named }) => (named(at) ? term : [])),
  };
}

/** What a date in digits and each of its parts name, by how the terms of a query are spelt. */
function stampsIn(query: string): Record<string, Names> {
  const named: Record<string, Names> = {};
  for (const [stamp] of query.matchAll(STAMP)) {
    const [year = "", month = "", day] = stamp.split("-");
    const isMonth: Names = (at) => new Date(at).getMonth() === Number(month) - 1;
    const isDay: Names = (at) => new Date(at).getDate() === Number(day);
    const isYear: Names = (at) => new Date(at).getFullYear() === Number(year);
    if (day !== undefined) named[day] = isDay;
    named[month] = isMonth;
    named[wordsOf(stamp).join(" ")] = (at) =>
      isYear(at) && isMonth(at) && (day === undefined || isDay(at));
  }
  return named;
}

/** What `last week` and its words name. */
function rangesIn(query: string, now: number): Record<string, Names> {
  const named: Record<string, Names> = {};
  for (const [said] of query.matchAll(RELATIVE)) {
    const { from, to } = readTime(said, now);
    for (const word of wordsOf(said)) named[word] = (at) => at >= from && at < to;
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
