/** A time of the day by the clock. */
export interface ClockTime {
  readonly hour: number;
  readonly minute: number;
}

/** When a day begins for someone who names no hour. */
export const DAY_START: ClockTime = { hour: 9, minute: 0 };

/** When the work of a day ends. */
export const DAY_END: ClockTime = { hour: 17, minute: 0 };

const NAMED: Readonly<Record<string, ClockTime>> = {
  morning: DAY_START,
  noon: { hour: 12, minute: 0 },
  midday: { hour: 12, minute: 0 },
  lunchtime: { hour: 12, minute: 0 },
  afternoon: { hour: 15, minute: 0 },
  evening: { hour: 18, minute: 0 },
  night: { hour: 21, minute: 0 },
  midnight: { hour: 24, minute: 0 },
};
const NAMES = Object.keys(NAMED).join("|");

const DIGITS = "(\\d{1,2})(?:[:.h](\\d\\d))?(?: ?(am|pm|a\\.m|p\\.m|o'clock|h))?\\.?";
const AT = "(at |@ ?|by )?";
const AT_END = new RegExp(`^(.*?)(?:^| )${AT}${DIGITS}$`);
const AT_START = new RegExp(`^${AT}${DIGITS}(?: (.+))?$`);
const NAMED_END = new RegExp(`^(.*?)(?:^| )(?:(?:in the|in|at|this|by) )?(${NAMES})$`);

/** Splits a text into the day and the time of the day that it says, whichever stands first. */
export function splitTime(text: string): { day: string; time: ClockTime } | undefined {
  const [, before = "", name] = NAMED_END.exec(text) ?? [];
  const named = name === undefined ? undefined : NAMED[name];
  if (named) return { day: before.trim(), time: named };
  const last = AT_END.exec(text);
  if (last) {
    const [, day = "", at, hour, minute, half] = last;
    const time = clockTime({ at, hour, minute, half });
    if (time) return { day: day.trim(), time };
  }
  const first = AT_START.exec(text);
  if (!first) return undefined;
  const [, at, hour, minute, half, day = ""] = first;
  const time = clockTime({ at, hour, minute, half });
  return time && { day: day.replace(/^on /, "").trim(), time };
}

/** What the digits mean: a bare number is an hour only where "at" or the like says so. */
function clockTime(said: {
  at: string | undefined;
  hour: string | undefined;
  minute: string | undefined;
  half: string | undefined;
}): ClockTime | undefined {
  const { at, half } = said;
  const [hour, minute] = [Number(said.hour), Number(said.minute ?? "0")];
  if (at === undefined && said.minute === undefined && half === undefined) return undefined;
  if (minute > 59) return undefined;
  if (half === undefined || half === "h" || half === "o'clock") {
    return hour <= 24 && (hour < 24 || minute === 0) ? { hour, minute } : undefined;
  }
  if (hour < 1 || hour > 12) return undefined;
  return { hour: (hour % 12) + (half.startsWith("p") ? 12 : 0), minute };
}

/** The time `time` of the day that `day` (epoch ms) is in; 24 hours are the next midnight. */
export function atTime(day: number, { hour, minute }: ClockTime): number {
  const at = new Date(day);
  at.setHours(hour, minute, 0, 0);
  return at.getTime();
}
