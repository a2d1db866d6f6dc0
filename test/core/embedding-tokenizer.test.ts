import { describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { MAX_PIECES } from "../../core/embedding/model.ts";
import { openTokenizer } from "../../core/embedding/tokenizer.ts";
import { WEIGHTS } from "../support/model.ts";

const encode = openTokenizer(join(WEIGHTS, "tokenizer.json"));

/** Numbers of the vocabulary: the mark of the start, the mark of the end, an unknown word. */
const [START, END, UNKNOWN] = [101, 102, 100];

test.each([
  // As the reference tokenizer of the model gives them.
  ["hello world", [7592, 2088]],
  ["Hello,  WORLD!", [7592, 1010, 2088, 999]],
  ["naïve Café", [15743, 7668]],
  ["embeddings", [7861, 8270, 4667, 2015]],
  ["", []],
  [" \n\t ", []],
])("%p is cut into word pieces as the model was taught", (text, pieces) => {
  expect(encode(text)).toEqual([START, ...pieces, END]);
});

describe("a text of any kind gives numbers of the vocabulary, at most 256", () => {
  test.each([
    ["emoji", "👩‍💻 ships 🚀🚀"],
    ["CJK", "令牌刷新失败，因为时钟偏差"],
    ["right-to-left", "שלום עולם مرحبا بالعالم"],
    ["lone surrogates", "before \uD83D after \uDE00"],
    ["NUL and control characters", "a\u0000b\u0007c\uFFFD"],
    ["one endless word", "a".repeat(100_000)],
    ["blanks before anything", `${" ".repeat(1_000_000)}token`],
    ["combining marks", `e${"\u0301".repeat(5_000)} end`],
    ["marks of the model itself", "[CLS] [SEP] [PAD] [MASK]"],
  ])("%s", (_kind, text) => {
    const pieces = encode(text);

    expect(pieces.length).toBeWithin(3, MAX_PIECES + 1);
    expect([pieces[0], pieces.at(-1)]).toEqual([START, END]);
    expect(pieces.every((piece) => Number.isInteger(piece) && piece >= 0 && piece < 30_522)).toBe(
      true,
    );
  });

  test("whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 3_000 }), (text) => {
        const pieces = encode(text);
        expect(pieces.length).toBeWithin(2, MAX_PIECES + 1);
        expect([pieces[0], pieces.at(-1)]).toEqual([START, END]);
      }),
    );
  });
});

test("a long text is what its beginning is, and the rest costs nothing", () => {
  const words = Array.from({ length: 2_000_000 }, (_, at) => `word${at % 97}`).join(" ");
  const started = performance.now();

  const pieces = encode(words);

  const ms = performance.now() - started;
  expect(words.length).toBeGreaterThan(10_000_000);
  expect(pieces).toHaveLength(MAX_PIECES);
  expect(pieces).toEqual(encode(words.slice(0, 1_900)));
  expect(ms).toBeLessThan(200);
});

test("words are not cut where the looking ends: more is looked at, and the pieces stay the same", () => {
  const endless = `${"x".repeat(150)} `.repeat(100);
  const text = `${endless}the token was refreshed twice`;

  const pieces = encode(text);

  expect(pieces.slice(0, 101)).toEqual([START, ...Array(100).fill(UNKNOWN)]);
  expect(pieces.slice(101)).toEqual(encode("the token was refreshed twice").slice(1));
});

test("a damaged tokenizer.json is corrupt, with what to do", () => {
  const path = join(mkdtempSync(join(Bun.env["HOME"] ?? "", "sb-tokenizer-")), "tokenizer.json");
  writeFileSync(path, '{"model": {"vocab"');

  expect(() => openTokenizer(path)).toThrow(
    expect.objectContaining({ code: "corrupt", hint: "fetch the model again: sb model pull" }),
  );
});
