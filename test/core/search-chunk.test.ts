import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { CHUNK_POLICY, chunksOf, countPieces } from "../../core/search/chunk.ts";
import type { PassageRow } from "../../core/search/model.ts";

/** A body of messages, joined as exchanges join them. */
function conversation(texts: readonly string[]): { body: string; passages: PassageRow[] } {
  let body = "";
  const passages = texts.map((text, index): PassageRow => {
    if (index > 0) body += "\n\n";
    const start = body.length;
    body += text;
    return [`m${index}`, index % 2 === 0 ? "user" : "assistant", start, body.length];
  });
  return { body, passages };
}

const words = (count: number, word = "word") => Array(count).fill(word).join(" ");

/** What the chunks hold, without white space. */
const textOf = (body: string, chunks: readonly { start: number; end: number }[]) =>
  chunks
    .map(({ start, end }) => body.slice(start, end))
    .join("")
    .replace(/\s/g, "");

describe("a document is cut into chunks", () => {
  test("short messages become one", () => {
    const source = conversation(["Why does the build fail?", "The lock file is out of date."]);

    expect(chunksOf(source)).toEqual([{ start: 0, end: source.body.length }]);
  });

  test("messages that do not fit together stay apart", () => {
    const source = conversation([words(200), words(100), words(100)]);

    const chunks = chunksOf(source);

    expect(chunks.map(({ start, end }) => countPieces(source.body, { start, end }).pieces)).toEqual(
      [200, 200],
    );
  });

  test("a message too long for one is cut evenly, where sentences end", () => {
    const body = Array(40).fill("One two three four five six seven eight nine.").join(" ");

    const chunks = chunksOf({ body, passages: [] });

    expect(chunks).toHaveLength(2);
    for (const { start, end } of chunks) {
      expect(body.slice(start, end)).toStartWith("One");
      expect(body.slice(start, end)).toEndWith("nine.");
      expect(countPieces(body, { start, end }).pieces).toBeGreaterThan(150);
    }
  });

  test("more than six messages are never one, since a snippet shows no more", () => {
    const source = conversation(Array(8).fill("yes"));

    expect(chunksOf(source)).toEqual([
      { start: 0, end: 28 },
      { start: 30, end: 38 },
    ]);
  });

  test("nothing but white space has none", () => {
    expect(chunksOf({ body: "", passages: [] })).toEqual([]);
    expect(chunksOf({ body: " \n\t ", passages: [["m", "user", 0, 4]] })).toEqual([]);
  });

  test("ten megabytes cost no more than the cap", () => {
    const started = performance.now();

    const chunks = chunksOf({ body: words(2_000_000), passages: [] });
    const solid = chunksOf({ body: "x".repeat(10_000_000), passages: [] });

    expect(chunks).toHaveLength(CHUNK_POLICY.mostChunks);
    expect(solid).toHaveLength(CHUNK_POLICY.mostChunks);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test.each([
    ["Chinese", "数据库被锁定了需要重试写入操作", 15],
    ["emoji", "🙂🙂🙂", 3],
    ["a long number", "1234567890", 5],
    ["a word", "lock", 1],
    ["a long word", "authenticationservice", 6],
  ])("the pieces of %s are counted", (_what, text, pieces) => {
    expect(countPieces(text, { start: 0, end: text.length })).toEqual({ pieces, end: text.length });
  });
});

describe("whatever the text is", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc
      .array(
        fc.constantFrom("a", "word", "authentication", "12345", "数据", "🙂", ".", "\n\n", "  "),
        { maxLength: 80 },
      )
      .map((all) => all.join(" ")),
    fc.nat(400).map((count) => "x".repeat(count)),
  );
  const source = fc.array(text, { maxLength: 12 }).map(conversation);
  const policy = fc.record({
    mostPieces: fc.integer({ min: 8, max: 60 }),
    mergePieces: fc.integer({ min: 0, max: 60 }),
    mostMessages: fc.integer({ min: 1, max: 6 }),
    mostChunks: fc.integer({ min: 1, max: 20 }),
  });

  test("chunks are in order, apart, inside the body, and hold no more than they may", () => {
    fc.assert(
      fc.property(source, policy, ({ body, passages }, limits) => {
        const chunks = chunksOf({ body, passages }, limits);

        let last = 0;
        for (const { start, end } of chunks) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          const content = body.slice(start, end);
          expect(content).toBe(content.trim());
          expect(content.isWellFormed()).toBe(body.isWellFormed());
          const { pieces } = countPieces(body, { start, end });
          expect(pieces).toBeLessThanOrEqual(limits.mostPieces);
          const told = passages.filter(([, , from, to]) => from < end && to > start);
          expect(
            told.filter(([, , from, to]) => body.slice(from, to).trim()).length,
          ).toBeLessThanOrEqual(limits.mostMessages);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(body.length);
        expect(chunks.length).toBeLessThanOrEqual(limits.mostChunks);
      }),
      { numRuns: 400 },
    );
  });

  test("all text is in a chunk, unless there are as many as there may be", () => {
    fc.assert(
      fc.property(source, policy, ({ body, passages }, limits) => {
        const chunks = chunksOf({ body, passages }, limits);

        const whole = body.replace(/\s/g, "");
        const held = textOf(body, chunks);
        expect(whole.startsWith(held)).toBe(true);
        if (chunks.length < limits.mostChunks) expect(held).toBe(whole);
      }),
      { numRuns: 400 },
    );
  });

  test("places of messages that lie outside the body or over each other lose nothing", () => {
    const place = fc.tuple(fc.integer({ min: -20, max: 200 }), fc.integer({ min: -20, max: 200 }));
    fc.assert(
      fc.property(text, fc.array(place, { maxLength: 5 }), (body, places) => {
        const passages = places.map(([start, end], i): PassageRow => [`m${i}`, "user", start, end]);

        const chunks = chunksOf({ body, passages });

        expect(textOf(body, chunks)).toBe(body.replace(/\s/g, ""));
      }),
    );
  });
});
