import { parse } from "chrono-node/en";
import { SbError } from "../kernel/errors.ts";
import { truncate } from "../kernel/text.ts";
import { dateAt, shift, startOf } from "../search/calendar.ts";
import { withoutDots } from "../search/written-date.ts";
import { atTime, type ClockTime, DAY_END, DAY_START, splitTime } from "./clock-time.ts";
import { durationFrom } from "./duration.ts";
import { readRecurring } from "./read-recurring.ts";
import type { Recurrence } from "./recurrence.ts";
import { dayOfMonth, numberOf, WEEKDAY, weekdayNumber } from "./words.ts";

/** When someone is to be reminded. */
export interface When {
  /** The first time, epoch ms. */
  readonly at: number;
  readonly rule?: Recurrence;
}

/** A weekday by its name alone: the next one whose hour is still to come. */
const BARE_WEEKDAY = new RegExp(`^(?:on |by |this |coming )?(?:${WEEKDAY})$`);

/** Further ahead is a slip of the pen, in milliseconds: a century. */
const FURTHEST_MS = 100 * 365.25 * 86_400_000;

const EXAMPLES =
  'say it like "in 2 hours", "tomorrow at 2pm", "next monday 9:30", "every weekday at 9"';

/**
 * The time to come that `expression` means at `now` (epoch ms), by the local calendar: a day without
 * an hour is meant at 9, "friday" is the next one, "next friday" that of the next week.
 * @throws SbError `invalid_input` where it is not understood to its last word, or means the past.
 */
export function readWhen(expression: string, now: number): When {
  const text = normalise(expression);
  if (/\b(?:every|each|per) (?:\d+ )?seconds?$/.test(text)) {
    throw new SbError("invalid_input", "reminders come again after a minute at the soonest", {
      hint: 'say "every minute"; a day of the month is "every month on the 2nd"',
    });
  }
  const when = text.length > 0 && text.length <= 200 ? whenOf(text, now) : undefined;
  const shown = `"${truncate(expression.trim(), 60)}"`;
  if (!when || !Number.isFinite(when.at) || when.at - now > FURTHEST_MS) {
    throw new SbError("invalid_input", `${shown} is not understood as a time to come`, {
      hint: EXAMPLES,
    });
  }
  if (when.at > now) return when;
  throw new SbError(
    "invalid_input",
    `${shown} is past: ${new Date(when.at).toString().slice(0, 21)}`,
    {
      hint: EXAMPLES,
    },
  );
}

function normalise(expression: string): string {
  return (withoutDots(expression.normalize("NFKC").toLowerCase()) ?? "")
    .replace(/[\s,]+/gu, " ")
    .replace(/[.!?]+$/, "")
    .trim()
    .replace(/\b([ap])\.m\b\.?/g, "$1m");
}

function whenOf(text: string, now: number): When | undefined {
  const recurring = readRecurring(text, now);
  if (recurring) return recurring;
  const at = past(text, now) ?? durationFrom(text, now) ?? single(text, now);
  return at === undefined ? undefined : { at };
}

/** What is plainly gone by: refused as such, and not moved on to the next day of that name. */
function past(text: string, now: number): number | undefined {
  if (!/ ago$|^(?:yesterday|last |the day before yesterday)/.test(text)) return undefined;
  const [result] = parse(text, new Date(now));
  return result && result.text.length === text.length ? result.start.date().getTime() : undefined;
}

function single(text: string, now: number): number | undefined {
  const whole = ending(text, now) ?? instant(text) ?? dayLater(text, now);
  if (whole !== undefined) return whole;
  const split = splitTime(text);
  if (split) {
    const at = timed(split, now);
    if (at !== undefined) return at;
  }
  const day = dayOf(text, now);
  if (day === undefined) return byChrono(text, now);
  const at = atTime(day, DAY_START);
  // The name of a weekday at its own noon is meant a week on; "today" is what is left of it.
  if (at > now || !BARE_WEEKDAY.test(text)) return at;
  return shift(at, 1, "week");
}

/** A day with a time of it; without a day the next such time. */
function timed({ day, time }: { day: string; time: ClockTime }, now: number): number | undefined {
  if (day === "" || day === "this") {
    const at = atTime(now, time);
    return at > now ? at : atTime(shift(now, 1, "day"), time);
  }
  const found = dayOf(day, now) ?? chronoDay(day, now);
  if (found === undefined) return undefined;
  const at = atTime(found, time);
  const isBare = BARE_WEEKDAY.test(day);
  return at <= now && isBare ? shift(at, 1, "week") : at;
}

/** "2 days from now at 9", "in 3 weeks at noon": a day that is counted, with an hour of its own. */
function dayLater(text: string, now: number): number | undefined {
  if (!/\b(?:day|week|month|year|fortnight)s?\b/.test(text)) return undefined;
  const split = splitTime(text);
  const day = split && durationFrom(split.day, now);
  return split && day !== undefined ? atTime(day, split.time) : undefined;
}

/** Some time of a day that is named. */
function dayOf(said: string, now: number): number | undefined {
  const text = said.replace(/^(?:on|by) /, "").replace(/^the /, "");
  if (text === "today") return now;
  if (text === "tomorrow") return shift(now, 1, "day");
  if (text === "day after tomorrow") return shift(now, 2, "day");
  const named = new RegExp(`^(this |next |coming )?(${WEEKDAY})$`).exec(text);
  if (named) return weekdayOf(named[1]?.trim(), weekdayNumber(named[2] ?? ""), now);
  const week = new RegExp(`^(${WEEKDAY}) (?:of )?next week$`).exec(text);
  if (week) return weekdayOf("next", weekdayNumber(week[1] ?? ""), now);
  const number = dayOfMonth(text);
  if (number !== undefined) return nextDayOfMonth(number, now);
  if (text === "this weekend" || text === "weekend") return nextSaturday(now, 0);
  if (text === "next weekend") return nextSaturday(now, 1);
  const [, unit] = /^next (week|month|year|quarter)$/.exec(text) ?? [];
  return unit === undefined ? undefined : nextUnit(unit as "week" | "month", now);
}

function nextUnit(unit: "week" | "month" | "year" | "quarter", now: number): number {
  return shift(startOf(unit, now), 1, unit);
}

function weekdayOf(which: string | undefined, day: number, now: number): number {
  if (which === "next") {
    const monday = shift(startOf("week", now), 1, "week");
    return shift(monday, (day + 6) % 7, "day");
  }
  return shift(now, (day - new Date(now).getDay() + 7) % 7, "day");
}

function nextSaturday(now: number, weeks: number): number {
  const saturday = shift(startOf("week", now), 5 + 7 * weeks, "day");
  return saturday + 86_400_000 > now ? saturday : shift(saturday, 1, "week");
}

/** The next day of that number whose morning is still to come; months without it are passed over. */
function nextDayOfMonth(day: number, now: number): number | undefined {
  const today = new Date(now);
  for (let months = 0; months < 4; months += 1) {
    const at = dateAt(today.getFullYear(), today.getMonth() + months, day);
    if (new Date(at).getDate() === day && atTime(at, DAY_START) > now) return at;
  }
  return undefined;
}

/** "at the end of the day": when its work ends, and after that the end of the day itself. */
function ending(text: string, now: number): number | undefined {
  const short: Readonly<Record<string, string>> = {
    eod: "day",
    cob: "day",
    eow: "week",
    eom: "month",
    tonight: "night",
  };
  const [, which = "", name = short[text.replace(/^by /, "")]] =
    /^(?:at |by |before )?(?:the )?end of (?:the |this )?(next )?(day|today|tomorrow|work|week|month|year)$/.exec(
      text,
    ) ?? [];
  if (name === "night") return atTime(now, { hour: 21, minute: 0 });
  if (name === undefined) return undefined;
  if (name === "tomorrow") return atTime(shift(now, 1, "day"), DAY_END);
  if (name === "day" || name === "today" || name === "work") {
    const at = atTime(now, DAY_END);
    return at > now ? at : atTime(now, { hour: 23, minute: 59 });
  }
  const unit = name as "week" | "month" | "year";
  const start = startOf(unit, which === "" ? now : shift(now, 1, unit));
  const last = (begin: number) =>
    unit === "week" ? 4 : (shift(begin, 1, unit) - begin) / 86_400_000 - 1;
  const at = atTime(shift(start, Math.round(last(start)), "day"), DAY_END);
  if (at > now) return at;
  const later = shift(start, 1, unit);
  return atTime(shift(later, Math.round(last(later)), "day"), DAY_END);
}

/** `2026-03-01t14:30`, with seconds and a zone where they are said. */
function instant(text: string): number | undefined {
  const shape = /^\d{4}-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:z|[+-]\d\d:?\d\d)?$/;
  if (!shape.test(text)) return undefined;
  const at = Date.parse(text.replace(" ", "T").toUpperCase());
  return Number.isNaN(at) ? undefined : at;
}

/** What is left, days of months above all. Every word must have been understood. */
function byChrono(text: string, now: number): number | undefined {
  const [result, another] = parse(text, new Date(now), { forwardDate: true });
  const isWhole = result && !another && !result.end && result.text.length === text.length;
  if (!result || !isWhole) return undefined;
  const at = result.start.date().getTime();
  return result.start.isCertain("hour") ? at : atTime(at, DAY_START);
}

function chronoDay(text: string, now: number): number | undefined {
  if (numberOf(text) !== undefined) return undefined;
  const at = byChrono(text.replace(/^on /, ""), now);
  return at === undefined || /\d:\d\d/.test(text) ? undefined : at;
}
