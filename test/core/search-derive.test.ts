import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { migrate } from "../../core/storage/migrate.ts";
import { MIGRATIONS } from "../../core/storage/migrations/index.ts";
import { makeWorld, NOW, type World } from "../support/services.ts";

/** Stores an exchange whose call edited a file, as this or an older version does. */
function edit({ services }: World, id: string, action = "edit"): void {
  const path = `/home/dev/${id}.ts`;
  services.search.put({
    id,
    kind: "exchange",
    projectKey: services.project.keyForWriting(),
    at: NOW,
    body: `Change ${id}\n\n\`\`\`ts\nfunction shared_${id}() {}\n\`\`\`\nError: the ${id} broke down`,
    files: [{ path, action }],
    detail: { tools: [{ name: "Edit", files: [{ path, action }], input: "const common = 1;" }] },
  });
}

function count({ services }: World, table: string): number {
  return (
    services.ports.db.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0
  );
}

const ask = (world: World, query: string) =>
  world.services.find.byCode({ query, limit: 100, maxTokens: 100_000 });

test("what is stored waits in the queue until somebody asks", () => {
  using world = makeWorld();
  edit(world, "alpha");
  expect([count(world, "derive_queue"), count(world, "code_block")]).toEqual([1, 0]);

  expect(ask(world, "shared_alpha").total).toBe(1);

  expect([count(world, "derive_queue"), count(world, "code_block")]).toEqual([0, 2]);
  expect([
    count(world, "document_error"),
    count(world, "code_fts"),
    count(world, "error_fts"),
  ]).toEqual([1, 2, 1]);
});

test("what a document no longer holds is no longer found, and a removed one leaves nothing", () => {
  using world = makeWorld();
  const { search, project } = world.services;
  edit(world, "alpha");
  ask(world, "shared_alpha");

  const { rowid } = search.put({
    id: "alpha",
    kind: "exchange",
    projectKey: project.keyForWriting(),
    at: NOW,
    body: "```ts\nfunction other() {}\n```",
  });

  expect([ask(world, "shared_alpha").total, ask(world, "other").total]).toEqual([0, 1]);
  search.remove(rowid);
  expect(
    ["code_block", "code_fts", "document_error", "error_fts", "derive_queue"].map((table) =>
      count(world, table),
    ),
  ).toEqual([0, 0, 0, 0, 0]);
});

test("a store of the version before is gone through bit by bit, and by whoever comes next", () => {
  using world = makeWorld();
  const { db } = world.services.ports;
  for (let n = 0; n < 200; n += 1) edit(world, `doc${n}`, "write");
  const one = world.services.search;

  expect(one.catchUp(0)).toEqual({ pending: 200 });
  const left = () => count(world, "derive_queue");
  one.catchUp(0.001);
  expect(left()).toBe(136);
  expect(world.another().find.byCode({ query: "common", limit: 5, maxTokens: 2000 }).total).toBe(
    200,
  );

  expect(left()).toBe(0);
  expect(
    db
      .query<{ action: string; n: number }, []>(
        "SELECT action, count(*) AS n FROM document_file GROUP BY 1",
      )
      .all(),
  ).toEqual([{ action: "edit", n: 200 }]);
});

test("migration puts every document that is there into the queue", () => {
  const db = new Database(":memory:", { strict: true });
  migrate(db, MIGRATIONS.slice(0, 8));
  for (const id of ["a", "b"]) {
    db.run(
      "INSERT INTO document (id, kind, project_key, at, hash, stored_at, body) VALUES (?, 'exchange', 'p', 1, ?, 1, 'x')",
      [id, id],
    );
  }
  db.run(
    "INSERT INTO document_file (document_rowid, path, action) VALUES (1, 'C:\\src\\Main.ts', 'write')",
  );

  migrate(db);

  expect(db.query("SELECT document_rowid FROM derive_queue").all()).toEqual([
    { document_rowid: 1 },
    { document_rowid: 2 },
  ]);
  expect(db.query("SELECT times FROM document_file").all()).toEqual([{ times: 1 }]);
});

test("the newest are gone through first, and the answer says that older ones wait", () => {
  using world = makeWorld();
  for (let n = 0; n < 130; n += 1) edit(world, `doc${n}`);
  world.services.search.catchUp(0.001);

  const found = world.services.ports.db
    .query<{ low: number }, []>("SELECT min(document_rowid) AS low FROM code_block")
    .get();

  expect(found?.low).toBe(130 - 64 + 1);
});

test("what the words asked for find is gone through before the newest", () => {
  using world = makeWorld();
  for (let n = 0; n < 200; n += 1) edit(world, `doc${n}`);

  world.services.search.catchUp(0.001, () => world.services.search.find({ query: "doc3" }));

  const through = world.services.ports.db
    .query<{ document_rowid: number }, []>(
      "SELECT DISTINCT document_rowid FROM code_block ORDER BY 1",
    )
    .all();
  expect([through[0]?.document_rowid, through.length]).toEqual([4, 1 + 64]);
});

test("a store that takes no write is searched as far as it was gone through", () => {
  using world = makeWorld();
  edit(world, "alpha");
  ask(world, "shared_alpha");
  edit(world, "beta");
  const other = world.another();
  other.ports.db.run("BEGIN IMMEDIATE");

  const found = world.services.find.byCode({ query: "shared", limit: 5, maxTokens: 2000 });
  other.ports.db.run("ROLLBACK");

  expect([found.total, found.pending]).toEqual([1, 1]);
  expect(ask(world, "shared").total).toBe(2);
});
