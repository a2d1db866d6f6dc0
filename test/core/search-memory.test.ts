import { expect, test } from "bun:test";
import fc from "fast-check";
import { getMemory } from "../../core/search/capabilities.ts";
import type { Services } from "../../core/services.ts";
import { makeWorld, NOW } from "../support/services.ts";

interface Talk {
  readonly body: string;
  readonly title?: string;
  readonly tags?: readonly string[];
  readonly branch?: string;
  readonly detail?: unknown;
}

/** One session of 21 exchanges, of which `e10` is the one that is asked for. */
function talk({ search, project }: Services, told: Talk): void {
  for (let n = 0; n <= 20; n += 1) {
    search.put({
      id: `e${n}`,
      kind: "exchange",
      sessionId: "0d6f1f6a-0000-4000-8000-000000000001",
      projectKey: project.keyForWriting(),
      at: NOW + n * 1000,
      ...(n === 10 ? told : { body: `Turn ${n} ${"was about the queue ".repeat(20)}` }),
    });
  }
}

function tokensOf(answer: unknown): number {
  return Math.ceil(Buffer.byteLength(JSON.stringify(answer)) / 4);
}

test("a memory is shown within its tokens, whatever it holds", async () => {
  const text = fc.string({ unit: "grapheme", maxLength: 3000 });
  const short = fc.string({ unit: "binary", maxLength: 300 }).map((said) => said.toWellFormed());
  const told = fc.record({
    body: text,
    title: short,
    tags: fc.array(short, { maxLength: 30 }),
    branch: short,
    detail: fc.option(fc.record({ said: text }), { nil: undefined }),
  });
  const asked = fc.record({
    neighbours: fc.integer({ min: 0, max: 10 }),
    max_tokens: fc.integer({ min: 200, max: 1500 }),
  });
  await fc.assert(
    fc.asyncProperty(told, asked, async (document, { neighbours, max_tokens }) => {
      using world = makeWorld();
      talk(world.services, document);

      const answer = await getMemory.call(world.services, { id: "e10", neighbours, max_tokens });

      expect(tokensOf(answer)).toBeLessThanOrEqual(max_tokens);
      expect(tokensOf(answer)).toBe(answer.tokens);
      expect(answer.truncated).toBe(answer.content !== document.body);
    }),
    { numRuns: 25 },
  );
}, 30_000);

test("a long text has at least half of the room, however many neighbours are asked for", async () => {
  using world = makeWorld();
  talk(world.services, {
    body: "long ".repeat(2000),
    tags: Array(50).fill("a tag of some length"),
  });

  for (const max_tokens of [200, 600, 1500]) {
    const answer = await getMemory.call(world.services, { id: "e10", neighbours: 10, max_tokens });

    expect(tokensOf(answer.content)).toBeGreaterThanOrEqual(max_tokens / 2 - 1);
    expect(tokensOf(answer)).toBeLessThanOrEqual(max_tokens);
  }
});

test("a short text leaves its room to the nearest neighbours and to the detail", async () => {
  using world = makeWorld();
  talk(world.services, { body: "short", detail: { tool: "Read" } });

  const answer = await getMemory.call(world.services, {
    id: "e10",
    neighbours: 2,
    max_tokens: 1500,
  });
  const tight = await getMemory.call(world.services, {
    id: "e10",
    neighbours: 10,
    max_tokens: 200,
  });

  expect(answer.before.map(({ id }) => id)).toEqual(["e8", "e9"]);
  expect(answer.after.map(({ id }) => id)).toEqual(["e11", "e12"]);
  expect([answer.content, answer.truncated, answer.detail]).toEqual([
    "short",
    false,
    { tool: "Read" },
  ]);
  expect(tight.before.map(({ id }) => id)).toEqual(["e9"]);
});
