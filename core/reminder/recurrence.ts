import { dateAt, shift, startOf } from "../search/calendar.ts";

/** How something comes again, by local time. The first time and its hour are the anchor's. */
export interface Recurrence {
  readonly unit: "minute" | "hour" | "day" | "week" | "month" | "year";
  /** Every so many units, from 1. */
  readonly interval: number;
  /** Of `week`: the days that are meant, 0 is Sunday. */
  readonly weekdays?: readonly number[];
  /** Of `month`: its day, 1 to 31; a shorter month's last day stands for a day it has not. */
  readonly monthDay?: number;
}

const FREQUENCIES = {
  minute: "MINUTELY",
  hour: "HOURLY",
  day: "DAILY",
  week: "WEEKLY",
  month: "MONTHLY",
  year: "YEARLY",
} as const satisfies Record<Recurrence["unit"], string>;
const DAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

const FIXED_MS = { minute: 60_000, hour: 3_600_000 } as const;
const DAY_MS = 86_400_000;
/** The shortest that a unit can be, in days. */
const LEAST_DAYS = { day: 0.95, week: 6.9, month: 28, year: 365 } as const;

/** The rule as text: the names are those of iCalendar's RRULE (RFC 5545). */
export function formatRule({ unit, interval, weekdays, monthDay }: Recurrence): string {
  return [
    `FREQ=${FREQUENCIES[unit]}`,
    `INTERVAL=${interval}`,
    ...(weekdays ? [`BYDAY=${weekdays.map((day) => DAYS[day]).join(",")}`] : []),
    ...(monthDay === undefined ? [] : [`BYMONTHDAY=${monthDay}`]),
  ].join(";");
}

/** A text of `formatRule`; undefined for any other. */
export function parseRule(text: string): Recurrence | undefined {
  const parts = new Map(text.split(";").map((part) => part.split("=") as [string, string]));
  const units = Object.keys(FREQUENCIES) as Recurrence["unit"][];
  const unit = units.find((name) => FREQUENCIES[name] === parts.get("FREQ"));
  const interval = Number(parts.get("INTERVAL"));
  if (!unit || !Number.isInteger(interval) || interval < 1) return undefined;
  const days = parts.get("BYDAY")?.split(",");
  const monthDay = parts.get("BYMONTHDAY");
  return {
    unit,
    interval,
    ...(days ? { weekdays: days.map((day) => DAYS.indexOf(day)) } : {}),
    ...(monthDay === undefined ? {} : { monthDay: Number(monthDay) }),
  };
}

/** The first time after `time` (epoch ms) that a rule with `anchor` as its first time comes. */
export function nextAfter(rule: Recurrence, anchor: number, time: number): number {
  if (time < anchor) return anchor;
  const { unit, interval, weekdays } = rule;
  if (unit === "minute" || unit === "hour") {
    const step = interval * FIXED_MS[unit];
    return anchor + (Math.floor((time - anchor) / step) + 1) * step;
  }
  if (weekdays) return nextWeekday({ interval, weekdays }, anchor, time);
  // Begun safely before: a unit's length changes with the calendar.
  let count = Math.max(
    0,
    Math.floor((time - anchor) / (LEAST_DAYS[unit] * 1.1 * DAY_MS) / interval) - 1,
  );
  while (nth(rule, anchor, count) <= time) count += 1;
  return nth(rule, anchor, count);
}

/** The latest time up to `time` that a rule came; the anchor where there was none yet. */
export function latestUntil(rule: Recurrence, anchor: number, time: number): number {
  let latest = anchor;
  const from = Math.max(anchor, time - lookBack(rule));
  for (let at = from > anchor ? nextAfter(rule, anchor, from) : anchor; at <= time; ) {
    latest = at;
    at = nextAfter(rule, anchor, at);
  }
  return latest;
}

/** A stretch that surely holds one time, and few of them. */
function lookBack({ unit, interval }: Recurrence): number {
  if (unit === "minute" || unit === "hour") return 2 * interval * FIXED_MS[unit];
  const days = { day: 2, week: 9, month: 33, year: 368 }[unit];
  return interval * days * DAY_MS;
}

function nth({ unit, interval, monthDay }: Recurrence, anchor: number, count: number): number {
  if (monthDay === undefined) return shift(anchor, count * interval, unit);
  const at = new Date(anchor);
  const month = at.getMonth() + count * interval;
  const last = new Date(at.getFullYear(), month + 1, 0).getDate();
  const day = new Date(dateAt(at.getFullYear(), month, Math.min(monthDay, last)));
  day.setHours(at.getHours(), at.getMinutes(), at.getSeconds(), at.getMilliseconds());
  return day.getTime();
}

function nextWeekday(
  { interval, weekdays }: { interval: number; weekdays: readonly number[] },
  anchor: number,
  time: number,
): number {
  const first = startOf("week", anchor);
  for (let days = Math.max(0, Math.floor((time - anchor) / DAY_MS) - 1); ; days += 1) {
    const at = shift(anchor, days, "day");
    // Rounded: a week in which the clock is changed is an hour longer or shorter.
    const weeks = Math.round((startOf("week", at) - first) / (7 * DAY_MS));
    const isMeant = weekdays.includes(new Date(at).getDay()) && weeks % interval === 0;
    if (isMeant && at > time) return at;
  }
}
