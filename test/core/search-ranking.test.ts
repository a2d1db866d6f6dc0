import { expect, test } from "bun:test";
import fc from "fast-check";
import type { NewDocument } from "../../core/search/model.ts";
import { makeWorld, NOW, type World } from "../support/services.ts";

const PAGE = { limit: 10, maxTokens: 8000 };

/** Stores exchanges of one session in the order given, a minute apart. */
function converse(world: World, sessionId: string, bodies: readonly string[]): void {
  const { search, project } = world.services;
  bodies.forEach((body, n) => {
    const document: NewDocument = {
      id: `${sessionId}${n}`,
      kind: "exchange",
      projectKey: project.keyForWriting(),
      sessionId,
      at: NOW - 3_600_000 + n * 60_000,
      body,
    };
    search.put(document);
  });
}

const found = (world: World, query: string, minScore = 0) =>
  world.services.search.search({ query, minScore, ...PAGE }).hits;

test("an answer is found by the question before it, though it repeats none of its words", () => {
  using world = makeWorld();
  converse(world, "a", [
    "Which port does the staging proxy use?",
    "It listens on 7443, proxy side",
  ]);
  converse(world, "b", ["Let us talk of lunch instead", "It hides on 7443, proxy side"]);

  const [first, second] = found(world, "staging port of the proxy").filter(({ id }) =>
    /1$/.test(id),
  );

  expect(first?.id).toBe("a1");
  expect(second?.id).toBe("b1");
  expect(first?.score).toBeGreaterThan(second?.score ?? 1);
});

test("a neighbour's words alone are no match", () => {
  using world = makeWorld();
  converse(world, "a", ["The kubernetes ingress is broken", "Restart it then", "Done, thanks"]);

  expect(found(world, "kubernetes ingress").map(({ id }) => id)).toEqual(["a0"]);
});

test("words that stand together are worth more than the same words apart", () => {
  using world = makeWorld();
  const filler = "then we went on with other things that nobody remembers today";
  converse(world, "a", [`The retry budget is three ${filler} and the queue is drained`]);
  converse(world, "b", [`The retry was three ${filler} and the budget is drained, queue`]);

  const [first, second] = found(world, "retry budget");

  expect(first?.id).toBe("a0");
  expect(first?.why.text).toBeGreaterThan(second?.why.text ?? 1);
});

test("one sentence that says it all is worth more than the same words in two", () => {
  using world = makeWorld();
  converse(world, "two", ["The deploy lock stays short. A lease of the queue is known to all."]);
  converse(world, "one", ["The deploy lock stays short: a lease of the queue is known to all."]);
  converse(world, "dot", [
    "The deploy.lock stays 2.5 short, a lease of the queue is known to all.",
  ]);

  const hits = found(world, "deploy lock lease queue");
  const textOf = (id: string) => hits.find((hit) => hit.id === `${id}0`)?.why.text ?? 0;

  expect(textOf("one")).toBeGreaterThan(1.05 * textOf("two"));
  expect(textOf("dot")).toBeGreaterThan(1.05 * textOf("two"));
});

test("a name is worth more than another word as rare", () => {
  using world = makeWorld();
  converse(world, "word", ["The picnic was on a sunny day in the park"]);
  converse(world, "name", ["The visit of Berta was on a day in spring"]);

  expect(found(world, "what of the picnic said Berta")[0]?.id).toBe("name0");
  expect(found(world, "what of the Picnic said berta")[0]?.id).toBe("word0");
});

test("a date in digits is no number to look for", () => {
  using world = makeWorld();
  converse(world, "numbers", ["Of 2026 tests 17 fail in release 03", "They are of release 03"]);
  converse(world, "date", ["The release of 2026-03-17 went out"]);

  expect(found(world, "2026-03-17").map(({ id }) => id)).toEqual(["date0"]);
});

test("in a long answer the best passage counts, not the length", () => {
  using world = makeWorld();
  const filler = "Something else was said here about nothing in particular. ".repeat(120);
  converse(world, "long", [`${filler}The vault token rotates at midnight. ${filler}`]);
  converse(world, "short", ["The token was mentioned, and a vault, once at midnight rotates"]);

  const hits = found(world, "vault token rotates midnight");

  expect(hits.map(({ id }) => id).sort()).toEqual(["long0", "short0"]);
  for (const { score } of hits) expect(score).toBeGreaterThan(0.2);
});

test("a question that names a month finds what was said in it", () => {
  using world = makeWorld();
  const { search, project } = world.services;
  for (const [id, month] of [
    ["march", 2],
    ["april", 3],
    ["may", 4],
  ] as const) {
    const at = new Date(2025, month, 14).getTime();
    const projectKey = project.keyForWriting();
    search.put({
      id,
      kind: "exchange",
      projectKey,
      sessionId: id,
      at,
      body: `release went out, ${id.length}`,
    });
  }

  expect(found(world, "what release went out in April 2025?")[0]?.id).toBe("april");
});

test.each([
  ["went", "go", "We go with the second design"],
  ["chose", "chosen", "The second design was chosen"],
  ["children", "child", "Each child process is reaped"],
])("%s finds %s", (asked, _found, body) => {
  using world = makeWorld();
  converse(world, "a", [body, "Nothing of the kind"]);

  expect(found(world, asked).map(({ id }) => id)).toEqual(["a0"]);
});

test("the 's of a noun is no word to look for", () => {
  using world = makeWorld();
  converse(world, "a", ["The server's clock drifts", "It is s that drifts in k's and s's"]);

  expect(found(world, "clock's").map(({ id }) => id)).toEqual(["a0"]);
});

test("a least score leaves out what lies below it, and the rest is as it was", () => {
  const word = fc.constantFrom("alpha", "beta", "gamma", "delta", "epsilon");
  const text = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(" "));

  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1, maxLength: 15 }),
      text,
      fc.double({ min: 0, max: 0.6, noNaN: true }),
      (bodies, query, least) => {
        using world = makeWorld();
        for (const [n, body] of bodies.entries()) converse(world, `s${n}-`, [body]);
        const { search } = world.services;
        const size = { limit: 50, maxTokens: 100_000 };
        const all = search.search({ query, ...size });

        const some = search.search({ query, minScore: least, ...size });

        expect(some.hits).toEqual(all.hits.filter(({ score }) => score >= least));
        expect(some.total).toBe(some.hits.length);
      },
    ),
    { numRuns: 40 },
  );
});

test("an error is found by its text in what a tool gave, though nobody said it", () => {
  using world = makeWorld();
  const { search, project } = world.services;
  const projectKey = project.keyForWriting();
  const say = (id: string, body: string, tools: string) =>
    search.put({ id, kind: "exchange", projectKey, sessionId: id, at: NOW, body, tools });
  say(
    "printed",
    "The key set was cached across a rotation.",
    `${"ok 1 passes\n".repeat(300)}JWSVerificationFailed: signature verification failed at jose/verify.js`,
  );
  say("said", "Verification of the signature is a step that failed reviews name", "ok 1 passes");

  const [best] = found(
    world,
    "JWSVerificationFailed: signature verification failed at jose/verify.js",
  );

  expect(best?.id).toBe("printed");
  expect(best?.score).toBeGreaterThan(0.3);
});

test("what a match is worth does not hang on the least score, however many matches there are", () => {
  using world = makeWorld();
  const words = ["cache", "token", "queue", "worker", "retry", "schema", "router"];
  const wordAt = (n: number) => words[n % words.length] ?? "";
  for (let session = 0; session < 60; session += 1) {
    const texts = Array.from({ length: 10 }, (_, n) =>
      [
        "step",
        session,
        n,
        ...Array.from({ length: 1 + (n % 4) }, (_, k) => wordAt(session + n * k)),
      ].join(" "),
    );
    converse(world, `s${session}-`, texts);
  }
  const { search } = world.services;
  const query = "cache token queue worker";
  const all = search.ranked({ query, minScore: 0 });
  expect(all.length).toBeGreaterThan(400);

  const scores = [0.001, 0.05, 0.1, 0.2, 0.3, 0.5, ...all.slice(0, 9).map(([, score]) => score)];
  for (const least of scores) {
    const some = search.ranked({ query, minScore: least });
    expect(some).toEqual(all.filter(([, score]) => score >= least));
  }
});
