import { dateAt, MONTHS, shift, startOf, type TimeRange, wholeOf } from "./calendar.ts";

/**
 * `text` with dates that are written with dots, whose day stands first, as `2026-11-05` and, without
 * a year, `5 november`; undefined where one of them is in no calendar.
 */
export function withoutDots(text: string): string | undefined {
  let isReal = true;
  const plain = text.replace(
    /(?<![\d.])(\d{1,2})\.(\d{1,2})\.((?:19|20)?\d\d)?(?![\d.])/g,
    (_all, day: string, month: string, year = "") => {
      const name = MONTHS[Number(month) - 1];
      if (name === undefined || Number(day) < 1 || Number(day) > 31) isReal = false;
      if (year === "") return `${Number(day)} ${name}`;
      const whole = year.length === 2 ? `20${year}` : year;
      return `${whole}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
    },
  );
  return isReal ? plain : undefined;
}

/** ISO 8601: the first week holds 4 January. */
export function isoWeek(year: number, week: number): TimeRange | undefined {
  if (week < 1 || week > 53) return undefined;
  const first = startOf("week", dateAt(year, 0, 4));
  const range = wholeOf("week", shift(first, week - 1, "week"));
  // A week belongs to the year of its Thursday: most years have no week 53.
  return new Date(shift(range.from, 3, "day")).getFullYear() === year ? range : undefined;
}

export function numberedMonth(year: number, number: number): TimeRange | undefined {
  return number >= 1 && number <= 12 ? wholeOf("month", dateAt(year, number - 1, 1)) : undefined;
}

export function isoDay([, year = "", name = "", day = ""]: readonly string[]):
  | TimeRange
  | undefined {
  const at = dateAt(Number(year), Number(name) - 1, Number(day));
  const isReal =
    new Date(at).getMonth() === Number(name) - 1 && new Date(at).getDate() === Number(day);
  return isReal ? wholeOf("day", at) : undefined;
}

/** `2025-11-03T14:30`, with seconds and a zone where they are said: that minute. */
export function instant(text: string): TimeRange | undefined {
  if (!/^\d{4}-\d\d-\d\dt\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:z|[+-]\d\d:?\d\d)?$/.test(text))
    return undefined;
  const at = Date.parse(text.toUpperCase());
  return Number.isNaN(at) ? undefined : wholeOf("minute", at);
}
