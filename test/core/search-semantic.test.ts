import { expect, test } from "bun:test";
import type { Embedder } from "../../core/kernel/ports.ts";
import type { Filter } from "../../core/search/filter.ts";
import type { Services } from "../../core/services.ts";
import { makeWorld } from "../support/services.ts";
import { wordEmbedder } from "../support/vectors.ts";

/** Puts a document of one text; `at` in days, so that the order of time is told. */
function put(
  { search }: Services,
  id: string,
  body: string,
  at = 0,
  kind: "exchange" | "insight" = "exchange",
) {
  return search.put({ id, kind, projectKey: "p", at: at * 86_400_000, body }).rowid;
}

async function drain({ semantic }: Services): Promise<number> {
  let turns = 0;
  while (await semantic.step()) turns += 1;
  return turns;
}

const embeddedOf = ({ ports }: Services) =>
  ports.db
    .query<{ id: string; name: string }, []>(
      `SELECT d.id, m.name FROM embedding e JOIN document d ON d.rowid = e.document_rowid
       JOIN embedding_model m ON m.id = e.model_id ORDER BY d.id, e.chunk`,
    )
    .all()
    .map(({ id, name }) => `${id} ${name}`);

test("whatever its kind, a document is found by a text like it, with its chunk's place", async () => {
  using world = makeWorld({ embedder: wordEmbedder() });
  const { services } = world;
  const long = Array(150).fill("unrelated filler words here").join(" ");
  const rowid = put(services, "a", `${long}\n\nthe pool was exhausted`);
  put(services, "b", "rotate the token", 0, "insight");

  await drain(services);
  const pool = (await services.semantic.near("pool was exhausted", { limit: 1 }))?.found;
  const token = await services.semantic.near("token rotate", {
    limit: 2,
    filter: { kinds: ["insight"] },
  });

  const place = pool?.get(rowid);
  expect(services.search.byRowid(rowid)?.body.slice(place?.start, place?.end)).toEndWith(
    "the pool was exhausted",
  );
  expect([...(token?.found.keys() ?? [])]).toEqual([rowid + 1]);
});

test("every filter of a search holds before the limit, tags and branches too", async () => {
  using world = makeWorld({ embedder: wordEmbedder() });
  const { search, semantic } = world.services;
  for (let n = 0; n < 40; n += 1) {
    const isOdd = n % 2 === 1;
    search.put({
      id: `d${n}`,
      kind: "exchange",
      projectKey: "p",
      branch: isOdd ? "main" : "topic",
      tags: n === 30 ? ["Auth"] : [],
      at: n,
      body: `pool ${"word ".repeat(n)}`,
    });
  }
  await drain(world.services);

  const found = async (filter: Filter) => {
    const hits = (await semantic.near("pool", { limit: 2, filter }))?.found;
    return [...(hits?.keys() ?? [])].map((rowid) => search.byRowid(rowid)?.id);
  };

  expect(await found({})).toEqual(["d0", "d1"]);
  expect(await found({ branches: ["main"] })).toEqual(["d1", "d3"]);
  expect(await found({ tags: ["auth"] })).toEqual(["d30"]);
  expect(await found({ tags: ["auth"], branches: ["main"] })).toEqual([]);
  expect(await found({ since: 10, before: 12 })).toEqual(["d10", "d11"]);
  expect(await found({ hiddenKeys: ["p"] })).toEqual([]);
});

test("without a model nothing is embedded, nothing is found, and asking for all of it says why", async () => {
  using world = makeWorld();
  put(world.services, "a", "text");

  expect(await world.services.semantic.step()).toBe(false);
  expect(await world.services.semantic.near("text", { limit: 3 })).toBeUndefined();
  await expect(world.services.semantic.run()).rejects.toMatchObject({
    code: "unavailable",
    hint: "sb model pull, then sb ingest --embed",
  });
});

test("the newest documents are embedded first, and a document without text is done at once", async () => {
  const embedder = wordEmbedder();
  using world = makeWorld({ embedder });
  for (let day = 1; day <= 20; day += 1) put(world.services, `d${day}`, `day ${day}`, day);
  put(world.services, "empty", " ", 30);

  await world.services.semantic.step();
  const first = embedder.given.flatMap(({ texts }) => texts);
  const turns = await drain(world.services);

  expect(first).toEqual([20, 19, 18, 17, 16, 15, 14].map((day) => `day ${day}`));
  expect(embedder.given.every(({ urgency }) => urgency === "document")).toBe(true);
  expect(embeddedOf(world.services)).toHaveLength(20);
  expect(turns).toBeGreaterThan(1);
  expect(await world.services.semantic.step()).toBe(false);
});

test("a changed document is embedded anew, one that changed meanwhile again, a removed one never", async () => {
  let meanwhile = () => {};
  const words = wordEmbedder();
  const embedder: Embedder = {
    ...words,
    async embed(texts, urgency) {
      meanwhile();
      return words.embed(texts, urgency);
    },
  };
  using world = makeWorld({ embedder });
  const { services } = world;
  put(services, "a", "first");
  const gone = put(services, "b", "gone");
  meanwhile = () => {
    meanwhile = () => {};
    put(services, "a", "second");
    services.search.remove(gone);
  };

  await drain(services);

  expect(embeddedOf(services)).toEqual(["a words/c1"]);
  const near = (await services.semantic.near("second", { limit: 1 }))?.found;
  expect([...(near?.values() ?? [])][0]?.similarity).toBeCloseTo(1, 2);
  put(services, "a", "third");
  expect(embeddedOf(services)).toEqual([]);
  await drain(services);
  expect(embeddedOf(services)).toEqual(["a words/c1"]);
});

test("text in which nothing changed but its tools is not embedded again", async () => {
  const embedder = wordEmbedder();
  using world = makeWorld({ embedder });
  const document = { id: "a", kind: "exchange", projectKey: "p", at: 0, body: "text" } as const;
  world.services.search.put(document);
  await drain(world.services);

  world.services.search.put({ ...document, tools: "Bash ls" });
  await drain(world.services);

  expect(embedder.given).toHaveLength(1);
});

test("another model embeds all anew; the old vectors are used for nothing, and go", async () => {
  using world = makeWorld({ embedder: wordEmbedder("old") });
  put(world.services, "a", "one");
  put(world.services, "b", "two", 1);
  await drain(world.services);
  const next = world.another({ embedder: wordEmbedder("new") });

  const before = (await next.semantic.near("one", { limit: 5 }))?.found;
  await drain(next);
  const after = (await next.semantic.near("one", { limit: 5 }))?.found;

  expect([before?.size, after?.size]).toEqual([0, 2]);
  expect(embeddedOf(next)).toEqual(["a new/c1", "b new/c1"]);
  expect(next.ports.db.query("SELECT name FROM embedding_model").values()).toEqual([["new/c1"]]);
});

test("vectors of an unknown model, of a wrong size and damaged ones are embedded again", async () => {
  using world = makeWorld({ embedder: wordEmbedder() });
  const { services } = world;
  for (const id of ["a", "b", "c"]) put(services, id, `text ${id}`);
  await drain(services);
  services.ports.db.run("INSERT INTO embedding_model (name) VALUES ('stranger')");
  services.ports.db.run(`UPDATE embedding SET vector = x'0102' WHERE document_rowid = 1`);
  services.ports.db.run(`UPDATE embedding SET vector = zeroblob(580) WHERE document_rowid = 2`);
  services.ports.db.run(
    `INSERT INTO embedding (document_rowid, model_id, chunk, range_start, range_end, vector)
     SELECT 3, id, 0, 0, 5, randomblob(99) FROM embedding_model WHERE name = 'stranger'`,
  );

  const found = (await services.semantic.near("text", { limit: 5 }))?.found;
  await drain(services);
  const mended = (await services.semantic.near("text", { limit: 5 }))?.found;

  expect([found?.size, mended?.size]).toEqual([1, 3]);
  expect(embeddedOf(services)).toEqual(["a words/c1", "b words/c1", "c words/c1"]);
});

test("two servers never embed the same at the same time; what a killed one left is taken over", async () => {
  const stuck: Embedder = { modelId: "words", embed: () => new Promise(() => {}), release() {} };
  const embedder = wordEmbedder();
  using world = makeWorld({ embedder: stuck, self: { pid: 7, startedAt: 1 } });
  world.alive.add(7);
  const second = world.another({ embedder, self: { pid: 8, startedAt: 1 } });
  for (let day = 1; day <= 9; day += 1) put(second, `d${day}`, `day ${day}`, day);

  void world.services.semantic.step();
  const whileAlive = await second.semantic.step();
  world.alive.delete(7);
  await drain(second);

  expect(whileAlive).toBe(false);
  expect(embeddedOf(second)).toHaveLength(9);
  expect(embedder.given.flatMap(({ texts }) => texts)).toHaveLength(9);
});

test("a document that fails is left alone for a minute, the others are embedded", async () => {
  const words = wordEmbedder();
  const embedder: Embedder = {
    ...words,
    embed: (texts, urgency) =>
      texts.some((text) => text.includes("poison"))
        ? Promise.reject(new Error("crashed"))
        : words.embed(texts, urgency),
  };
  using world = makeWorld({ embedder });
  for (let day = 1; day <= 8; day += 1) put(world.services, `x${day}`, "poison", 100 + day);
  put(world.services, "good", "good");

  await expect(world.services.semantic.step()).rejects.toThrow("crashed");
  await drain(world.services);
  const meanwhile = embeddedOf(world.services);
  world.pass(60_001);

  expect(meanwhile).toEqual(["good words/c1"]);
  await expect(world.services.semantic.step()).rejects.toThrow("crashed");
});

test("a model that gives something else is refused, and what waits goes on waiting", async () => {
  const embedder: Embedder = {
    modelId: "odd",
    embed: async () => [new Float32Array(3)],
    release() {},
  };
  using world = makeWorld({ embedder });
  put(world.services, "a", "text");

  await expect(world.services.semantic.run()).rejects.toThrow("none of its own");

  expect(embeddedOf(world.services)).toEqual([]);
  expect(world.services.ports.db.query("SELECT count(*) FROM embedding_due").values()).toEqual([
    [1],
  ]);
});

test("all at once: how far it is is told, and what was interrupted goes on where it was", async () => {
  using world = makeWorld({ embedder: wordEmbedder() });
  for (let day = 1; day <= 30; day += 1) put(world.services, `d${day}`, `day ${day}`, day);
  await world.services.semantic.step();
  const told: unknown[] = [];

  const embedded = await world.services.semantic.run((progress) => told.push(progress));

  expect(embedded).toBe(22);
  expect(told).toEqual([0, 8, 16].map((done) => ({ done, total: 22 })));
  expect(world.services.ports.db.query("SELECT count(*) FROM embedding_pack").values()).toEqual([
    [1],
  ]);
});

test("stopped in the middle, nothing more is written", async () => {
  using world = makeWorld({ embedder: wordEmbedder() });
  put(world.services, "a", "text");

  const step = world.services.semantic.step();
  world.services.semantic.stop();

  expect(await step).toBe(false);
  expect(embeddedOf(world.services)).toEqual([]);
  expect(await world.services.semantic.step()).toBe(false);
});

test.each([
  ["of a wrong size", "UPDATE embedding SET vector = randomblob(99)"],
  ["lost", "DELETE FROM embedding"],
  ["of a model not known", "UPDATE embedding_model SET name = 'stranger'"],
  ["of a model not there", "UPDATE embedding SET model_id = 99"],
])("asked for all, vectors that are %s are made anew at once", async (_what, damage) => {
  using world = makeWorld({ embedder: wordEmbedder() });
  for (const id of ["a", "b", "c"]) put(world.services, id, `text of ${id}`);
  put(world.services, "without-text", " ");
  await world.services.semantic.run();
  world.services.ports.db.run("PRAGMA foreign_keys = OFF");
  world.services.ports.db.run(damage);

  const { semantic } = world.another({ embedder: wordEmbedder() });
  const mended = await semantic.run();

  expect(mended).toBe(3);
  expect((await semantic.near("text of b", { limit: 5 }))?.found.size).toBe(3);
  expect(await semantic.run()).toBe(0);
});
