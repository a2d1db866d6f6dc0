import { parse } from "chrono-node/en";
import { SbError } from "../kernel/errors.ts";
import { truncate } from "../kernel/text.ts";
import {
  dateAt,
  hoursOf,
  MONTHS,
  shift,
  startOf,
  type TimeRange,
  type Unit,
  wholeOf,
} from "./calendar.ts";
import { dayOfMonth, half, leapDay, numberedWeek, quarter } from "./latest.ts";
import { instant, isoDay, isoWeek, numberedMonth, withoutDots } from "./written-date.ts";

/** What a time expression means; of an open end the clock's present time. */
export interface UnderstoodRange extends TimeRange {
  /** The last instant that is meant, epoch ms, where it is the present; else `to` is the end. */
  readonly isUntilNow?: boolean;
}

const MONTH_NAMES =
  "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";
const DAY_NAMES =
  "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?";
const UNIT_NAMES = "minute|min|hour|hr|h|day|d|week|w|month|quarter|year|y";
const COUNT =
  "\\d{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a few|a couple of|couple of|few|several|half an?";
const YEAR = "(?:19|20)\\d\\d";

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const NUMBERS: Readonly<Record<string, number>> = {
  ...{ a: 1, an: 1, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8 },
  ...{ nine: 9, ten: 10, twelve: 12, "a couple of": 2, "couple of": 2 },
  ...{ "a few": 3, few: 3, several: 5, "half a": 0.5, "half an": 0.5 },
};

/** Hours of the clock that a part of the day covers; a night goes on to the next morning. */
const DAY_PARTS: Readonly<Record<string, readonly [first: number, end: number]>> = {
  morning: [5, 12],
  noon: [12, 13],
  lunchtime: [12, 14],
  afternoon: [12, 18],
  evening: [18, 24],
  night: [18, 30],
  midnight: [0, 1],
};
const PARTS = Object.keys(DAY_PARTS).join("|");

/** One way of saying a time, and what it means at `now` (epoch ms). */
type Rule = readonly [
  pattern: RegExp,
  meaning: (match: readonly string[], now: number) => TimeRange | undefined,
];

/**
 * The stretch of local time that `expression` means at `now` (epoch ms), in whole calendar units:
 * "2 days ago" is that whole day, "in March" the latest March that has begun.
 * @throws SbError `invalid_input` where it is not understood to its last word.
 */
export function readTime(expression: string, now: number): UnderstoodRange {
  const text = (withoutDots(expression.normalize("NFKC").toLowerCase()) ?? "")
    .replace(/[\s,]+/gu, " ")
    .replace(/[.!?]+$/, "")
    .trim();
  const range = text.length > 0 && text.length <= 200 ? rangeOf(text, now) : undefined;
  if (range && isSane(range)) return range;
  throw new SbError(
    "invalid_input",
    `"${truncate(expression.trim(), 60)}" is not understood as a time`,
    {
      hint: 'say it by the calendar: "yesterday", "last week", "in March", "since Monday", "2025-11-03"',
    },
  );
}

/** The years that are written with four digits; in UTC, for local time takes 9 ms to get ready. */
const FIRST = Date.parse("0001-01-01");
const END = Date.parse("9999-12-31");

function isSane({ from, to }: TimeRange): boolean {
  return from >= FIRST && to <= END && from < to;
}

function rangeOf(text: string, now: number): UnderstoodRange | undefined {
  return openRange(text, now) ?? closedRange(text, now) ?? single(text, now);
}

/** "since X", "before X": one end is said. */
function openRange(text: string, now: number): UnderstoodRange | undefined {
  const [, word, rest = ""] =
    /^(since|after|from|starting|before|until|till|up to|by) (.+?)(?: onwards?| on| till now| until now| to now)?$/.exec(
      text,
    ) ?? [];
  if (
    word === undefined ||
    (word === "from" && !/ (?:onwards?|on|till now|until now|to now)$/.test(text))
  ) {
    return undefined;
  }
  const range = single(rest, now);
  if (!range) return undefined;
  if (word === "before" || word === "by") return { from: 0, to: range.from };
  if (word === "until" || word === "till" || word === "up to") return { from: 0, to: range.to };
  const from = word === "after" ? range.to : range.from;
  return from > now ? undefined : { from, to: now + 1, isUntilNow: true };
}

const BETWEEN = /^between (.+) and (.+)$/;
const FROM_TO =
  /^(?:from )?(.+?) ?(?: to | until | till | through | – | - |\.\.+|\/(?=\d{4}-))(.+)$/;

/** "between X and Y": both ends are said, and both are meant whole. */
function closedRange(text: string, now: number): UnderstoodRange | undefined {
  const match = BETWEEN.exec(text) ?? FROM_TO.exec(text);
  const [, first = "", second = ""] = match ?? [];
  if (!match) return undefined;
  if (second === "now") {
    const range = single(first, now);
    return range && { from: range.from, to: now + 1, isUntilNow: true };
  }
  const end = single(second, now);
  if (!end) return undefined;
  const said = completed(first, second);
  const start = inSameMonth(said, { second, end }) ?? inOrder(said, { end, now });
  if (!start) return undefined;
  return start.from <= end.from
    ? { from: start.from, to: end.to }
    : { from: end.from, to: start.to };
}

/**
 * The first end, where both name one month and it names no year: that month is meant once, and days
 * of it that stand in the wrong order are swapped as all else is.
 */
function inSameMonth(said: string, { second, end }: { second: string; end: TimeRange }) {
  const month = monthIn(said);
  if (month === undefined || month !== monthIn(second) || YEAR_IN.test(said)) return undefined;
  return single(said, wholeOf("month", end.from).to - 1);
}

const MONTH_IN = new RegExp(`\\b(?:${MONTH_NAMES})\\b`);
const YEAR_IN = new RegExp(`\\b${YEAR}\\b`);

function monthIn(text: string): string | undefined {
  return MONTH_IN.exec(text)?.[0].slice(0, 3);
}

/** The first end, in the light of the second where that comes sooner: "from March to May 2024". */
function inOrder(said: string, { end, now }: { end: TimeRange; now: number }) {
  const start = single(said, now);
  if (!start || start.from <= end.from || /\b(?:ago|back|day|week|now)\b|yesterday/.test(said)) {
    return start;
  }
  return single(said, end.to - 1);
}

/** "3" before "5 days ago" is "3 days ago"; "1" before "5 March" is "1 March". */
function completed(first: string, second: string): string {
  if (!/^\d{1,2}(?:st|nd|rd|th)?$/.test(first)) return first;
  const [, rest] = /^\d{1,2}(?:st|nd|rd|th)?( .+)$/.exec(second) ?? [];
  if (rest !== undefined) return first + rest;
  const [, month] = new RegExp(`^((?:${MONTH_NAMES}) )\\d`).exec(second) ?? [];
  return month === undefined ? first : month + first;
}

const LEADING =
  /^(?:(?:in|on|at|during|within|over|around|about|from|back in|sometime) )?(?:the )?/;

/** One time, widened to the unit it is said in. */
function single(text: string, now: number): UnderstoodRange | undefined {
  const bare = text.replace(LEADING, "").trim();
  for (const [pattern, meaning] of RULES) {
    const match = pattern.exec(bare);
    if (match) {
      const range = meaning(
        match.map((part) => part ?? ""),
        now,
      );
      if (range) return range;
    }
  }
  return part(bare, now) ?? byChrono(bare, now);
}

/** "yesterday morning", "early March", "the end of last week". */
function part(text: string, now: number): UnderstoodRange | undefined {
  const [, before = "", hours] = new RegExp(`^(.+?)(?: in the| at)? (${PARTS})$`).exec(text) ?? [];
  const span = hours === undefined ? undefined : DAY_PARTS[hours];
  const day = span && single(before, now);
  if (day && span) return hoursOf(day.from, span[0], span[1]);
  const [, third, rest = ""] =
    /^(early|beginning of|start of|mid|mid-|middle of|late|end of|week of|month of)[ -]?(.+)$/.exec(
      text,
    ) ?? [];
  const whole = third === undefined ? undefined : single(rest, now);
  if (!whole || third === undefined) return undefined;
  if (third === "week of") return wholeOf("week", whole.from);
  if (third === "month of") return wholeOf("month", whole.from);
  const length = (whole.to - whole.from) / 3;
  const edge = (thirds: number) => startOf("day", whole.from + thirds * length + 43_200_000);
  if (/^(?:early|beginning|start)/.test(third)) return { from: whole.from, to: edge(1) };
  if (third.startsWith("mid")) return { from: edge(1), to: edge(2) };
  return { from: edge(2), to: whole.to };
}

const RULES: readonly Rule[] = [
  [/^(?:now|right now|just now)$/, (_, now) => wholeOf("minute", now)],
  [/^today$/, (_, now) => wholeOf("day", now)],
  [/^yesterday$/, (_, now) => wholeOf("day", shift(now, -1, "day"))],
  [/^tomorrow$/, (_, now) => wholeOf("day", shift(now, 1, "day"))],
  [/^day before yesterday$/, (_, now) => wholeOf("day", shift(now, -2, "day"))],
  [/^(?:tonight|this night)$/, (_, now) => hoursOf(now, 18, 30)],
  [/^last night$/, (_, now) => hoursOf(shift(now, -1, "day"), 18, 30)],
  [new RegExp(`^(?:this )?(${PARTS})$`), dayPart],
  [new RegExp(`^(${COUNT}) ?(${UNIT_NAMES}|fortnight|weekend)s? (?:ago|back|earlier)$`), ago],
  [new RegExp(`^(?:last|past|previous|latest|recent) (${COUNT}) ?(${UNIT_NAMES})s?$`), lately],
  [new RegExp(`^past (${UNIT_NAMES})$`), ([, unit = ""], now) => lately(["", "1", unit], now)],
  [/^(?:last|latest) (hour|minute)$/, ([, unit = ""], now) => lately(["", "1", unit], now)],
  [/^(last|previous|this|current|next) (day|week|weekend|month|quarter|half|year)$/, near],
  [/^weekend$/, (_, now) => wholeOf("weekend", now)],
  [new RegExp(`^(last |previous |this |next )?(${DAY_NAMES})$`), weekday],
  [
    new RegExp(`^(last |this |next )?(${MONTH_NAMES})(?:(?: of)? ?'?(${YEAR}|(?<=')\\d\\d))?$`),
    month,
  ],
  [
    new RegExp(
      `^(?:q([1-4])|(1st|first|2nd|second|3rd|third|4th|fourth|last) quarter)(?: of)?(?: (${YEAR}))?$`,
    ),
    quarter,
  ],
  [
    new RegExp(`^(${YEAR})[- ]?q([1-4])$`),
    ([, year = "", part = ""], now) => quarter(["", part, "", year], now),
  ],
  [new RegExp(`^(?:h([12])|(first|second) half)(?: of)?(?: (${YEAR}))?$`), half],
  [
    new RegExp(`^(${YEAR})-?w(\\d\\d?)$`),
    ([, year = "", week = ""]) => isoWeek(Number(year), Number(week)),
  ],
  [new RegExp(`^(?:calendar )?week (\\d\\d?)(?: of)?(?: (${YEAR}))?$`), numberedWeek],
  [
    new RegExp(`^(?:year )?(${YEAR})$`),
    ([, year = ""]) => wholeOf("year", dateAt(Number(year), 0, 1)),
  ],
  [
    new RegExp(`^(${YEAR})[-/](\\d\\d?)$`),
    ([, year = "", name = ""]) => numberedMonth(Number(year), Number(name)),
  ],
  [new RegExp(`^(${YEAR})[-/](\\d\\d?)[-/](\\d\\d?)$`), isoDay],
  [/^(?:.*)t\d\d:\d\d.*$/, ([text = ""]) => instant(text)],
  [/^(\d{1,2})(?:st|nd|rd|th)$/, dayOfMonth],
  [/^(?:feb(?:ruary)? (?:the )?29(?:th)?|29(?:th)?(?: of)? feb(?:ruary)?)$/, leapDay],
];

/** A part of today or, where it is not said to be today's and did not begin yet, of yesterday. */
function dayPart([text = "", name = ""]: readonly string[], now: number): TimeRange | undefined {
  const hours = DAY_PARTS[name];
  const today = hours && hoursOf(now, hours[0], hours[1]);
  if (!today || today.from <= now || text.startsWith("this")) return today;
  return hoursOf(shift(now, -1, "day"), hours[0], hours[1]);
}

function unitOf(name: string): Unit {
  if (name.startsWith("min")) return "minute";
  if (name.startsWith("h")) return "hour";
  const units: readonly Unit[] = ["day", "weekend", "week", "month", "quarter", "year"];
  return (
    units.find((unit) => unit === name) ?? units.find((unit) => unit.startsWith(name)) ?? "day"
  );
}

function ago([, said = "", name = ""]: readonly string[], now: number): TimeRange | undefined {
  const count = NUMBERS[said] ?? Number(said);
  if (name === "fortnight") return wholeOf("week", shift(now, -2 * count, "week"));
  const unit = name === "w" ? "week" : unitOf(name);
  if (count === 0.5) return halfAgo(unit, now);
  if (unit === "weekend") return wholeOf(unit, shift(lastWeekend(now), 1 - count, "week"));
  // Hours are counted on the clock that runs on, whatever summer time does.
  return wholeOf(unit, shift(now, -count, unit));
}

function halfAgo(unit: Unit, now: number): TimeRange | undefined {
  if (unit === "hour") return wholeOf("minute", shift(now, -30, "minute"));
  if (unit === "day") return wholeOf("hour", shift(now, -12, "hour"));
  return unit === "year" ? wholeOf("month", shift(now, -6, "month")) : undefined;
}

/** "the last 3 days": from then to now; days and more from their first midnight. */
function lately([, said = "", name = ""]: readonly string[], now: number): UnderstoodRange {
  const unit = name === "w" ? "week" : unitOf(name);
  const count = NUMBERS[said] ?? Number(said);
  const start = count === 0.5 ? (halfAgo(unit, now)?.from ?? now) : shift(now, -count, unit);
  const isClock = unit === "hour" || unit === "minute";
  return { from: isClock ? start : startOf("day", start), to: now + 1, isUntilNow: true };
}

function near([, which = "", name = ""]: readonly string[], now: number): TimeRange {
  const unit = unitOf(name === "half" ? "h" : name);
  const exact: Unit = name === "half" ? "half" : unit;
  if (exact === "weekend" && /^(?:last|previous)/.test(which))
    return wholeOf(exact, lastWeekend(now));
  const step = /^(?:last|previous)/.test(which) ? -1 : which === "next" ? 1 : 0;
  // "this weekend" on a weekday is the one to come.
  if (exact === "weekend") return wholeOf(exact, shift(startOf("week", now), 5 + 7 * step, "day"));
  return wholeOf(exact, shift(startOf(exact, now), step, exact));
}

/** A time in the latest weekend that is over. */
function lastWeekend(now: number): number {
  const weekend = wholeOf("weekend", now);
  return weekend.to <= now ? weekend.from : shift(weekend.from, -1, "week");
}

function weekday([, which = "", name = ""]: readonly string[], now: number): TimeRange {
  const wanted = WEEKDAYS.indexOf(name.slice(0, 3));
  const today = new Date(now).getDay();
  if (which.startsWith("this") || which.startsWith("next")) {
    const monday = shift(startOf("week", now), which.startsWith("next") ? 1 : 0, "week");
    return wholeOf("day", shift(monday, (wanted + 6) % 7, "day"));
  }
  const back = (today - wanted + 7) % 7;
  const isSaidOfAnother = which !== "" && back === 0;
  return wholeOf("day", shift(startOf("day", now), isSaidOfAnother ? -7 : -back, "day"));
}

function month([, which = "", name = "", said = ""]: readonly string[], now: number): TimeRange {
  const number = MONTHS.findIndex((written) => written.startsWith(name.slice(0, 3)));
  if (said !== "")
    return wholeOf(
      "month",
      dateAt(said.length === 2 ? 2000 + Number(said) : Number(said), number, 1),
    );
  const today = new Date(now);
  const begun = number <= today.getMonth() ? 0 : -1;
  // "last March" is over; "this March" and "next March" may still come.
  const isNow = number === today.getMonth();
  const years = which.startsWith("last") && isNow ? -1 : which.startsWith("this") ? 0 : begun;
  const next = which.startsWith("next") ? 1 : 0;
  return wholeOf("month", dateAt(today.getFullYear() + years + next, number, 1));
}

/** What is left: days of a month, and times of a day. Every word must have been understood. */
function byChrono(text: string, now: number): UnderstoodRange | undefined {
  const [result, another] = parse(text, new Date(now));
  if (!result || another || result.end || result.text.length !== text.length) return undefined;
  const { start } = result;
  const units = ["minute", "hour", "day", "month", "year"] as const;
  const said = units.find((unit) => start.isCertain(unit));
  // Chrono is as certain of the minute in "3 pm" as in "3:30".
  const unit = said === "minute" && !/\d[:.]\d\d/.test(text) ? "hour" : (said ?? "day");
  const range = wholeOf(unit, start.date().getTime());
  if (range.from <= now || start.isCertain("year")) return range;
  // A search looks back: a day without its year, an hour without its day is one that has begun.
  const back = start.isCertain("month")
    ? shift(range.from, -1, "year")
    : start.isCertain("day")
      ? range.from
      : shift(range.from, -1, start.isCertain("weekday") ? "week" : "day");
  return wholeOf(unit, back);
}
