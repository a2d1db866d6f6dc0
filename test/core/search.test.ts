import { expect, test } from "bun:test";
import { SbError } from "../../core/kernel/errors.ts";
import { countDocuments } from "../../core/search/count.ts";
import type { Services } from "../../core/services.ts";
import { makeWorld, NOW } from "../support/services.ts";

const PAGE = { limit: 5, maxTokens: 4000 };

function note(services: Services, body: string, more: { at?: number; projectKey?: string } = {}) {
  const { project, search, ports } = services;
  const id = ports.ids.next();
  const projectKey = more.projectKey ?? project.keyForWriting();
  search.put({ id, kind: "reflection", projectKey, at: more.at ?? NOW, body });
  return id;
}

test("what is stored is found by any of its words, stemmed, the best match first", () => {
  using world = makeWorld();
  const { services } = world;
  const exact = note(services, "Close the connection pool before the process exits");
  const near = note(services, "Pools of workers are closed elsewhere");
  note(services, "Nothing to do with it at all");

  const { hits, total } = services.search.search({ query: "closing connection pools", ...PAGE });

  expect(hits.map(({ id }) => id)).toEqual([exact, near]);
  expect(total).toBe(2);
});

test("of two equal matches the newer one comes first, and the score says why", () => {
  using world = makeWorld();
  const { services } = world;
  const old = note(services, "Use WAL mode for readers then", { at: NOW - 60 * 86_400_000 });
  const fresh = note(services, "Use WAL mode for readers now");

  const { hits } = services.search.search({ query: "wal readers", ...PAGE });

  expect(hits.map(({ id }) => id)).toEqual([fresh, old]);
  expect(hits.map(({ why }) => why.recency)).toEqual([1, 0.25]);
  for (const { score, why } of hits) {
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThanOrEqual(why.text ?? 0);
  }
});

test("the current project comes before others, and a project filter is strict", () => {
  using world = makeWorld();
  const { services } = world;
  const there = services.project.keyForWriting("elsewhere");
  const other = note(services, "The token is refreshed by the gateway", { projectKey: there });
  const here = note(services, "The token is refreshed by the gateway too");

  const all = services.search.search({ query: "token gateway", ...PAGE });
  const one = services.search.search({ query: "token gateway", project: "Elsewhere", ...PAGE });
  const near = services.search.search({ query: "token gateway", scope: "project", ...PAGE });

  expect(all.hits.map(({ id }) => id)).toEqual([here, other]);
  expect(one.hits.map(({ id }) => id)).toEqual([other]);
  expect(near.hits.map(({ id }) => id)).toEqual([here]);
});

test("an unknown project is not found instead of everything being searched", () => {
  using world = makeWorld();

  expect(() =>
    world.services.search.search({ query: "x", project: "nobody-knows", ...PAGE }),
  ).toThrow(SbError);
});

test.each([
  ["token gateway project:*", 2],
  ["project:*", 2],
  ["token project:* project:elsewhere", 2],
])("%s means all projects, as the parameter does", (query, total) => {
  using world = makeWorld();
  const { search, project } = world.services;
  for (const [id, projectKey] of Object.entries({
    here: project.keyForWriting(),
    there: "elsewhere",
  })) {
    search.put({ id, kind: "reflection", projectKey, at: NOW, body: `Token gateway of ${id}` });
  }

  expect(search.search({ query, ...PAGE }).total).toBe(total);
});

test("equal content is shown once and counted once", () => {
  using world = makeWorld();
  const { services } = world;
  note(services, "Run the migrations twice");
  note(services, "Run the migrations twice");

  const { total, hits } = services.search.search({ query: "migrations", ...PAGE });

  expect({ total, shown: hits.length }).toEqual({ total: 1, shown: 1 });
});

test("pages fix the results at the first one: no gap, no repeat, nothing that came later", () => {
  using world = makeWorld();
  const { services } = world;
  const ids = Array.from({ length: 23 }, (_, n) =>
    note(services, `Retry number ${n} of the queue`),
  );

  const seen: string[] = [];
  let page = services.search.search({ query: "retry queue", limit: 5, maxTokens: 4000 });
  for (;;) {
    seen.push(...page.hits.map(({ id }) => id));
    expect(page.total).toBe(23);
    note(services, `Retry the queue once more ${seen.length}`);
    if (!page.cursor) break;
    page = services.search.more(page.cursor, { limit: 5, maxTokens: 4000 });
  }

  expect(seen.toSorted()).toEqual(ids.toSorted());
  expect(new Set(seen).size).toBe(23);
});

test.each([200, 300, 500, 1500])(
  "an answer of %p tokens is never longer than that",
  (maxTokens) => {
    using world = makeWorld();
    const { services } = world;
    for (let n = 0; n < 12; n += 1)
      note(services, `語 queue ${n} ${"retry the queue again ".repeat(90)}`);

    const first = services.search.search({ query: "retry queue", limit: 10, maxTokens });
    const next = services.search.more(first.cursor ?? "", { limit: 10, maxTokens });

    for (const page of [first, next]) {
      expect(Math.ceil(Buffer.byteLength(JSON.stringify(page)) / 4)).toBeLessThanOrEqual(maxTokens);
      expect(page.hits.length).toBeGreaterThan(0);
    }
  },
);

test("a long exchange is shown by its best passages, and only the messages shown are named", () => {
  using world = makeWorld();
  const { services } = world;
  const filler = "Unrelated words fill this message. ".repeat(60);
  const texts = [
    filler,
    filler,
    `${filler}The deadlock came from the audit trigger.${filler}`,
    filler,
  ];
  let body = "";
  const passages = texts.map((text, n) => {
    const start = body.length + (body ? 2 : 0);
    body = body ? `${body}\n\n${text}` : text;
    return [`m-${n}`, n % 2 ? "assistant" : "user", start, body.length] as const;
  });
  services.search.put({
    id: "x",
    kind: "exchange",
    projectKey: services.project.keyForWriting(),
    at: NOW,
    body,
    passages,
  });

  const [hit] = services.search.search({ query: "deadlock audit trigger", ...PAGE }).hits;

  expect(hit?.message_uuids).toEqual(["m-2"]);
  expect(hit?.snippet).toContain("The deadlock came from the audit trigger.");
  expect(hit?.snippet.length).toBeLessThanOrEqual(1200);
});

test("camelCase parts, paths, accents and CJK are found", () => {
  using world = makeWorld();
  const { services } = world;
  note(services, "fetchUserProfile in src/api/user-client.ts returned 404");
  note(services, "データベースの接続を閉じる");
  note(services, "Le café de la base de données");

  const count = (query: string) => services.search.search({ query, ...PAGE }).total;

  expect([count("profile"), count("user-client.ts"), count("接続"), count("閉")]).toEqual([
    1, 1, 1, 1,
  ]);
  expect([count("cafe"), count("fetchUserProfile")]).toEqual([1, 1]);
});

test("the parts of names after an acronym, and of names that tools were given, are found", () => {
  using world = makeWorld();
  const { services } = world;
  note(services, "JSONDecoder and HTTPServer are of the standard library");
  services.search.put({
    id: "read",
    kind: "exchange",
    projectKey: services.project.keyForWriting(),
    at: NOW,
    body: "Look at the file",
    tools: "Read /x/src/InvoiceRenderer.ts",
  });

  const count = (query: string) => services.search.search({ query, ...PAGE }).total;

  expect(["decoder", "json", "server", "http", "renderer", "invoice"].map(count)).toEqual([
    1, 1, 1, 1, 1, 1,
  ]);
});

test("a Japanese word with a long vowel is one word", () => {
  using world = makeWorld();
  const { services } = world;
  const server = note(services, "サーバーを再起動した");
  const service = note(services, "サービスを再起動した");
  for (let n = 0; n < 5; n += 1) note(services, `Nothing of it, number ${n}`);

  const asked = (query: string) =>
    services.search.search({ query, ...PAGE }).hits.map(({ id, score }) => ({ id, score }));

  for (const [query, id] of [
    ["サーバー", server],
    ["サービス", service],
  ] as const) {
    const [best, other] = asked(query);
    expect(best?.id).toBe(id);
    expect(other?.score ?? 0).toBeLessThan((best?.score ?? 0) / 2);
  }
});

test.each(["", "   ", "🙂🙂", '"', "\0", "*"])(
  "the query %p finds nothing and does not fail",
  (query) => {
    using world = makeWorld();
    note(world.services, "Something is stored");

    expect(world.services.search.search({ query, ...PAGE })).toMatchObject({ total: 0, hits: [] });
  },
);

test.each([
  ["no cursor at all", "!!!"],
  ["another program's", Buffer.from("DROP TABLE:1").toString("base64url")],
])("a cursor that is %s is refused", (_case, cursor) => {
  using world = makeWorld();

  expect(() => world.services.search.more(cursor, PAGE)).toThrow(/no cursor of ours/);
});

test("a cursor is good for a day", () => {
  using world = makeWorld();
  const { services } = world;
  for (let n = 0; n < 4; n += 1) note(services, `Cache entry ${n}`);
  const { cursor = "" } = services.search.search({ query: "cache", limit: 2, maxTokens: 4000 });

  world.pass(25 * 3_600_000);

  expect(() => services.search.more(cursor, PAGE)).toThrow(/nothing is kept/);
});

test("what a person says to somebody else holds no prefixes", () => {
  using world = makeWorld();
  const { services } = world;
  note(services, "The union is told apart by kind: circle or square");

  const found = services.search.search({ query: "kind:circle since:then", isPlain: true, ...PAGE });

  expect(found.total).toBe(1);
  expect(() => services.search.search({ query: "kind:circle", ...PAGE })).toThrow(SbError);
});

test("documents are counted as they are: added, written again, taken away", () => {
  using world = makeWorld();
  const { services } = world;
  const { search, ports, project } = services;
  const counted = () => countDocuments(ports.db);
  const rows = () => ports.db.query("SELECT count(*) AS n FROM document NOT INDEXED").get();

  const first = note(services, "Close the pool before the process exits");
  note(services, "A pool is closed once");
  expect([counted(), rows()]).toEqual([2, { n: 2 }]);

  const projectKey = project.keyForWriting();
  search.put({ id: first, kind: "reflection", projectKey, at: NOW, body: "Or leave it open" });
  expect([counted(), rows()]).toEqual([2, { n: 2 }]);

  search.remove(search.byId(first)?.rowid ?? 0);
  expect([counted(), rows()]).toEqual([1, { n: 1 }]);
});
