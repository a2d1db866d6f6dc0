import { expect, test } from "bun:test";
import { healthChecks } from "../../core/session/health.ts";
import { statusOf } from "../../core/session/status.ts";
import { preparedModels } from "../support/model.ts";
import { makeWorld, NOW, type World } from "../support/services.ts";

const models = await preparedModels();
const QUERY = { query: "how do we store passwords", limit: 10, maxTokens: 8_000 };

/** Four notes that are embedded, one without a text, and one that waits. */
async function embedded(): Promise<World> {
  const world = makeWorld({ env: { SB_MODEL_DIR: models } });
  const { search, project, semantic } = world.services;
  const put = (id: string, body: string) => {
    const projectKey = project.keyForWriting();
    search.put({ id, kind: "reflection", projectKey, at: NOW, body, tools: "ls" });
  };
  put("passwords", "We keep user passwords hashed with argon2id");
  put("staging", "The staging server is rebooted every night at three");
  put("invoices", "Invoices are numbered per calendar year and never reused");
  put("owner", "Alice owns the billing service");
  put("textless", "");
  await semantic.run();
  put("waiting", "Logs are shipped to the archive bucket after thirty days");
  return world;
}

const told = ({ services: { ports } }: World) => statusOf(ports).memory.embedded;
const health = ({ services }: World) =>
  healthChecks(services).find(({ name }) => name === "vectors");

test.each([
  ["deleted", "DELETE FROM embedding", 1],
  ["of another model", "UPDATE embedding_model SET name = 'other'", 1],
  ["emptied", "UPDATE embedding SET vector = x''", undefined],
  ["damaged", "UPDATE embedding SET vector = zeroblob(580)", undefined],
])(
  "where all vectors are %s, a search says so, and embedding makes them anew",
  async (_how, sql, left) => {
    using world = await embedded();
    const { search, semantic, ports } = world.services;
    const before = await search.recall(QUERY);
    const sound = [told(world), health(world)?.ok];

    // As a disk does it: nothing in the store is told.
    for (const trigger of ["insert", "update", "delete"])
      ports.db.run(`DROP TRIGGER embedding_${trigger}`);
    ports.db.run(sql);
    const lost = await search.recall(QUERY);
    const nothing = await search.recall({ ...QUERY, kinds: ["handoff"] });
    const [counted, seen] = [told(world), health(world)];
    await semantic.run();
    const mended = await search.recall(QUERY);
    const filtered = await search.recall({ ...QUERY, kinds: ["handoff"] });
    ports.embedder?.release();

    expect([before.mode, before.note, ...sound]).toEqual(["hybrid", undefined, 5, true]);
    for (const page of [lost, nothing]) {
      expect(page.mode).toBe("text");
      expect(page.note).toMatch(/no memory has a sound vector.*sb ingest --all --embed/);
    }
    if (left !== undefined) expect(counted).toBe(left);
    expect(seen).toMatchObject({ ok: false });
    expect(seen?.detail).toContain("1 of 6 documents embedded, 4 without a sound vector");
    expect([mended.mode, mended.note]).toEqual(["hybrid", undefined]);
    expect(filtered.note).toBeUndefined();
    expect([told(world), health(world)?.ok]).toEqual([6, true]);
  },
);

test("a vector that is lost is no document that is embedded, and a server makes it anew", async () => {
  using world = await embedded();
  const { ports } = world.services;
  ports.db.run("DELETE FROM embedding WHERE document_rowid = 2");
  const lost = told(world);

  const server = world.another({ env: { SB_MODEL_DIR: models } });
  while (await server.semantic.step());
  for (const one of [ports, server.ports]) one.embedder?.release();

  expect([lost, told(world)]).toEqual([4, 6]);
});

test("of many documents the count is never above that of the vectors", async () => {
  using world = makeWorld({ env: { SB_MODEL: "off" } });
  const { search, project, ports } = world.services;
  const projectKey = project.keyForWriting();
  ports.db.transaction(() => {
    for (let n = 0; n < 2_500; n += 1) {
      search.put({ id: `n${n}`, kind: "reflection", projectKey, at: NOW, body: `note ${n}` });
    }
    ports.db.run("INSERT INTO embedding_model (name) VALUES ('m')");
    ports.db.run("INSERT INTO setting (name, value) VALUES ('embedding_model', 'm')");
    ports.db.run(`INSERT INTO embedding (document_rowid, model_id, chunk, range_start, range_end, vector)
      SELECT rowid, 1, 0, 0, 4, x'00' FROM document`);
    ports.db.run("DELETE FROM embedding_due");
  })();
  const all = told(world);

  ports.db.run("DELETE FROM embedding WHERE document_rowid > 100");
  const few = told(world);
  ports.db.run("UPDATE embedding_model SET name = 'other'");

  expect([all, few, told(world)]).toEqual([2_500, 100, 0]);
});
