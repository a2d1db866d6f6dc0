/** Words that times are said with. */

export const WEEKDAY =
  "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?";

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** 0 is Sunday. */
export function weekdayNumber(name: string): number {
  return WEEKDAYS.indexOf(name.slice(0, 3));
}

/** A count and the blank after it, which digits may do without. */
export const COUNT =
  "\\d{1,5}(?:\\.\\d{1,2})?(?= ?[a-z])|(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty-five|a few|few|a couple of|a couple|couple of|half an?|half|a half|a quarter of an|other)(?= )";

const NUMBERS: Readonly<Record<string, number>> = {
  ...{ a: 1, an: 1, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8 },
  ...{ nine: 9, ten: 10, eleven: 11, twelve: 12, fifteen: 15, twenty: 20, thirty: 30 },
  ...{ "forty-five": 45, "a few": 3, few: 3, "a couple of": 2, "a couple": 2, "couple of": 2 },
  ...{ "half a": 0.5, "half an": 0.5, half: 0.5, "a half": 0.5, "a quarter of an": 0.25, other: 2 },
};

export function numberOf(said: string): number | undefined {
  return NUMBERS[said] ?? (/^\d+(?:\.\d+)?$/.test(said) ? Number(said) : undefined);
}

const ORDINALS: Readonly<Record<string, number>> = { first: 1, second: 2, third: 3, last: 31 };

/** "the 15th", "1st", "first": a day of a month; undefined for any other text. */
export function dayOfMonth(text: string): number | undefined {
  const [, digits, name] =
    /^(?:on )?(?:the )?(?:(\d{1,2})(?:st|nd|rd|th)|(first|second|third|last)(?: day)?)$/.exec(
      text,
    ) ?? [];
  const day = digits === undefined ? ORDINALS[name ?? ""] : Number(digits);
  return day !== undefined && day >= 1 && day <= 31 ? day : undefined;
}
