import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { SbError } from "../../core/kernel/errors.ts";
import { readWhen } from "../../core/reminder/read-when.ts";
import {
  formatRule,
  latestUntil,
  nextAfter,
  parseRule,
  type Recurrence,
} from "../../core/reminder/recurrence.ts";

const MODULE = join(import.meta.dir, "../../core/reminder/recurrence.ts");

/** Friday, by the local clock. */
const NOW = new Date(2026, 0, 2, 10, 4, 5).getTime();

function local(time: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const at = new Date(time);
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

test.each([
  ["in 2 hours", "2026-01-02 12:04"],
  ["2 hours", "2026-01-02 12:04"],
  ["in an hour", "2026-01-02 11:04"],
  ["in half an hour", "2026-01-02 10:34"],
  ["an hour and a half", "2026-01-02 11:34"],
  ["in 1 hour and 30 minutes", "2026-01-02 11:34"],
  ["1h30m", "2026-01-02 11:34"],
  ["90min", "2026-01-02 11:34"],
  ["15 minutes from now", "2026-01-02 10:19"],
  ["in a couple of days", "2026-01-04 10:04"],
  ["in two weeks", "2026-01-16 10:04"],
  ["in a month", "2026-02-02 10:04"],
  ["in 3 days at 9", "2026-01-05 09:00"],
  ["tomorrow", "2026-01-03 09:00"],
  ["tomorrow at 2pm", "2026-01-03 14:00"],
  ["05.11.2026", "2026-11-05 09:00"],
  ["on 5.2. at 14:00", "2026-02-05 14:00"],
  ["Tomorrow, 14:00", "2026-01-03 14:00"],
  ["2 p.m. tomorrow", "2026-01-03 14:00"],
  ["tomorrow morning", "2026-01-03 09:00"],
  ["day after tomorrow at 8am", "2026-01-04 08:00"],
  ["tomorrow at midnight", "2026-01-04 00:00"],
  ["friday", "2026-01-09 09:00"],
  ["friday at 16:00", "2026-01-02 16:00"],
  ["friday at 9", "2026-01-09 09:00"],
  ["by friday", "2026-01-09 09:00"],
  ["next friday at noon", "2026-01-09 12:00"],
  ["next monday 9:30", "2026-01-05 09:30"],
  ["9am on monday", "2026-01-05 09:00"],
  ["at the end of the day", "2026-01-02 17:00"],
  ["EOD", "2026-01-02 17:00"],
  ["end of the week", "2026-01-02 17:00"],
  ["end of next month", "2026-02-28 17:00"],
  ["tonight", "2026-01-02 21:00"],
  ["this afternoon", "2026-01-02 15:00"],
  ["at 9", "2026-01-03 09:00"],
  ["at 16:00", "2026-01-02 16:00"],
  ["noon", "2026-01-02 12:00"],
  ["midnight", "2026-01-03 00:00"],
  ["the 15th at 10", "2026-01-15 10:00"],
  ["march 3", "2026-03-03 09:00"],
  ["3 March 2027 at 14:00", "2027-03-03 14:00"],
  ["2026-03-01", "2026-03-01 09:00"],
  ["2026-03-01 14:30", "2026-03-01 14:30"],
  ["next week", "2026-01-05 09:00"],
  ["next month", "2026-02-01 09:00"],
  ["this weekend", "2026-01-03 09:00"],
])("%p is a time to come", (said, expected) => {
  expect(local(readWhen(said, NOW).at)).toBe(expected);
  expect(readWhen(said, NOW).rule).toBeUndefined();
});

test.each([
  ["every 2 hours", "2026-01-02 12:04", "FREQ=HOURLY;INTERVAL=2"],
  ["hourly", "2026-01-02 11:04", "FREQ=HOURLY;INTERVAL=1"],
  ["every half an hour", "2026-01-02 10:34", "FREQ=MINUTELY;INTERVAL=30"],
  ["every 15 minutes", "2026-01-02 10:19", "FREQ=MINUTELY;INTERVAL=15"],
  ["every second day", "2026-01-04 09:00", "FREQ=DAILY;INTERVAL=2"],
  ["every second week", "2026-01-16 09:00", "FREQ=WEEKLY;INTERVAL=2"],
  ["every day", "2026-01-03 09:00", "FREQ=DAILY;INTERVAL=1"],
  ["daily at 7:30", "2026-01-03 07:30", "FREQ=DAILY;INTERVAL=1"],
  ["every morning", "2026-01-03 09:00", "FREQ=DAILY;INTERVAL=1"],
  ["every weekday at 9", "2026-01-05 09:00", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR"],
  ["every friday at 16:00", "2026-01-02 16:00", "FREQ=WEEKLY;INTERVAL=1;BYDAY=FR"],
  ["every mon and thu at 8", "2026-01-05 08:00", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TH"],
  ["every other week on tuesday", "2026-01-06 09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"],
  ["every week", "2026-01-09 09:00", "FREQ=WEEKLY;INTERVAL=1"],
  ["every month on the 1st", "2026-02-01 09:00", "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=1"],
  ["every 31st at 18:00", "2026-01-31 18:00", "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=31"],
  ["every year on march 3", "2026-03-03 09:00", "FREQ=YEARLY;INTERVAL=1"],
])("%p comes again", (said, first, rule) => {
  const when = readWhen(said, NOW);

  expect(local(when.at)).toBe(first);
  expect(when.rule && formatRule(when.rule)).toBe(rule);
});

test.each(["every second", "Each second!", "every 10 seconds"])(
  "%p is too often, and is no day of the month",
  (said) => {
    expect(() => readWhen(said, NOW)).toThrow("reminders come again after a minute at the soonest");
  },
);

test.each([...["yesterday", "2 hours ago", "last friday", "2025-12-31", "now", "today at 9"]])(
  "%p is refused as past",
  (said) => {
    expect(() => readWhen(said, NOW)).toThrow(/is past: /);
  },
);

test.each([
  ...["soon", "later", "before the release", "when the tests pass", "at 25:00", "feb 30", ""],
  ...["every 0 minutes", "every blue moon", "in 999999 years", "9", "x".repeat(10_000), "💥"],
  ...["in 2 hours and then some", "tomorrow or friday", "every", "at", "in -3 hours"],
])("%p is not understood, and it is said how", (said) => {
  const failure = (() => {
    try {
      return readWhen(said, NOW);
    } catch (error) {
      return error;
    }
  })();

  expect(failure).toBeInstanceOf(SbError);
  expect((failure as SbError).message).toContain("is not understood");
  expect((failure as SbError).hint).toContain("every weekday at 9");
});

test("whatever is written, it is a time to come or refused", () => {
  const word = fc.constantFrom(
    ...["in", "every", "at", "on", "the", "2", "9:30", "next", "friday", "month", "1st", "and"],
    ...["hours", "day", "noon", "end", "of", "tomorrow", "pm", "half", "an", "other", "week"],
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (words) => {
      try {
        expect(readWhen(words.join(" "), NOW).at).toBeGreaterThan(NOW);
      } catch (error) {
        expect(error).toBeInstanceOf(SbError);
      }
    }),
    { numRuns: 2_000 },
  );
});

const rules = fc.oneof(
  fc.record({
    unit: fc.constantFrom("minute", "hour", "day", "week", "month", "year"),
    interval: fc.integer({ min: 1, max: 50 }),
  }),
  fc.record({
    unit: fc.constant("week"),
    interval: fc.integer({ min: 1, max: 4 }),
    weekdays: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
  }),
  fc.record({
    unit: fc.constant("month"),
    interval: fc.integer({ min: 1, max: 12 }),
    monthDay: fc.integer({ min: 1, max: 31 }),
  }),
) as fc.Arbitrary<Recurrence>;

describe("a rule", () => {
  test("is read back as it was written", () => {
    fc.assert(fc.property(rules, (rule) => expect(parseRule(formatRule(rule))).toEqual(rule)));
  });

  test("comes after any time, at the same times whatever it is asked from", () => {
    const DAY = 86_400_000;
    fc.assert(
      fc.property(rules, fc.integer({ min: 0, max: 900 * DAY }), (rule, later) => {
        const anchor = nextAfter(rule, NOW, NOW);
        const time = anchor + later;

        const next = nextAfter(rule, anchor, time);
        const before = latestUntil(rule, anchor, time);

        expect(next).toBeGreaterThan(time);
        expect(before).toBeLessThanOrEqual(time);
        // Nothing lies between the two, and it does not drift: a step at a time comes to the same.
        expect(nextAfter(rule, anchor, before)).toBe(next);
        expect(nextAfter(rule, anchor, next - 1)).toBe(next);
      }),
    );
  });

  test("by months keeps its day where the month has it", () => {
    const anchor = new Date(2026, 0, 31, 9).getTime();
    const times: string[] = [];
    for (let at = anchor; times.length < 5; at = nextAfter(rule, anchor, at)) times.push(local(at));

    expect(times.map((time) => time.slice(5, 10))).toEqual([
      "01-31",
      "02-28",
      "03-31",
      "04-30",
      "05-31",
    ]);
  });
  const rule: Recurrence = { unit: "month", interval: 1, monthDay: 31 };
});

test("the hour of the day stays when the clocks change", async () => {
  const code = `
    const { nextAfter } = await import(${JSON.stringify(MODULE)});
    const anchor = new Date(2026, 2, 27, 9).getTime();
    const rule = { unit: "day", interval: 1 };
    const steps = [];
    for (let at = anchor; steps.length < 4; at = nextAfter(rule, anchor, at)) {
      steps.push(new Date(at).toISOString().slice(5, 16));
    }
    await Bun.write(Bun.stdout, steps.join(" "));`;

  const child = Bun.spawn([process.execPath, "-e", code], {
    env: { TZ: "Europe/Berlin" },
    stdout: "pipe",
  });

  // Summer time begins on 29 March: nine o'clock is an hour earlier in UTC from then on.
  expect(await child.stdout.text()).toBe("03-27T08:00 03-28T08:00 03-29T07:00 03-30T07:00");
});
