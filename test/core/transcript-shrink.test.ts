import { expect, test } from "bun:test";
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

test.each([
  ["a text that does not end", `{"a":"${"x".repeat(500)}`],
  ["a text cut off in an escape", `{"a":"${"x".repeat(500)}\\`],
  [
    "an escape JSON does not know, where text is dropped",
    `{"a":"${"x".repeat(200)}\\q${"x".repeat(200)}"}`,
  ],
  ["a broken \\u escape there", `{"a":"${"x".repeat(200)}\\u12g4${"x".repeat(200)}"}`],
  ["a control character there", `{"a":"${"x".repeat(200)}\u0001${"x".repeat(200)}"}`],
])("%s makes the line bad", (_case, line) => {
  expect(shrink(line)).toBeUndefined();
  expect(shrink(line, 3)).toBeUndefined();
});

test("a line that is still too long without its texts is bad", () => {
  expect(shrink(JSON.stringify(Array.from({ length: 60_000 }, () => 1)))).toBeUndefined();
});

test("a backslash run and an escaped quote end no text early", () => {
  const line = JSON.stringify({ a: "\\".repeat(300), b: '"'.repeat(300), c: "end" });

  expect(JSON.parse(shrink(line, 7) ?? "")).toMatchObject({ c: "end" });
});
