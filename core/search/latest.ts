import { dateAt, shift, startOf, type TimeRange, type Unit, wholeOf } from "./calendar.ts";
import { isoWeek } from "./written-date.ts";

// What is named without its year, or its month, is the latest that has begun.

const ORDINALS: Readonly<Record<string, number>> = {
  ...{ "1st": 1, first: 1, "2nd": 2, second: 2, "3rd": 3, third: 3, "4th": 4, fourth: 4 },
};

export function quarter([, digit = "", ordinal = "", year = ""]: readonly string[], now: number) {
  if (ordinal === "last" && year === "") {
    return wholeOf("quarter", shift(startOf("quarter", now), -1, "quarter"));
  }
  const number = digit === "" ? (ORDINALS[ordinal] ?? 4) : Number(digit);
  return latest("quarter", { month: (number - 1) * 3, year }, now);
}

export function half(
  [, digit = "", ordinal = "", year = ""]: readonly string[],
  now: number,
): TimeRange {
  const number = digit === "" ? (ORDINALS[ordinal] ?? 1) : Number(digit);
  return latest("half", { month: (number - 1) * 6, year }, now);
}

/** The unit that begins in `month`, of `year` or the latest that has begun. */
function latest(unit: Unit, { month, year }: { month: number; year: string }, now: number) {
  const this_ = new Date(now).getFullYear();
  if (year !== "") return wholeOf(unit, dateAt(Number(year), month, 1));
  const here = dateAt(this_, month, 1);
  return wholeOf(unit, here <= now ? here : dateAt(this_ - 1, month, 1));
}

export function numberedWeek([, week = "", year = ""]: readonly string[], now: number) {
  if (year !== "") return isoWeek(Number(year), Number(week));
  const thisYear = new Date(now).getFullYear();
  const range = isoWeek(thisYear, Number(week));
  return range && range.from <= now ? range : isoWeek(thisYear - 1, Number(week));
}

/** "the 15th": the latest that has begun, in a month that has one. */
export function dayOfMonth([, said = ""]: readonly string[], now: number): TimeRange | undefined {
  const day = Number(said);
  const today = new Date(now);
  for (let back = 0; back < 3; back += 1) {
    const at = dateAt(today.getFullYear(), today.getMonth() - back, day);
    if (at <= now && new Date(at).getDate() === day) return wholeOf("day", at);
  }
  return undefined;
}

/** The latest 29 February that has begun. */
export function leapDay(_: readonly string[], now: number): TimeRange | undefined {
  const year = new Date(now).getFullYear();
  // Of two years that have one, eight lie between at most.
  for (let back = 0; back <= 8; back += 1) {
    const at = dateAt(year - back, 1, 29);
    if (at <= now && new Date(at).getDate() === 29) return wholeOf("day", at);
  }
  return undefined;
}
