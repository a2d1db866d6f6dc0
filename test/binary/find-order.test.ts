import { beforeAll, expect, test } from "bun:test";
import { binary } from "../support/binary.ts";
import { runBinary, type World } from "../support/harness.ts";
import { callTool, type FoundPage, makeHistory } from "../support/recall.ts";

binary();
let world: World;

const told = (at: string, answers: readonly string[]) => ({
  project: "api",
  at,
  tell(t: import("../support/transcript.ts").Transcript) {
    answers.forEach((answer, n) => {
      t.prompt(`Please go on, part ${n}`);
      t.answer(answer);
    });
  },
});

beforeAll(async () => {
  world = await makeHistory([
    told("2025-11-03T10:00:00Z", [
      "The metrics gateway listens on port 7411. Metrics, gateway, port: that is it.",
    ]),
    told("2025-12-08T10:00:00Z", [
      "The metrics gateway listens on port 7890 now, the old one collided with the agent.",
    ]),
    told("2025-11-10T10:00:00Z", [
      "Warehouse labels are printed by the zebra in hall one.",
      "Warehouse labels are printed by the zebra in hall two.",
      "Warehouse labels are printed by the zebra in hall three.",
    ]),
    told("2025-11-11T10:00:00Z", [
      "Warehouse labels are printed by the zebra in hall four.",
      "Warehouse labels are printed by the zebra in hall five.",
      "Warehouse labels are printed by the zebra in hall six.",
    ]),
    told("2025-12-01T10:00:00Z", ["Hedgehog tokens rotate. Alice said so."]),
    told("2025-12-02T10:00:00Z", ["Hedgehog tokens rotate. Bob said so."]),
    told("2025-12-03T10:00:00Z", ["We keep a retry budget for the crawler of the intranet."]),
    told("2025-12-04T10:00:00Z", ["Retry it, the budget for the crawler is not spent yet."]),
  ]);
});

const search = (query: string, more: object = {}) =>
  callTool(world, "quick_search", { query, ...more });
const snippets = ({ hits }: FoundPage) => hits.map(({ snippet }) => snippet);

test("what holds now comes before what it replaced, unless the past is asked for", async () => {
  const now = await search("which port does the metrics gateway listen on");
  const before = await search("which port did the metrics gateway listen on before");

  expect(snippets(now)[0]).toContain("7890");
  expect(snippets(now)[1]).toContain("7411");
  expect(now.hits[0]?.score).toBeGreaterThanOrEqual(now.hits[1]?.score ?? 1);
  expect(snippets(before)[0]).toContain("7411");
});

test("a phrase in quotes is demanded, and where it stands nowhere that is said", async () => {
  const words = await search("retry budget crawler");
  const phrase = await search('"retry budget" crawler');
  const nowhere = await search('"crawler budget retry"');
  const error = await search('Error: no budget for "crawler of" at retry (a.ts:1:2)');

  expect(words.total).toBe(2);
  expect(phrase.total).toBe(1);
  expect(snippets(phrase)[0]).toContain("We keep a retry budget");
  expect(phrase["note"]).toBeUndefined();
  expect(nowhere.total).toBe(2);
  expect(nowhere["note"]).toBe(
    'nothing holds "crawler budget retry": its words were looked for instead',
  );
  expect(error["note"]).toBeUndefined();
  expect(error.total).toBe(2);
});

test("the first results are of several sessions where those are as good, on every page", async () => {
  const all = await search("warehouse labels printed zebra hall", { limit: 10 });
  const first = await search("warehouse labels printed zebra hall", { limit: 2 });
  const second = await callTool(world, "get_more_results", { cursor: first.cursor, limit: 2 });

  const days = all.hits.map(({ at }) => at.slice(8, 10));
  expect(all.total).toBe(6);
  expect(days.slice(0, 4).toSorted()).toEqual(["10", "10", "11", "11"]);
  expect(new Set(snippets(all)).size).toBe(6);
  expect([...first.hits, ...second.hits].map(({ id }) => id)).toEqual(
    all.hits.slice(0, 4).map(({ id }) => id),
  );
});

test("what was opened before comes a little before its like, and why says so", async () => {
  const [first, second] = (await search("hedgehog tokens rotate")).hits;
  expect(first?.why["use"]).toBeUndefined();

  await callTool(world, "get_memory", { id: second?.id });
  const after = (await search("hedgehog tokens rotate")).hits;

  expect(after.map(({ id }) => id)).toEqual([second?.id ?? "", first?.id ?? ""]);
  expect(after[0]?.why["use"]).toBe(0.25);
  expect(after[0]?.score).toBeLessThanOrEqual((second?.score ?? 0) * 1.03);
});

test("a vote for an insight lifts it among its like, a vote against lowers it", async () => {
  for (const content of ["Badgers dig hedges. At dusk.", "Badgers dig hedges. At dawn."]) {
    await callTool(world, "store_reflection", { content });
  }
  const order = async () =>
    (await search("badgers dig hedges")).hits.map(({ id, why }) => [id, why["use"]]);
  const [[first], [second]] = (await order()) as [[string], [string]];

  await callTool(world, "rate_insight", { id: second, rating: 1 });
  expect(await order()).toEqual([
    [second, 0.4],
    [first, undefined],
  ]);

  await callTool(world, "rate_insight", { id: second, rating: -1 });
  expect(await order()).toEqual([
    [first, undefined],
    [second, -1],
  ]);
});

test("a date in digits, and a time reckoned from now, find what was said then", async () => {
  const { stdout } = await runBinary('search "go on, part, on 2025-11-11" --json', world);

  expect((JSON.parse(stdout) as FoundPage).hits[0]?.at).toStartWith("2025-11-11");
});
