import { stem, type Term } from "./terms.ts";

const MONTHS =
  "january february march april may june july august september october november december".split(
    " ",
  );
const WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday".split(" ");

/** The month and not the verb. */
const NAMED_MAY =
  /(?<!^\s*)\bMay\b|\b(?:in|on|of|since|until|last|\d{1,2}(?:st|nd|rd|th)?) may\b|\bmay \d/;

/** What a word says of a date: what `partOf` must give for it. */
interface DateWord {
  readonly part: "month" | "weekday" | "year" | "day";
  readonly value: number;
}

/** The query's terms that name a part of a date: `May` and `2023`, not `5`. */
export interface DateReader {
  readonly terms: ReadonlySet<number>;
  /** Those of them that a time answers by its date. */
  readonly namedAt: (at: number) => readonly number[];
}

/**
 * The terms that name a part of a date: months, days of the week, years, and beside a month the day
 * of it. When a conversation took place is seldom said in it.
 */
export function dateReader(terms: readonly Term[], query: string): DateReader | undefined {
  const isMay = NAMED_MAY.test(query);
  const words = terms.map(({ words: [word = "", ...more] }) =>
    more.length > 0 || (word === "may" && !isMay) ? "" : word,
  );
  const hasMonth = words.some((word) => monthOf(word) >= 0);
  const wanted = words.flatMap((word, term) => {
    const said = dateWord(word, hasMonth);
    return said ? [{ term, ...said }] : [];
  });
  if (wanted.length === 0) return undefined;
  return {
    terms: new Set(wanted.map(({ term }) => term)),
    namedAt(at) {
      const date = new Date(at);
      return wanted.flatMap(({ term, part, value }) => (partOf(date, part) === value ? term : []));
    },
  };
}

function dateWord(word: string, hasMonth: boolean): DateWord | undefined {
  const month = monthOf(word);
  if (month >= 0) return { part: "month", value: month };
  const weekday = WEEKDAYS.findIndex((name) => stem(name) === stem(word));
  if (weekday >= 0) return { part: "weekday", value: weekday };
  if (/^(?:19|20)\d\d$/.test(word)) return { part: "year", value: Number(word) };
  const day = /^(\d{1,2})(?:st|nd|rd|th)?$/.exec(word)?.[1];
  return day && hasMonth ? { part: "day", value: Number(day) } : undefined;
}

function monthOf(word: string): number {
  return MONTHS.indexOf(word);
}

function partOf(date: Date, part: DateWord["part"]): number {
  if (part === "month") return date.getMonth();
  if (part === "weekday") return date.getDay();
  return part === "year" ? date.getFullYear() : date.getDate();
}
