import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Shrinker } from "../../core/transcript/shrink.ts";

const LIMITS = { headBytes: 40, tailBytes: 20, lineBytes: 100_000 };

/** The shrunk line, its bytes pushed in pieces of the given length. */
function shrink(line: string | Buffer, piece = Number.POSITIVE_INFINITY, limits = LIMITS) {
  const bytes = Buffer.from(line);
  const shrinker = new Shrinker(limits);
  for (let at = 0; at < bytes.length; at += piece) {
    shrinker.push(bytes.subarray(at, Math.min(bytes.length, at + piece)));
  }
  return shrinker.finish()?.toString("utf8");
}

const anyText = fc.string({ unit: "binary", minLength: 20, maxLength: 120 });

/** JSON as other writers put it: every character escaped. */
function escaped(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

test("a line whose literals are all short parses to the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 9 }), (value, piece) => {
      const line = JSON.stringify(value);
      const wide = { headBytes: 30_000, tailBytes: 20, lineBytes: 100_000 };

      expect(shrink(line, piece, wide)).toBe(line);
    }),
  );
});

test.each([
  ["UTF-8", JSON.stringify],
  ["escapes", escaped],
])("a shrunk line is JSON and keeps the head of each text, written in %s", (_case, write) => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 50 }), (text, piece) => {
      const line = write({ type: "user", text });

      const shrunk = shrink(line, piece) ?? "";

      const kept: string = JSON.parse(shrunk).text;
      const [head = ""] = kept.split(/ \[\.\.\. \d+ bytes left out \.\.\.\]/);
      const decoded: string = JSON.parse(line).text.toWellFormed();
      expect(decoded.startsWith(loose(head))).toBe(true);
    }),
  );
});

/** A text without the half of a surrogate pair that a cut between its two escapes leaves. */
function loose(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, "").toWellFormed();
}

test("where it cuts does not depend on how the line came in", () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 50 }), (text, piece) => {
      const line = JSON.stringify([text, "middle", text]);

      expect(shrink(line, piece)).toBe(shrink(line));
    }),
  );
});

test("a long text keeps its head, to the end of a word, and says how much is gone", () => {
  const text = `${"a".repeat(20)} ${"b".repeat(1_000)} end`;

  const shrunk = shrink(JSON.stringify({ text, next: "whole" })) ?? "";

  expect(JSON.parse(shrunk)).toEqual({
    text: `${"a".repeat(20)} [... 1005 bytes left out ...]`,
    next: "whole",
  });
});

test("of a credential on the border nothing is kept, nor what may follow an open private block", () => {
  const text = `the key ghp_${"A1b2".repeat(9)} <private>${"x".repeat(500)}the tail of it</private>`;

  const { text: kept } = JSON.parse(shrink(JSON.stringify({ text })) ?? "");

  expect(kept).toMatch(/^the key \[\.\.\. \d+ bytes left out \.\.\.\]$/);
});

const KEY = `ghp_${"A1b2".repeat(9)}`;
const REACH = "y".repeat(5_000);

test.each([
  ["the end of a line", `one line\n${REACH.slice(0, 3_000)} token ${KEY}`, "one line"],
  ["a space before one long word", `a word ${REACH}${KEY}`, "a word"],
  ["nowhere in one word", `${REACH}${KEY}`, ""],
  ["a space, where the line's end is itself escaped", "a word C:\\new", "a word"],
])("a text is cut at %s, so that no half of a credential is left", (_case, head, kept) => {
  const text = `${head}${"z".repeat(50_000)}`;
  const limits = { headBytes: head.length, tailBytes: 20, lineBytes: 100_000 };

  const shrunk = JSON.parse(shrink(JSON.stringify({ text }), 1_000, limits) ?? "").text;

  expect(shrunk).toMatch(/ \[\.\.\. \d+ bytes left out \.\.\.\]$/);
  expect(shrunk.slice(0, shrunk.lastIndexOf(" [..."))).toBe(kept);
});

test.each([
  ["a text that does not end", `{"a":"${"x".repeat(500)}`],
  ["a text cut off in an escape", `{"a":"${"x".repeat(500)}\\`],
  [
    "a control character where text is dropped",
    `{"a":"${"x".repeat(200)}\u0001${"x".repeat(200)}"}`,
  ],
  ["a text longer than any line, in no list and no object", '"x"'.repeat(50_000)],
  ["an end that is missing", `{"a":[${'"x",'.repeat(50_000)}`],
])("%s makes the line bad", (_case, line) => {
  expect(parsed(shrink(line))).toBeUndefined();
  expect(shrink(line, 3)).toBe(shrink(line));
});

/** What the line holds, if it is JSON. */
function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? "");
  } catch {
    return undefined;
  }
}

const X = "x".repeat(200);

test.each([
  ["\\q in what is kept", `{"a":"\\q y","b":"${X}"}`, `{"a":"\\q y","b":"`],
  ["\\q in what is dropped", `{"a":"kept ${X}\\q${X}"}`, '{"a":"kept'],
  ["\\u12 before a quote", `{"a":"\\u12","b":"${X}"}`, '{"a":"\\u12","b":"'],
  ["\\u12g4 in what is dropped", `{"a":"kept ${X}\\u12g4${X}"}`, '{"a":"kept'],
])("a wrong escape is kept as it is and marks the line as no JSON: %s", (_case, line, start) => {
  const shrunk = shrink(line) ?? "";

  expect(shrunk).toStartWith(`\0${start}`);
  expect(shrunk).toEndWith('left out ...]"}');
  expect(shrink(line, 3)).toBe(shrunk);
});

describe("a line that is too long without its long texts", () => {
  const short = { headBytes: 40, tailBytes: 20, lineBytes: 1_600 };
  const many = Array.from({ length: 500 }, (_, index) => `line ${index}`);

  test.each([
    ["a list", many],
    ["an object", Object.fromEntries(many.map((line) => [line, 1]))],
    ["a list of objects", many.map((line) => ({ line }))],
    ["lists in lists", many.map((line) => [[line], [line]])],
  ])("loses the later members of %s, and nothing of what stands around it", (_case, value) => {
    const row = { type: "user", message: { content: "Why?", lines: value, after: 1 }, uuid: "u" };

    const shrunk = JSON.parse(shrink(JSON.stringify(row), 7, short) ?? "");

    const { lines } = shrunk.message;
    expect(shrunk).toEqual({ ...row, message: { ...row.message, lines } });
    expect(Object.entries(lines)).toEqual(
      Object.entries(value).slice(0, Object.keys(lines).length),
    );
    expect(Object.keys(lines).length).toBeGreaterThan(1);
  });

  test("loses the end of each list that is too long", () => {
    const row = { type: "user", a: many, b: many, c: [many, many], uuid: "u" };

    const shrunk = JSON.parse(shrink(JSON.stringify(row), 7, short) ?? "");

    expect(shrunk).toMatchObject({ type: "user", uuid: "u" });
    expect(Object.keys(shrunk)).toEqual(Object.keys(row));
  });

  test("is never longer than it may be, and what it holds stood in it", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 5 }),
        fc.integer({ min: 100, max: 1_000 }),
        fc.integer({ min: 1, max: 60 }),
        (value, lineBytes, piece) => {
          const line = JSON.stringify({ first: 1, again: Array(40).fill(value), last: [value] });
          const limits = { headBytes: 1_000, tailBytes: 20, lineBytes };

          const shrunk = shrink(line, piece, limits);

          expect(shrunk).toBe(shrink(line, Number.POSITIVE_INFINITY, limits));
          expect(Buffer.byteLength(shrunk ?? "")).toBeLessThanOrEqual(lineBytes);
          expect(isPartOf(JSON.parse(shrunk ?? ""), JSON.parse(line))).toBe(true);
        },
      ),
      // Once no room was left for the last bracket.
      {
        examples: [
          [
            [false, "    ", null, null, true, '      " ', 4.094465851125866e-119, "        "],
            106,
            1,
          ],
        ],
      },
    );
  });

  test("is cut in nested lists deeper than any stack", () => {
    const line = `{"a":${"[".repeat(3_000)}${"]".repeat(3_000)},"uuid":"u"}`;

    expect(JSON.parse(shrink(line, 7, short) ?? "")).toMatchObject({ uuid: "u" });
  });
});

/** Whether `part` is `whole` but for members at the end of lists and objects. */
function isPartOf(part: unknown, whole: unknown): boolean {
  if (typeof part !== "object" || part === null) return part === whole;
  if (typeof whole !== "object" || whole === null) return false;
  if (Array.isArray(part) !== Array.isArray(whole)) return false;
  const all = new Map(Object.entries(whole));
  return Object.entries(part).every(([key, value]) => isPartOf(value, all.get(key)));
}

test("a backslash run and an escaped quote end no text early", () => {
  const line = JSON.stringify({ a: "\\".repeat(300), b: '"'.repeat(300), c: "end" });

  expect(JSON.parse(shrink(line, 7) ?? "")).toMatchObject({ c: "end" });
});
