import { parse } from "chrono-node/en";
import { shift } from "../search/calendar.ts";
import { atTime, type ClockTime, DAY_START, splitTime } from "./clock-time.ts";
import { UNIT_NAMES, unitOf } from "./duration.ts";
import { nextAfter, type Recurrence } from "./recurrence.ts";
import { COUNT, dayOfMonth, numberOf, WEEKDAY, weekdayNumber } from "./words.ts";

const WORKDAYS = [1, 2, 3, 4, 5];
const ADVERBS: Readonly<Record<string, string>> = {
  hourly: "every hour",
  daily: "every day",
  nightly: "every night",
  weekly: "every week",
  fortnightly: "every 2 weeks",
  biweekly: "every 2 weeks",
  monthly: "every month",
  yearly: "every year",
  annually: "every year",
  weekdays: "every weekday",
  weekends: "every weekend",
};
const EVERY = /^(?:every|each|on every|on each) (.+)$/;
const DAY_LIST = new RegExp(`^(?:${WEEKDAY})s?(?:(?: and | or | & |/| )(?:${WEEKDAY})s?)*$`);
const UNIT = new RegExp(
  `^(?:(${COUNT}) )?(${UNIT_NAMES}|weekdays?|workdays?|weekends?)(?: (.+))?$`,
);

/** What comes again and again, and its first time after `now` (epoch ms); undefined for anything else. */
export function readRecurring(
  said: string,
  now: number,
): { at: number; rule: Recurrence } | undefined {
  const text = said
    .replace(/^(?:on )?(\w+)\b/, (word, name) => ADVERBS[name] ?? word)
    .replace(/^(every|each) second (?=\S)/, "$1 other ");
  const [, body] = EVERY.exec(text) ?? [];
  if (body === undefined) return undefined;
  const split = splitTime(body);
  // "every day at 9", "every morning", and "every month on the 1st at 9".
  const day = split ? split.day || "day" : body;
  if (dayOfMonth(day) !== undefined) return byUnits(`month ${day}`, split?.time, now);
  return byDays(day, split?.time, now) ?? byUnits(day, split?.time, now);
}

/** "every friday", "every mon and thu". */
function byDays(text: string, time: ClockTime | undefined, now: number) {
  const list = text.replace(/^on /, "");
  if (!DAY_LIST.test(list)) return undefined;
  const names = list.match(new RegExp(`\\b(?:${WEEKDAY})`, "g")) ?? [];
  return onWeekdays(names.map(weekdayNumber), { interval: 1, time, now });
}

function byUnits(text: string, time: ClockTime | undefined, now: number) {
  const [, said = "one", name = "", rest] = UNIT.exec(text) ?? [];
  const interval = numberOf(said);
  if (name === "" || interval === undefined || !(interval > 0)) return undefined;
  if (/^(?:week|work)days?$/.test(name))
    return plain(rest) && onWeekdays(WORKDAYS, { interval: 1, time, now });
  if (name.startsWith("weekend")) return plain(rest) && onWeekdays([6], { interval: 1, time, now });
  const whole = wholeUnits(interval * (name.startsWith("fortnight") ? 2 : 1), unitOf(name));
  if (!whole) return undefined;
  if (whole.unit === "minute" || whole.unit === "hour") {
    const step = whole.interval;
    return plain(rest) && !time ? { at: shift(now, step, whole.unit), rule: whole } : undefined;
  }
  return byCalendar(whole, { rest, time, now });
}

function plain(rest: string | undefined): true | undefined {
  return rest === undefined ? true : undefined;
}

/** "every half an hour" is every 30 minutes; half of a longer unit is none. */
function wholeUnits(interval: number, unit: Recurrence["unit"]): Recurrence | undefined {
  if (Number.isInteger(interval)) return { unit, interval };
  const minutes = unit === "hour" ? interval * 60 : undefined;
  return minutes !== undefined && Number.isInteger(minutes)
    ? { unit: "minute", interval: minutes }
    : undefined;
}

function byCalendar(
  { unit, interval }: Recurrence,
  { rest, time, now }: { rest: string | undefined; time: ClockTime | undefined; now: number },
) {
  const place = rest?.replace(/^on /, "");
  if (place === undefined) {
    const today = atTime(now, time ?? DAY_START);
    const monthDay = unit === "month" ? { monthDay: new Date(now).getDate() } : {};
    const rule: Recurrence = { unit, interval, ...monthDay };
    // Where no hour is said today is over: "every week" begins a week from now.
    return {
      at: time ? nextAfter(rule, today, now) : nextAfter(rule, today, Math.max(today, now)),
      rule,
    };
  }
  if (unit === "week" && DAY_LIST.test(place)) {
    const names = place.match(new RegExp(`\\b(?:${WEEKDAY})`, "g")) ?? [];
    return onWeekdays(names.map(weekdayNumber), { interval, time, now });
  }
  const monthDay = unit === "month" ? dayOfMonth(place) : undefined;
  if (monthDay !== undefined) {
    const rule: Recurrence = { unit, interval, monthDay };
    const first = { ...rule, interval: 1 };
    const begin = atTime(shift(now, -1, "month"), time ?? DAY_START);
    return { at: nextAfter(first, begin, now), rule };
  }
  return unit === "year" ? yearly({ unit, interval }, { place, time, now }) : undefined;
}

/** "every year on March 3". */
function yearly(
  rule: Recurrence,
  { place, time, now }: { place: string; time: ClockTime | undefined; now: number },
) {
  const [result] = parse(place, new Date(now), { forwardDate: true });
  if (!result || result.text.length !== place.length || !result.start.isCertain("day"))
    return undefined;
  const at = atTime(result.start.date().getTime(), time ?? DAY_START);
  return { at: at > now ? at : shift(at, 1, "year"), rule };
}

function onWeekdays(
  days: readonly number[],
  { interval, time, now }: { interval: number; time: ClockTime | undefined; now: number },
) {
  const weekdays = [...new Set(days)].sort((a, b) => a - b);
  const today = atTime(now, time ?? DAY_START);
  // Looked for from yesterday on, every week: the first one found begins the count of weeks.
  const at = nextAfter({ unit: "week", interval: 1, weekdays }, shift(today, -1, "day"), now);
  const isYesterday = at <= now;
  const first = isYesterday ? nextAfter({ unit: "week", interval: 1, weekdays }, today, now) : at;
  return { at: first, rule: { unit: "week", interval, weekdays } as const };
}
