import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Services } from "../../core/services.ts";
import { makeWorld, NOW } from "../support/services.ts";

const PAGE = { limit: 10, maxTokens: 8000 };

function store({ project, search, ports }: Services, bodies: readonly string[]): void {
  const projectKey = project.keyForWriting();
  ports.db.transaction(() => {
    bodies.forEach((body, n) => {
      search.put({ id: `n${n}`, kind: "reflection", projectKey, at: NOW, body });
    });
  })();
}

test("in a store of two notes both show a score, and a word that stands nowhere costs little", () => {
  using world = makeWorld();
  const { search } = world.services;
  store(world.services, [
    "The rate limiter counts logins by address",
    "A rate limiter on logins belongs before the password check",
  ]);

  const query = "rate limiter logins";
  const known = search.search({ query, minScore: 0.2, ...PAGE });
  const more = search.search({ query: `${query} kubernetes`, minScore: 0.2, ...PAGE });

  expect(known.hits).toHaveLength(2);
  expect(more.hits).toHaveLength(2);
  expect(more.hits[0]?.score).toBeGreaterThan(0.9 * (known.hits[0]?.score ?? 1));
});

test("in a store of thousands a word that stands nowhere says that it was not spoken of", () => {
  using world = makeWorld();
  store(world.services, [
    "The rate limiter counts logins by address",
    ...Array.from({ length: 2000 }, (_, n) => `entry ${n} of the log`),
  ]);
  const scoreOf = (query: string) =>
    world.services.search.search({ query, ...PAGE }).hits[0]?.score;

  const known = scoreOf("limiter logins") ?? 0;

  expect(scoreOf("limiter kubernetes")).toBeLessThan(0.7 * known);
});

test.each([1, 2, 3, 10])("of %p documents the one that holds every word comes first", (size) => {
  using world = makeWorld();
  store(world.services, [
    "cache shard replica",
    ...Array.from({ length: size - 1 }, (_, n) => `cache entry ${n}`),
  ]);

  const { hits } = world.services.search.search({ query: "cache shard replica", ...PAGE });

  const [best, ...others] = hits;
  expect(best?.id).toBe("n0");
  expect(best?.score).toBeGreaterThan(0.3);
  for (const { score } of others) {
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThan((best?.score ?? 0) / 2);
  }
});

test("whatever matches shows a share above 0 and at most 1, best first", () => {
  const word = fc.constantFrom("alpha", "beta", "gamma", "delta", "字", "日本語", "HTTPServer");
  const text = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(" "));

  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 12 }), text, (bodies, query) => {
      using world = makeWorld();
      store(world.services, bodies);

      const { hits } = world.services.search.search({ query, ...PAGE });

      for (const { score, why } of hits) {
        expect(score).toBeGreaterThan(0);
        expect(why.text).toBeLessThanOrEqual(1);
      }
      expect(hits.map(({ score }) => score)).toEqual(
        hits.map(({ score }) => score).toSorted((a, b) => b - a),
      );
    }),
    { numRuns: 40 },
  );
});

test.each([
  ["a word that stands in every document", "common", 1000],
  ["a character that begins many words", "字", 1000],
])("in a large store, too, %s is worth something", (_case, query, least) => {
  using world = makeWorld();
  store(
    world.services,
    Array.from({ length: 1100 }, (_, n) => `common 字母${n} ${n}`),
  );

  const { total, hits } = world.services.search.search({ query, ...PAGE });

  expect(total).toBeGreaterThan(least);
  for (const { score } of hits) expect(score).toBeGreaterThan(0);
});

test("a match by a word that says nothing is not worth nothing beside one that says much", () => {
  using world = makeWorld();
  store(
    world.services,
    Array.from({ length: 1100 }, (_, n) => (n === 7 ? "common zebra" : `common ${n}`)),
  );

  const [best, next] = world.services.search.search({ query: "common zebra", ...PAGE }).hits;

  expect(best?.id).toBe("n7");
  expect(best?.score).toBeGreaterThan(0.3);
  expect(next?.score).toBeGreaterThan(0);
});
