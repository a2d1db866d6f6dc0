/** A calendar unit of local time. A week begins on Monday, a weekend on Saturday. */
export type Unit =
  | "minute"
  | "hour"
  | "day"
  | "week"
  | "weekend"
  | "month"
  | "quarter"
  | "half"
  | "year";

/** In English and small letters, January first. */
export const MONTHS: readonly string[] = [
  ...["january", "february", "march", "april", "may", "june", "july"],
  ...["august", "september", "october", "november", "december"],
];

/** A stretch of time, epoch ms: `from` is in it, `to` is not. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** How many months the units have that are made of months. */
const MONTHS_OF: Partial<Record<Unit, number>> = { month: 1, quarter: 3, half: 6, year: 12 };

/** The first instant of the `unit` that `time` lies in. Local time: a day may have 23 or 25 hours. */
export function startOf(unit: Unit, time: number): number {
  const at = new Date(time);
  const [year, month, day] = [at.getFullYear(), at.getMonth(), at.getDate()];
  const months = MONTHS_OF[unit];
  if (months !== undefined) return dateAt(year, month - (month % months), 1);
  switch (unit) {
    case "minute":
      return Math.floor(time / 60_000) * 60_000;
    case "hour":
      // By minutes and not by setHours: an hour that comes twice in autumn is two hours.
      return startOf("minute", time) - at.getMinutes() * 60_000;
    case "week":
      return dateAt(year, month, day - ((at.getDay() + 6) % 7));
    case "weekend":
      return dateAt(year, month, day - ((at.getDay() + 1) % 7));
    default:
      return dateAt(year, month, day);
  }
}

/** `time` moved by `count` of `unit`: the same hour of the day where that is there, a shorter month's last day. */
export function shift(time: number, count: number, unit: Unit): number {
  if (unit === "minute") return time + count * 60_000;
  if (unit === "hour") return time + count * 3_600_000;
  const at = new Date(time);
  const months = MONTHS_OF[unit];
  if (months === undefined) {
    at.setDate(at.getDate() + count * (unit === "day" ? 1 : 7));
    return at.getTime();
  }
  const day = at.getDate();
  at.setDate(1);
  at.setMonth(at.getMonth() + count * months);
  const last = new Date(at.getFullYear(), at.getMonth() + 1, 0).getDate();
  at.setDate(Math.min(day, last));
  return at.getTime();
}

/** The whole `unit` that `time` lies in. */
export function wholeOf(unit: Unit, time: number): TimeRange {
  const from = startOf(unit, time);
  if (unit === "weekend") return { from, to: shift(from, 2, "day") };
  return { from, to: shift(from, 1, unit) };
}

/** Midnight of a local day; months from 0, and what overflows is carried. */
export function dateAt(year: number, month: number, day: number): number {
  const at = new Date(2000, 0, 1);
  // Years below 100 would be taken for years of the last century by the constructor.
  at.setFullYear(year, month, day);
  return at.getTime();
}

/** The day of `time` between two hours of its clock; hours of 24 and more are of the next day. */
export function hoursOf(time: number, first: number, end: number): TimeRange {
  const at = new Date(time);
  const hour = (hours: number) =>
    new Date(at.getFullYear(), at.getMonth(), at.getDate(), hours).getTime();
  return { from: hour(first), to: hour(end) };
}
