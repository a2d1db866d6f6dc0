import { expect, test } from "bun:test";
import type { Hit } from "../../core/search/model.ts";
import { preparedModels } from "../support/model.ts";
import { makeWorld, NOW, type World } from "../support/services.ts";
import { unexplained } from "../support/why.ts";

const PAGE = { limit: 50, maxTokens: 50_000 };
const DAY = 86_400_000;

/** Documents of every kind, here and elsewhere, new and old, some of one session, one that is opened. */
function fill({ services }: World): void {
  const { search, project } = services;
  const here = project.keyForWriting();
  const kinds = ["exchange", "reflection", "insight", "handoff", "fix"] as const;
  for (let n = 0; n < 25; n += 1) {
    const kind = kinds[n % kinds.length] ?? "exchange";
    search.put({
      id: `d${n}`,
      kind,
      projectKey: n % 3 === 0 ? "elsewhere" : here,
      sessionId: n % 2 === 0 ? `session-${n % 4}` : undefined,
      at: NOW - n * 9 * DAY,
      body: `The gateway ${"rotates its token ".repeat(1 + (n % 3))}because case ${n} ${n % 2 ? "needs a leeway" : "broke"}.`,
      files: [{ path: `src/gateway-${n}.ts`, action: n % 2 ? "edit" : "read" }],
    });
  }
  search.put({
    ...{ id: "old", kind: "reflection", projectKey: here, at: NOW - 90 * DAY },
    body: "The heron server listens on port 7411 for the fleet.",
  });
  search.put({
    ...{ id: "new", kind: "handoff", projectKey: here, at: NOW - DAY },
    body: "The heron server listens on port 7890 now for the fleet.",
  });
  const opened = search.byId("d4");
  if (opened) search.opened(opened.rowid);
}

const QUERIES = [
  "gateway token leeway",
  "why did the gateway break",
  "on which port is the heron server",
];

/** Every hit of every way of finding that ranks, from first pages and later ones. */
async function hitsOf({ services }: World): Promise<Hit[]> {
  const { search, find } = services;
  const all: Hit[] = [];
  for (const query of QUERIES) {
    for (const page of [
      await search.recall({ query, ...PAGE }),
      await find.byConcept({ concept: query, withFiles: false, ...PAGE }),
      await find.advanced({ query, sort: "newest", ...PAGE }),
      find.byCode({ query, ...PAGE }),
      find.byError({ query, ...PAGE }),
      find.byFile({ path: "src/**", ...PAGE }),
    ]) {
      all.push(...page.hits);
    }
    const first = await search.recall({ query, ...PAGE, limit: 1 });
    all.push(...search.more(first.cursor ?? "", PAGE).hits);
  }
  return all;
}

test("by words, the score is what all its parts make, of every kind and by every way", async () => {
  using world = makeWorld();
  fill(world);

  const hits = await hitsOf(world);

  expect(unexplained(hits)).toEqual([]);
  expect(new Set(hits.map(({ kind }) => kind)).size).toBe(5);
  expect(hits.some(({ why }) => why.use !== undefined)).toBe(true);
  expect(hits.some(({ why }) => why.proximity < 1)).toBe(true);
  // What replaces an older statement says that it matches as well.
  const [newer, older] = hits.filter(({ id }) => id === "new" || id === "old");
  expect([newer?.id, older?.id]).toEqual(["new", "old"]);
  expect(newer?.why.match).toBeGreaterThan(newer?.why.text ?? 1);
});

test("by words and likeness, too", async () => {
  using world = makeWorld({ env: { SB_MODEL_DIR: await preparedModels() } });
  fill(world);
  await world.services.semantic.run();

  const hits = await hitsOf(world);
  world.services.ports.embedder?.release();

  expect(unexplained(hits)).toEqual([]);
  expect(hits.filter(({ why }) => why.semantic !== undefined).length).toBeGreaterThan(20);
  expect(new Set(hits.map(({ kind }) => kind)).size).toBe(5);
}, 60_000);
