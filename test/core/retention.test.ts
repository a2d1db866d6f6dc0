import { expect, test } from "bun:test";
import { planRetention, retain } from "../../core/archive/retention.ts";
import type { Services } from "../../core/services.ts";
import { scrub } from "../../core/storage/scrub.ts";
import { makeWorld, NOW, type World } from "../support/services.ts";

const DAY = 86_400_000;

/** One exchange a day for `days` days until now, with a tool's output; a note and an insight, older. */
function fill({ search, project, insight }: Services, days: number, body = "pool "): void {
  const projectKey = project.keyForWriting();
  for (let n = 0; n < days; n += 1) {
    search.put({
      id: `e${n}`,
      kind: "exchange",
      projectKey,
      at: NOW - n * DAY,
      body: `${body} ${n}`,
      passages: [[`u${n}`, "user", 0, 4]],
      tools: `bun test\nrefusedword${n}`,
      detail: {
        ended_at: NOW,
        tools: [{ name: "Bash", command: "bun test", failed: true, output: `refusedword${n}` }],
      },
    });
  }
  insight.storeReflection("A note that stays", {});
  insight.storeInsight("An insight that stays, whatever its age is and however full it gets", {});
}

function finish(world: World): ReturnType<typeof planRetention> {
  const plan = planRetention(world.services);
  for (const _slice of retain(world.services));
  return plan;
}

test("tool outputs that are too old go from detail, text and index; what was asked for stays", () => {
  using world = makeWorld({ config: { retention: { tool_output_days: 10 } } });
  const { services } = world;
  fill(services, 200);

  const plan = finish(world);

  expect(plan).toMatchObject({ tool_outputs: 189, exchanges: 0, limit: null });
  const [old, fresh] = ["e50", "e5"].map((id) => services.search.byId(id));
  expect(JSON.stringify(old)).not.toContain("refusedword");
  expect(old).toMatchObject({ body: "pool  50", tools: "bun test" });
  expect(JSON.stringify(fresh)).toContain("refusedword5");
  const total = (query: string) => services.search.ranked({ query }).length;
  expect([total("refusedword50"), total("refusedword5")]).toEqual([0, 1]);
  expect(planRetention(services).tool_outputs).toBe(0);
});

test("the oldest exchanges go until the store fits, never an insight or a note", () => {
  using world = makeWorld({ config: { retention: { max_db_mb: 3 } } });
  const { services } = world;
  const words = Array.from({ length: 800 }, (_, n) => `word${n * 7919}`).join(" ");
  fill(services, 600, words);
  const before = planRetention(services);

  finish(world);

  const after = planRetention(services);
  expect(before.bytes).toBeGreaterThan(4_000_000);
  expect(before.exchanges).toBeGreaterThan(50);
  expect(services.search.byId("e599")).toBeUndefined();
  expect(services.search.byId("e0")).toBeDefined();
  expect(services.search.tally("kind")).toContainEqual({ key: "reflection", count: 1 });
  expect(services.search.tally("kind")).toContainEqual({ key: "insight", count: 1 });
  expect(services.tombstones.has("message", "u599")).toBe(true);
  // It fits after one run, and not by far: a second one has nothing to do.
  expect(after.bytes).toBeLessThanOrEqual(3_000_000);
  expect(after.bytes).toBeGreaterThan(2_700_000);
  expect(after.exchanges).toBe(0);
});

test("what fits once the file is compact loses nothing", () => {
  using world = makeWorld({ config: { retention: { max_db_mb: 1_000 } } });
  const { search, ports } = world.services;
  const words = Array.from({ length: 200 }, (_, n) => `word${n * 7919}`).join(" ");
  const change = (end: string) =>
    ports.db.transaction(() => {
      for (let n = 0; n < 200; n += 1) {
        const stored = search.byId(`e${n}`);
        if (stored) search.put({ ...stored, body: `${words} ${n} ${end}` });
      }
    })();
  ports.db.transaction(() => fill(world.services, 200, words))();
  change("as it was");
  scrub(ports.db);
  const { bytes } = planRetention(world.services);
  const config = { retention: { max_db_mb: (bytes * 1.02) / 1_000_000 } };
  const limited = world.another({ config });

  // Of a text that changed the indexes keep the old words for a while.
  for (const end of ["changed", "changed again", "as it was"]) change(end);
  const before = planRetention(limited);
  for (const _slice of retain(limited));

  expect(before.exchanges).toBeGreaterThan(0);
  expect(planRetention(limited).bytes).toBeLessThanOrEqual(bytes * 1.02);
  expect(search.tally("kind")).toContainEqual({ key: "exchange", count: 200 });
});

test("an output that words are not found by goes too, with the errors it told, and is not counted again", () => {
  using world = makeWorld({ config: { retention: { tool_output_days: 10 } } });
  const { services } = world;
  const output = "TypeError: pandaPort is undefined";
  services.search.put({
    id: "e1",
    kind: "exchange",
    projectKey: services.project.keyForWriting(),
    at: NOW - 30 * DAY,
    body: "Why does it fail?",
    tools: "bun run",
    detail: { tools: [{ name: "Bash", command: "bun run", output }] },
  });
  services.search.catchUp();

  const plan = finish(world);

  expect(plan.tool_outputs).toBe(1);
  expect(planRetention(services).tool_outputs).toBe(0);
  expect(services.search.byId("e1")?.detail).toEqual({
    tools: [{ name: "Bash", command: "bun run" }],
  });
  expect(services.ports.db.query("SELECT message FROM document_error").all()).toEqual([]);
});

test("it is applied once a day beside the requests, and a cut-off run is gone on with", () => {
  const config = { retention: { tool_output_days: 10 } };
  using world = makeWorld({ config });
  const { services } = world;
  fill(services, 200);
  const rest = () => planRetention(services).tool_outputs;

  const hasMore = services.upkeep.step(0.001);
  const another = world.another();
  while (another.upkeep.step(5));
  const untouched = rest();
  while (services.upkeep.step(5));
  const done = rest();
  world.pass(DAY);
  while (another.upkeep.step(5));

  expect(hasMore).toBe(true);
  expect(untouched).toBeGreaterThan(0); // another process leaves it to the first one
  expect(done).toBe(0);
  expect(rest()).toBe(0);
  expect(services.search.byId("e11")?.tools).not.toContain("refusedword");
});

test("without a configuration nothing is done, and asking says what to set", () => {
  using world = makeWorld();
  fill(world.services, 20);

  expect(world.services.upkeep.step(50)).toBe(false);
  expect(() => planRetention(world.services)).toThrow("no retention is configured");
});
