import { expect, test } from "bun:test";
import { getMoreResults, searchSummary } from "../../core/search/capabilities.ts";
import type { DocumentKind } from "../../core/search/model.ts";
import { makeWorld, NOW } from "../support/services.ts";

const HOUR_MS = 3_600_000;

test("a summary counts every match, not the best ones alone", async () => {
  using world = makeWorld();
  const { services } = world;
  const here = services.project.keyForWriting();
  const there = services.project.keyForWriting("elsewhere");
  const put = (id: string, kind: DocumentKind, age: number) =>
    services.search.put({
      id,
      kind,
      projectKey: kind === "fix" ? there : here,
      at: NOW - age * HOUR_MS,
      body: `Retry the queue ${id}`,
    });
  for (let n = 0; n < 230; n += 1) put(`r${n}`, "reflection", n);
  for (let n = 0; n < 20; n += 1) put(`f${n}`, "fix", 5000 + n);

  const summary = await searchSummary.call(services, { query: "retry queue" });

  expect(summary).toMatchObject({
    total: 250,
    by_kind: { reflection: 230, fix: 20 },
    by_project: { elsewhere: 20 },
    time_range: {
      from: new Date(NOW - 5019 * HOUR_MS).toISOString(),
      to: new Date(NOW).toISOString(),
    },
  });
  expect(Object.values(summary.by_project).reduce((a, b) => a + b)).toBe(250);
});

test("a summary of nothing says so", async () => {
  using world = makeWorld();

  expect(await searchSummary.call(world.services, { query: "nothing" })).toMatchObject({
    total: 0,
    time_range: null,
    by_kind: {},
    by_project: {},
    top_terms: [],
  });
});

test.each([
  ["neither", {}],
  ["both", { query: "cache", cursor: "abc" }],
])("more results need a cursor or a query: %s is refused", async (found, input) => {
  using world = makeWorld();

  const answer = getMoreResults.call(world.services, input);

  await expect(answer).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining(found),
  });
});
