import { expect, test } from "bun:test";
import fc from "fast-check";
import { alike, shinglesOf, similarity, sketchOf } from "../../core/search/sketch.ts";

/** A text of its own for each seed, of `words` words. */
function prose(seed: number, words: number): string[] {
  return Array.from({ length: words }, (_, n) => `w${Bun.hash.crc32(`${seed}/${n}`) % 5_000}`);
}

test("a text is wholly like itself, whatever its case and marks, and not like another", () => {
  const text = prose(1, 60).join(" ");

  expect(similarity(text, text.toUpperCase().replaceAll(" ", ", "))).toBe(1);
  expect(similarity(text, prose(2, 60).join(" "))).toBeLessThan(0.05);
  expect(sketchOf(text)).toEqual(sketchOf(`  ${text}!`) as Uint32Array);
});

test("the order of the words counts", () => {
  const words = prose(6, 60);

  expect(similarity(words.join(" "), words.toReversed().join(" "))).toBeLessThan(0.1);
});

test.each(["", "yes go on", "🙂", "one two three four five six seven"])(
  "%p is too short to be like anything",
  (text) => {
    expect([sketchOf(text), shinglesOf(text).size, similarity(text, text)]).toEqual([
      undefined,
      0,
      0,
    ]);
  },
);

test("a few changed words are found, and what has half in common is not taken for it", () => {
  const words = prose(3, 200);
  const near = words.with(20, "changed").with(120, "too").join(" ");
  const half = [...words.slice(0, 100), ...prose(4, 100)].join(" ");
  const texts = [
    words.join(" "),
    near,
    half,
    ...Array.from({ length: 50 }, (_, n) => prose(100 + n, 200).join(" ")),
  ];

  const pairs = [...alike(texts.map(sketchOf), 0.85)].filter(
    ([a, b]) => similarity(texts[a] ?? "", texts[b] ?? "") >= 0.85,
  );

  expect(pairs).toEqual([[0, 1]]);
});

test("likeness is the same both ways, in 0 to 1, and falls as words are replaced", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      fc.integer({ min: 20, max: 200 }),
      (seed, length) => {
        const words = prose(seed, length);
        const few = words.with(length >> 1, "x").join(" ");
        const many = words.map((word, n) => (n % 5 === 0 ? `y${n}` : word)).join(" ");
        const text = words.join(" ");

        expect(similarity(text, few)).toBe(similarity(few, text));
        expect(similarity(text, few)).toBeLessThanOrEqual(1);
        expect(similarity(text, few)).toBeGreaterThanOrEqual(similarity(text, many));
      },
    ),
    { numRuns: 50 },
  );
});

test("twenty thousand texts that are all alike are compared with few each", () => {
  const sketch = sketchOf(prose(5, 50).join(" "));
  const started = performance.now();

  const pairs = [
    ...alike(
      Array.from({ length: 20_000 }, () => sketch),
      0.9,
    ),
  ].length;

  expect(pairs).toBeLessThan(20_000 * 10);
  expect(performance.now() - started).toBeLessThan(5_000);
});
