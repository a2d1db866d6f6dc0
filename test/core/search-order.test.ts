import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { asksForPast, newestFirst } from "../../core/search/replaced.ts";
import { spread } from "../../core/search/spread.ts";
import { usefulness } from "../../core/search/use-store.ts";

const DAY = 86_400_000;

/** A result of a session with a score. */
const result = fc.record({
  candidate: fc.record({ sessionId: fc.constantFrom("a", "b", "c", null) }),
  parts: fc.record({ score: fc.integer({ min: 1, max: 100 }).map((n) => n / 100) }),
});
const ranking = fc
  .array(result, { maxLength: 25 })
  .map((all) => all.toSorted((a, b) => b.parts.score - a.parts.score));
const made = (sessionId: string | null, score: number) => ({
  candidate: { sessionId },
  parts: { score, match: score },
});

describe("results of one session", () => {
  test("give way to others as good, and to none that are worse", () => {
    const ranked = [
      ...[made("a", 0.8), made("a", 0.79), made("a", 0.78)],
      ...[made("b", 0.77), made("c", 0.6), made(null, 0.5)],
    ];

    const sessions = spread(ranked).map(({ candidate }) => candidate.sessionId);

    expect(sessions).toEqual(["a", "b", "a", "a", "c", null]);
  });

  test("are reordered and never dropped, the best stays first, and nothing passes what is better by more than a twentieth", () => {
    fc.assert(
      fc.property(ranking, (ranked) => {
        const order = spread(ranked);

        expect(new Set(order)).toEqual(new Set(ranked));
        expect(order).toHaveLength(ranked.length);
        expect(order[0]).toBe(ranked[0] as (typeof order)[number]);
        order.forEach((one, at) => {
          for (const later of order.slice(at + 1)) {
            expect(one.parts.score).toBeGreaterThanOrEqual(later.parts.score * 0.95 - 1e-9);
          }
        });
      }),
    );
  });
});

describe("what was replaced", () => {
  const OLD = "Remember: the config server listens on port 7411.";
  const NEW = "The config server listens on port 7890 now, the old one collided with the agent.";
  const TERMS = ["config", "server", "port"];
  /** Orders bodies as they are ranked, each a day after what stands behind it unless told. */
  const order = (bodies: readonly string[], days = bodies.map((_, index) => index)) => {
    const ranked = bodies.map((_, rowid) => ({
      candidate: { rowid, projectKey: "p", at: (days[rowid] ?? 0) * DAY },
      parts: { score: 0.9 - rowid / 10, match: 1 },
    }));
    const found = newestFirst(ranked, {
      bodyOf: (rowid) => bodies[rowid] ?? "",
      placesOf: (rowid) =>
        TERMS.flatMap((word, term) =>
          [...(bodies[rowid] ?? "").matchAll(new RegExp(word, "gi"))].map(({ index }) => ({
            term,
            at: index,
            word: index,
          })),
        ),
      weights: TERMS.map(() => 1),
    });
    return found.map(({ candidate: { rowid }, parts }) => [rowid, parts.score]);
  };

  test("comes after what holds now, which scores no less", () => {
    expect(order([OLD, "A config of some server, and a port.", NEW])).toEqual([
      [2, 0.9],
      [0, 0.9],
      [1, 0.8],
    ]);
  });

  test.each([
    ["an older statement", [OLD, NEW], [1, 0]],
    ["the same statement again", [OLD, OLD], [0, 1]],
    ["a question about it", [OLD, "The config server listens on port what?"], [0, 1]],
    ["the same words in other order", [OLD, "Port, server or config: on it listens the"], [0, 1]],
    [
      "half of its words, and no word of a change",
      [OLD, "The config server has the port 7."],
      [0, 1],
    ],
    ["less of what is asked", [OLD, "The config listens on 7411 and 12 more."], [0, 1]],
  ] as const)("stays where it is beside %s", (_case, bodies, days) => {
    expect(order(bodies, [...days]).map(([rowid]) => rowid)).toEqual([0, 1]);
  });

  test.each([
    ["which port did the server use before", true],
    ["what was the first port", true],
    ["which port does the server listen on", false],
  ])("may be asked for: %s", (query, isPast) => {
    expect(asksForPast(query)).toBe(isPast);
  });
});

describe("how useful a document was", () => {
  const count = fc.integer({ min: 0, max: 1_000_000 });

  test("lies in -1..1, grows with each sign of use, and a vote against outweighs all", () => {
    fc.assert(
      fc.property(count, count, (opened, repeated) => {
        const plain = usefulness({ opened, repeated, rating: 0 });

        expect(plain).toBeGreaterThanOrEqual(0);
        expect(plain).toBeLessThan(1);
        expect(usefulness({ opened: opened + 1, repeated, rating: 0 })).toBeGreaterThan(plain);
        expect(usefulness({ opened, repeated, rating: 1 })).toBeGreaterThan(plain);
        expect(usefulness({ opened, repeated, rating: -1 })).toBe(-1);
      }),
    );
    expect(usefulness({ opened: 0, repeated: 0, rating: 0 })).toBe(0);
  });
});
