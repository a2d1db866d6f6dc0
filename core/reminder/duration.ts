import { shift } from "../search/calendar.ts";
import { COUNT, numberOf } from "./words.ts";

const UNITS = {
  minute: "minutes?|mins?|m",
  hour: "hours?|hrs?|h",
  day: "days?|d",
  week: "weeks?|w",
  month: "months?|mo",
  year: "years?|y",
} as const;
type Unit = keyof typeof UNITS;

const ANY_UNIT = `${Object.values(UNITS).join("|")}|fortnights?`;
const ONE = `(?<![a-z])(${COUNT}) ?(${ANY_UNIT})(?![a-z])( and a half)?`;
const WHOLE = new RegExp(
  `^(?:in |after )?(?:about )?((?:${ONE})(?: ?(?:and )?(?:${ONE}))*)(?: from now| later|'s time)?$`,
);

/** What can be halved without a calendar, in milliseconds. */
const FIXED: Partial<Record<Unit, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
};

/** `now` moved by what is said: "in 2 hours", "2 hours", "an hour and a half from now". */
export function durationFrom(text: string, now: number): number | undefined {
  const [, amounts] = WHOLE.exec(text) ?? [];
  if (amounts === undefined) return undefined;
  let at = now;
  for (const [, said = "", name = "", half] of amounts.matchAll(new RegExp(ONE, "g"))) {
    const count = (numberOf(said) ?? Number.NaN) + (half === undefined ? 0 : 0.5);
    const unit = unitOf(name);
    const days = name.startsWith("fortnight") ? 2 : 1;
    const moved = move(at, count * days, unit);
    if (moved === undefined) return undefined;
    at = moved;
  }
  return at;
}

/** The unit that `name` is a spelling of. */
export function unitOf(name: string): Unit {
  if (name.startsWith("fortnight")) return "week";
  const units = Object.keys(UNITS) as Unit[];
  return units.find((unit) => new RegExp(`^(?:${UNITS[unit]})$`).test(name)) ?? "minute";
}

function move(at: number, count: number, unit: Unit): number | undefined {
  // By the calendar where it goes by whole units: tomorrow's hour is the same whatever the clock does.
  if (Number.isInteger(count)) return shift(at, count, unit);
  if (unit === "year") return shift(at, Math.round(count * 12), "month");
  const fixed = FIXED[unit];
  return fixed === undefined || !Number.isFinite(count)
    ? undefined
    : at + Math.round(count * fixed);
}

/** Spellings of every unit, for patterns. */
export const UNIT_NAMES = ANY_UNIT;
