import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { RankedRow } from "../../core/search/page-pack.ts";
import type { Services } from "../../core/services.ts";
import { makeWorld, NOW } from "../support/services.ts";

const PAGE = { limit: 5, maxTokens: 4000 };

function note(services: Services, body: string): string {
  const { project, search, ports } = services;
  const id = ports.ids.next();
  search.put({ id, kind: "reflection", projectKey: project.keyForWriting(), at: NOW, body });
  return id;
}

function setsOf({ ports }: Services): { query: string; hits: string }[] {
  return ports.db
    .query<{ query: string; hits: string }, []>("SELECT query, hits FROM result_set")
    .all();
}

test("more than ten thousand results are paged to the last one, under one total", () => {
  using world = makeWorld();
  const { services } = world;
  services.ports.db.transaction(() => {
    for (let n = 0; n < 10_100; n += 1) note(services, `queue ${n}`);
  })();

  const first = services.search.search({ query: "queue", limit: 1, maxTokens: 2000 });
  const late = services.search.search({ query: "queue", ...PAGE, offset: 10_090 });
  const last = services.search.more(late.cursor ?? "", { limit: 100, maxTokens: 100_000 });

  expect([first.total, late.total, last.total]).toEqual([10_100, 10_100, 10_100]);
  expect([late.hits.length, last.hits.length, last.cursor]).toEqual([5, 5, undefined]);
  const [{ hits = "" } = {}] = setsOf(services);
  expect(hits.length).toBeLessThan(10_100 * 8);
});

test("a result set is read back as it was kept", () => {
  using world = makeWorld();
  const { search } = world.services;
  const share = fc.integer({ min: 0, max: 10_000 }).map((n) => n / 10_000);
  const row = fc.tuple(fc.integer({ min: 1, max: 2 ** 32 - 1 }), share, share, share, share);

  fc.assert(
    fc.property(fc.array(row, { maxLength: 50 }), (rows: RankedRow[]) => {
      const { cursor = "" } = search.keepPage({ query: "q", rows }, 3);

      const { set, offset } = search.openPage(cursor);

      expect([set, offset]).toEqual([{ query: "q", rows }, 3]);
    }),
    { numRuns: 50 },
  );
});

test("the newest thousand result sets are kept, whatever is asked", () => {
  using world = makeWorld();
  const { services } = world;
  for (let n = 0; n < 3; n += 1) note(services, `Cache entry ${n}`);

  const cursors = Array.from(
    { length: 1_003 },
    () => services.search.search({ query: "cache", limit: 1, maxTokens: 4000 }).cursor ?? "",
  );

  expect(setsOf(services)).toHaveLength(1_000);
  expect(() => services.search.more(cursors[2] ?? "", PAGE)).toThrow(/nothing is kept/);
  expect(services.search.more(cursors[3] ?? "", PAGE).hits).toHaveLength(2);
});

test("of very long result sets fewer are kept", () => {
  using world = makeWorld();
  const { search } = world.services;
  const rows = Array.from(
    { length: 200_000 },
    (_, n): RankedRow => [Math.imul(n, 2_654_435_761) >>> 0, 1, 1, (n % 9_973) / 10_000, 1],
  );
  const bytes = () => setsOf(world.services).map(({ hits }) => hits.length);
  search.keepPage({ query: "first", rows: [] }, 1);
  search.keepPage({ query: "long", rows }, 1);
  const [, each = 1] = bytes();

  const most = Math.floor((64 * 1024 * 1024) / each);
  for (let n = 0; n < most + 2; n += 1) search.keepPage({ query: `long ${n}`, rows }, 1);

  const sum = bytes().reduce((all, one) => all + one, 0);
  expect(sum).toBeLessThanOrEqual(64 * 1024 * 1024);
  expect(sum).toBeGreaterThan(62 * 1024 * 1024);
  expect(setsOf(world.services).at(-1)?.query).toBe(`long ${most + 1}`);
}, 30_000);

test("a secret in a query does not reach the disk", () => {
  using world = makeWorld();
  const { services } = world;
  for (let n = 0; n < 3; n += 1) note(services, `Deploy note ${n}`);
  const secret = `ghp_${"x4Q9Zt7LmW2bV8nR3cK6".repeat(2).slice(0, 36)}`;

  const page = services.search.search({ query: `deploy ${secret}`, limit: 1, maxTokens: 4000 });

  expect(page.cursor).toBeDefined();
  expect(setsOf(services)[0]?.query).toStartWith("deploy [redacted:");
});

test("a reader is answered without a cursor while another process writes", () => {
  using world = makeWorld();
  const { services } = world;
  for (let n = 0; n < 3; n += 1) note(services, `Lock note ${n}`);
  using writer = new Database(services.ports.paths.database);
  writer.run("BEGIN IMMEDIATE");

  const during = services.search.search({ query: "lock", limit: 1, maxTokens: 4000 });
  writer.run("ROLLBACK");
  const after = services.search.search({ query: "lock", limit: 1, maxTokens: 4000 });

  expect([during.total, during.hits.length, during.cursor]).toEqual([3, 1, undefined]);
  expect(after.cursor).toBeDefined();
  expect(services.ports.db.query("PRAGMA busy_timeout").get()).toEqual({ timeout: 5000 });
});

test("a reader is answered without a cursor when the disk is full", () => {
  using world = makeWorld();
  const { services } = world;
  const { db } = services.ports;
  for (let n = 0; n < 3; n += 1) note(services, `Disk note ${n}`);
  db.run("CREATE TABLE filler (bytes BLOB)");
  const pages = db.query<{ page_count: number }, []>("PRAGMA page_count").get()?.page_count ?? 0;
  db.run(`PRAGMA max_page_count = ${pages + 8}`);
  expect(() => {
    for (;;) db.run("INSERT INTO filler VALUES (zeroblob(3000))");
  }).toThrow(/full/);
  const rows = Array.from(
    { length: 40_000 },
    (_, n): RankedRow => [(n * 7919) % 40_009, 1, 1, 1, 1],
  );

  const page = services.search.search({ query: "disk", limit: 1, maxTokens: 4000 });
  const kept = services.search.keepPage({ query: "disk", rows }, 1);

  expect([page.total, page.hits.length]).toEqual([3, 1]);
  expect(kept).toEqual({});
});
