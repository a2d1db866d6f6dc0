import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SbError } from "../../core/kernel/errors.ts";
import { readTime } from "../../core/search/time-expression.ts";

/** Saturday, 10 January 2026, a quarter past three in the afternoon, local time. */
const NOW = new Date(2026, 0, 10, 15, 15).getTime();

/** A range as local wall times: `2026-01-10 15:15`. */
function local(expression: string, now = NOW): string {
  const { from, to, isUntilNow } = readTime(expression, now);
  return isUntilNow ? `${wall(from)} … now` : `${wall(from)} … ${wall(to)}`;
}

function wall(time: number): string {
  const at = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return at.getHours() + at.getMinutes() === 0
    ? day
    : `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

describe("a time is widened to the whole unit it is said in", () => {
  test.each([
    ["today", "2026-01-10 … 2026-01-11"],
    ["Yesterday", "2026-01-09 … 2026-01-10"],
    ["the day before yesterday", "2026-01-08 … 2026-01-09"],
    ["tomorrow", "2026-01-11 … 2026-01-12"],
    ["2 days ago", "2026-01-08 … 2026-01-09"],
    ["two days ago", "2026-01-08 … 2026-01-09"],
    ["a couple of days ago", "2026-01-08 … 2026-01-09"],
    ["3 weeks ago", "2025-12-15 … 2025-12-22"],
    ["a week ago", "2025-12-29 … 2026-01-05"],
    ["three months ago", "2025-10-01 … 2025-11-01"],
    ["a year ago", "2025-01-01 … 2026-01-01"],
    ["an hour ago", "2026-01-10 14:00 … 2026-01-10 15:00"],
    ["20 minutes ago", "2026-01-10 14:55 … 2026-01-10 14:56"],
    ["half an hour ago", "2026-01-10 14:45 … 2026-01-10 14:46"],
    ["last week", "2025-12-29 … 2026-01-05"],
    ["this week", "2026-01-05 … 2026-01-12"],
    ["next week", "2026-01-12 … 2026-01-19"],
    ["last month", "2025-12-01 … 2026-01-01"],
    ["this month", "2026-01-01 … 2026-02-01"],
    ["last quarter", "2025-10-01 … 2026-01-01"],
    ["last year", "2025-01-01 … 2026-01-01"],
    ["last weekend", "2026-01-03 … 2026-01-05"],
    ["this weekend", "2026-01-10 … 2026-01-12"],
    ["in March", "2025-03-01 … 2025-04-01"],
    ["in January", "2026-01-01 … 2026-02-01"],
    ["last January", "2025-01-01 … 2025-02-01"],
    ["March 2024", "2024-03-01 … 2024-04-01"],
    ["mar '24", "2024-03-01 … 2024-04-01"],
    ["Monday", "2026-01-05 … 2026-01-06"],
    ["on Saturday", "2026-01-10 … 2026-01-11"],
    ["last Saturday", "2026-01-03 … 2026-01-04"],
    ["last Friday", "2026-01-09 … 2026-01-10"],
    ["this Sunday", "2026-01-11 … 2026-01-12"],
    ["Q3", "2025-07-01 … 2025-10-01"],
    ["Q1", "2026-01-01 … 2026-04-01"],
    ["Q2 2024", "2024-04-01 … 2024-07-01"],
    ["2024-Q2", "2024-04-01 … 2024-07-01"],
    ["the third quarter of 2025", "2025-07-01 … 2025-10-01"],
    ["first half of 2025", "2025-01-01 … 2025-07-01"],
    ["2025", "2025-01-01 … 2026-01-01"],
    ["in 2024", "2024-01-01 … 2025-01-01"],
    ["2025-11", "2025-11-01 … 2025-12-01"],
    ["2025-11-03", "2025-11-03 … 2025-11-04"],
    ["2025/11/03", "2025-11-03 … 2025-11-04"],
    ["2025-11-03T14:30", "2025-11-03 14:30 … 2025-11-03 14:31"],
    ["2026-W01", "2025-12-29 … 2026-01-05"],
    ["week 45", "2025-11-03 … 2025-11-10"],
    ["the week of November 5", "2025-11-03 … 2025-11-10"],
    ["5 January", "2026-01-05 … 2026-01-06"],
    ["on the 3rd of November", "2025-11-03 … 2025-11-04"],
    ["Nov 3, 2024", "2024-11-03 … 2024-11-04"],
    ["the 15th", "2025-12-15 … 2025-12-16"],
    ["in early December", "2025-12-01 … 2025-12-11"],
    ["end of last month", "2025-12-22 … 2026-01-01"],
    ["mid-November", "2025-11-11 … 2025-11-21"],
  ])("%s", (expression, expected) => {
    expect(local(expression)).toBe(expected);
  });
});

describe("dots mean the day first", () => {
  test.each([
    ["05.11.2025", "2025-11-05 … 2025-11-06"],
    ["5.11.25", "2025-11-05 … 2025-11-06"],
    ["5.11.", "2025-11-05 … 2025-11-06"],
    ["since 1.1.2026", "2026-01-01 … now"],
    ["from 01.11.2025 to 03.11.2025", "2025-11-01 … 2025-11-04"],
  ])("%s is %s", (expression, range) => {
    expect(local(expression)).toBe(range);
  });
});

describe("an hour or a part of a day is of the days that have begun", () => {
  test.each([
    ["10 January", "2026-01-10 … 2026-01-11"],
    ["11 January", "2025-01-11 … 2025-01-12"],
    ["between 8.1. and 10.1.", "2026-01-08 … 2026-01-11"],
    ["at 14:00", "2026-01-10 14:00 … 2026-01-10 14:01"],
    ["at 18:30", "2026-01-09 18:30 … 2026-01-09 18:31"],
    ["4pm", "2026-01-09 16:00 … 2026-01-09 17:00"],
    ["in the evening", "2026-01-09 18:00 … 2026-01-10"],
    ["this evening", "2026-01-10 18:00 … 2026-01-11"],
    ["tomorrow at 9:30", "2026-01-11 09:30 … 2026-01-11 09:31"],
  ])("%s is %s", (expression, range) => {
    expect(local(expression)).toBe(range);
  });
});

test("a day is today's from its first minute on", () => {
  const early = new Date(2026, 0, 10, 2, 15).getTime();

  expect(local("10 January", early)).toBe("2026-01-10 … 2026-01-11");
  expect(local("10.1.", early)).toBe("2026-01-10 … 2026-01-11");
});

describe("a part of a day is its hours", () => {
  test.each([
    ["this morning", "2026-01-10 05:00 … 2026-01-10 12:00"],
    ["yesterday morning", "2026-01-09 05:00 … 2026-01-09 12:00"],
    ["yesterday afternoon", "2026-01-09 12:00 … 2026-01-09 18:00"],
    ["on Monday in the evening", "2026-01-05 18:00 … 2026-01-06"],
    ["last night", "2026-01-09 18:00 … 2026-01-10 06:00"],
    ["5 January morning", "2026-01-05 05:00 … 2026-01-05 12:00"],
    ["yesterday at 3pm", "2026-01-09 15:00 … 2026-01-09 16:00"],
    ["yesterday at 15:30", "2026-01-09 15:30 … 2026-01-09 15:31"],
  ])("%s", (expression, expected) => {
    expect(local(expression)).toBe(expected);
  });
});

describe("two ends make one range, both whole", () => {
  test.each([
    ["between Monday and Wednesday", "2026-01-05 … 2026-01-08"],
    ["between Friday and Tuesday", "2026-01-02 … 2026-01-07"],
    ["from 1 March to 5 March", "2025-03-01 … 2025-03-06"],
    ["between 1 and 5 March", "2025-03-01 … 2025-03-06"],
    ["from March to May 2024", "2024-03-01 … 2024-06-01"],
    ["between November and January", "2025-11-01 … 2026-02-01"],
    ["between March and November", "2025-03-01 … 2025-12-01"],
    ["2025-11-03 to 2025-11-05", "2025-11-03 … 2025-11-06"],
    ["2025-11-03/2025-11-05", "2025-11-03 … 2025-11-06"],
    ["between 3 and 5 days ago", "2026-01-05 … 2026-01-08"],
    ["from yesterday to now", "2026-01-09 … now"],
    ["since Monday", "2026-01-05 … now"],
    ["since yesterday morning", "2026-01-09 05:00 … now"],
    ["since last month", "2025-12-01 … now"],
    ["after 5 January", "2026-01-06 … now"],
    ["from Monday on", "2026-01-05 … now"],
    ["the last 3 hours", "2026-01-10 12:15 … now"],
    ["in the last hour", "2026-01-10 14:15 … now"],
    ["the last 3 days", "2026-01-07 … now"],
    ["past two weeks", "2025-12-27 … now"],
    ["the past month", "2025-12-10 … now"],
    ["last 24h", "2026-01-09 15:15 … now"],
    ["before March 2025", "1970-01-01 … 2025-03-01"],
    ["until Friday", "1970-01-01 … 2026-01-10"],
  ])("%s", (expression, expected) => {
    expect(local(expression)).toBe(expected);
  });
});

test.each([
  ["before the release"],
  ["before the release yesterday"],
  ["soon"],
  ["when we talked about Monday"],
  ["since the refactoring"],
  ["between Monday and the release"],
  ["February 29 2025"],
  ["99999999 days ago"],
  ["9999 years ago"],
  ["since 99999999 days ago"],
  ["in 99999999 days"],
  [""],
  ["   "],
  ["2025-02-30"],
  ["2025-13"],
  ["2025-W54"],
  ["99999 days"],
  ["since tomorrow"],
  ["last ".repeat(5000)],
  ["🙂"],
  ["05.13.2026"],
  ["31.02.2026"],
  ["0.1.2026"],
  ["5.11"],
  ["1.2.3"],
])("%s is not understood, and the hint shows what is", (expression) => {
  expect(() => readTime(expression, NOW)).toThrow(
    expect.objectContaining({
      code: "invalid_input",
      message: expect.stringMatching(/not understood as a time$/),
      hint: expect.stringContaining("last week"),
    }),
  );
});

describe("the ends of months", () => {
  const last = new Date(2026, 2, 31, 12).getTime();

  test.each([
    ["a month ago", "2026-02-01 … 2026-03-01"],
    ["the last 1 month", "2026-02-28 … now"],
    ["4 months ago", "2025-11-01 … 2025-12-01"],
    ["last month", "2026-02-01 … 2026-03-01"],
    ["the 31st", "2026-03-31 … 2026-04-01"],
    ["the 30th", "2026-03-30 … 2026-03-31"],
  ])("%s on 31 March", (expression, expected) => {
    expect(local(expression, last)).toBe(expected);
  });

  test("a year before 29 February is its last day", () => {
    expect(local("the last 1 year", new Date(2024, 1, 29, 9).getTime())).toBe("2023-02-28 … now");
  });
});

test("whatever is said is a range or an error of ours", () => {
  const words = fc.constantFrom(
    ..."last next this the 3 31 0 -1 days ago week since between and to march monday 2025 q9 at pm 15:99 now".split(
      " ",
    ),
  );
  const said = fc.oneof(
    fc.array(words, { maxLength: 8 }).map((list) => list.join(" ")),
    fc.string({ maxLength: 60 }),
  );
  fc.assert(
    fc.property(said, fc.integer({ min: 0, max: 4e12 }), (expression, now) => {
      try {
        const { from, to } = readTime(expression, now);
        expect(from).toBeLessThan(to);
      } catch (error) {
        expect(error).toBeInstanceOf(SbError);
      }
    }),
    { numRuns: 500 },
  );
});

/** What a process in `zone` understands at `now`, in UTC. */
function understoodIn(zone: string, expression: string, now: string): string {
  const source = `
    import { readTime } from "./core/search/time-expression.ts";
    const { from, to } = readTime(${JSON.stringify(expression)}, Date.parse(${JSON.stringify(now)}));
    await Bun.write(Bun.stdout, new Date(from).toISOString() + " " + new Date(to).toISOString());
  `;
  const child = Bun.spawnSync([process.execPath, "-e", source], {
    env: { ...Bun.env, TZ: zone },
    cwd: `${import.meta.dir}/../..`,
  });
  return child.stdout.toString().replaceAll(":00.000Z", "Z") || child.stderr.toString();
}

describe("local days, in the zone of the process", () => {
  test.each([
    // Summer time began on 29 March 2026 in Berlin and 8 March in New York, and ends on 25 October.
    ["Europe/Berlin", "yesterday", "2026-03-30T08:00Z", "2026-03-28T23:00Z 2026-03-29T22:00Z"],
    ["Europe/Berlin", "yesterday", "2026-10-26T08:00Z", "2026-10-24T22:00Z 2026-10-25T23:00Z"],
    ["Europe/Berlin", "last week", "2026-04-01T08:00Z", "2026-03-22T23:00Z 2026-03-29T22:00Z"],
    ["Europe/Berlin", "in March", "2026-04-01T08:00Z", "2026-02-28T23:00Z 2026-03-31T22:00Z"],
    ["Europe/Berlin", "today", "2026-01-09T23:30Z", "2026-01-09T23:00Z 2026-01-10T23:00Z"],
    ["Europe/Berlin", "an hour ago", "2026-10-25T01:30Z", "2026-10-25T00:00Z 2026-10-25T01:00Z"],
    ["America/New_York", "2 days ago", "2026-03-09T12:00Z", "2026-03-07T05:00Z 2026-03-08T05:00Z"],
    ["America/New_York", "yesterday", "2026-03-09T12:00Z", "2026-03-08T05:00Z 2026-03-09T04:00Z"],
    [
      "America/New_York",
      "yesterday morning",
      "2026-03-09T12:00Z",
      "2026-03-08T09:00Z 2026-03-08T16:00Z",
    ],
    ["Asia/Kolkata", "an hour ago", "2026-01-10T12:00Z", "2026-01-10T10:30Z 2026-01-10T11:30Z"],
    ["America/New_York", "2025", "2026-01-10T12:00Z", "2025-01-01T05:00Z 2026-01-01T05:00Z"],
  ])("%s: %s at %s", (zone, expression, now, expected) => {
    expect(understoodIn(zone, expression, now)).toBe(expected);
  });
});

test.each([
  ["between next week and last week", "2025-12-29 … 2026-01-19"],
  ["between yesterday and 3 days ago", "2026-01-07 … 2026-01-10"],
  ["between 2025-11-03 and 2025-11-01", "2025-11-01 … 2025-11-04"],
  ["between march 15 and march 1", "2025-03-01 … 2025-03-16"],
  ["from January 9 to January 3", "2026-01-03 … 2026-01-10"],
  ["between January 15 and January 3", "2026-01-03 … 2026-01-16"],
  ["between march 15 and march 1 2024", "2024-03-01 … 2024-03-16"],
  ["between march 1 and march 15 2024", "2024-03-01 … 2024-03-16"],
  // What goes round, or says its year, stands in the order that was meant.
  ["from December 20 to January 5", "2025-12-20 … 2026-01-06"],
  ["between march 15 2024 and march 1 2025", "2024-03-15 … 2025-03-02"],
])("ends in the wrong order are swapped, of whichever kind: %s", (expression, expected) => {
  expect(local(expression)).toBe(expected);
});

test.each([
  ["February 29", NOW, "2024-02-29 … 2024-03-01"],
  ["29 Feb", NOW, "2024-02-29 … 2024-03-01"],
  ["on the 29th of February", NOW, "2024-02-29 … 2024-03-01"],
  ["29.2.", NOW, "2024-02-29 … 2024-03-01"],
  ["february 29", new Date(2028, 1, 10).getTime(), "2024-02-29 … 2024-03-01"],
  ["february 29", new Date(2028, 1, 29, 9).getTime(), "2028-02-29 … 2028-03-01"],
  ["february 29", new Date(2103, 0, 1).getTime(), "2096-02-29 … 2096-03-01"],
])("29 February is the last one that there was: %s", (expression, now, expected) => {
  expect(local(expression, now)).toBe(expected);
});
