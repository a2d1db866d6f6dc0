import { expect, test } from "bun:test";
import type { SearchPage } from "../../core/search/service.ts";
import { makeWorld, NOW, type World } from "../support/services.ts";

/** Stores an exchange that every way of finding finds. */
function tell({ services }: World, n: number): void {
  const path = `/home/dev/app/src/queue-${n}.ts`;
  services.search.put({
    id: `exchange-${n}`,
    kind: "exchange",
    projectKey: services.project.keyForWriting(),
    sessionId: `session-${n}`,
    at: NOW - n * 60_000,
    body: `The queue stalls, case ${n}\n\nTypeError: queue ${n} is not a function\n\n\`\`\`ts\nfunction drainQueue() { return ${n}; }\n\`\`\``,
    passages: [[`m-${n}`, "user", 0, 20]],
    files: [{ path, action: "edit" }],
    detail: {
      tools: [{ name: "Edit", files: [{ path, action: "edit" }], input: `const queue = ${n};` }],
    },
  });
}

const SIZE = { limit: 4, maxTokens: 4_000 };

test.each<[tool: string, first: (world: World) => SearchPage | Promise<SearchPage>]>([
  ["file", ({ services }) => services.find.byFile({ path: "src/**", ...SIZE })],
  ["code", ({ services }) => services.find.byCode({ query: "drainQueue", ...SIZE })],
  [
    "errors",
    ({ services }) =>
      services.find.byError({ query: "TypeError: queue 1 is not a function", ...SIZE }),
  ],
  ["time", ({ services }) => services.find.byTime({ expression: "yesterday", query: "", ...SIZE })],
  [
    "concept",
    ({ services }) => services.find.byConcept({ concept: "queue", withFiles: true, ...SIZE }),
  ],
  ["facets", ({ services }) => services.find.advanced({ query: "queue", sort: "oldest", ...SIZE })],
])("pages of %s: no gap, no repeat, one total, nothing that came later", async (_tool, first) => {
  using world = makeWorld();
  const { services } = world;
  for (let n = 1; n <= 15; n += 1) tell(world, n);

  let page = await first(world);
  const seen = page.hits.map(({ id }) => id);
  while (page.cursor) {
    tell(world, 100 + seen.length);
    page = services.search.more(page.cursor, SIZE);
    seen.push(...page.hits.map(({ id }) => id));
    expect(page.total).toBe(15);
  }

  expect(seen.length).toBe(15);
  expect(new Set(seen)).toEqual(new Set(Array.from({ length: 15 }, (_, n) => `exchange-${n + 1}`)));
});

test("a document that was removed since the first page leaves no gap", () => {
  using world = makeWorld();
  const { services } = world;
  for (let n = 1; n <= 8; n += 1) tell(world, n);
  const first = services.find.byCode({ query: "drainQueue", ...SIZE });
  const shown = new Set(first.hits.map(({ id }) => id));
  const later = Array.from({ length: 8 }, (_, n) => `exchange-${n + 1}`).filter(
    (id) => !shown.has(id),
  );
  services.search.remove(services.search.byId(later[0] ?? "")?.rowid ?? 0);

  const rest = services.search.more(first.cursor ?? "", SIZE);

  expect(rest.hits.map(({ id }) => id).toSorted()).toEqual(later.slice(1).toSorted());
  expect(rest.cursor).toBeUndefined();
});

test("a path that holds a credential is not kept with the result set", () => {
  using world = makeWorld();
  const { services } = world;
  for (let n = 1; n <= 8; n += 1) tell(world, n);

  services.find.byFile({
    path: "src/{queue-*,ghp_0123456789abcdefghijABCDEFGHIJ012345}.ts",
    limit: 1,
    maxTokens: 2_000,
  });

  const kept = services.ports.db
    .query<{ all: string }, []>("SELECT query || view AS 'all' FROM result_set")
    .get();
  expect(kept?.all).toContain("queue-");
  expect(kept?.all).not.toContain("ghp_0123456789");
});

test("of the files of one name, that of the current project comes first", () => {
  using world = makeWorld();
  const { services } = world;
  const keys = { here: services.project.keyForWriting(), elsewhere: "elsewhere" };
  for (const [id, projectKey] of Object.entries(keys)) {
    const path = `/home/dev/${id}/src/cache.ts`;
    const at = id === "here" ? NOW - 2 * 86_400_000 : NOW;
    const files = [{ path, action: "edit" as const }];
    services.search.put({ id, kind: "exchange", projectKey, at, body: `About ${id}`, files });
  }

  const { hits } = services.find.byFile({ path: "cache.ts", ...SIZE });

  expect(hits.map(({ id }) => id)).toEqual(["here", "elsewhere"]);
});
