import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { binary } from "../support/binary.ts";
import { connectBinary, makeHome } from "../support/mcp.ts";

const sb = binary();
const home = makeHome();
let client: Client;

beforeAll(async () => {
  client = await connectBinary(sb, home, ["--profile", "full"]);
});
afterAll(() => client.close());

interface Page {
  readonly total: number;
  readonly hits: readonly { id: string; kind: string; snippet: string }[];
  readonly cursor?: string;
}

/** What a tool answers; a failure as its text. */
async function ask<T = Page>(name: string, input: object): Promise<T> {
  const { structuredContent, content } = await client.callTool({
    name,
    arguments: { ...input },
  });
  const [{ text = "" } = {}] = content as { text?: string }[];
  return (structuredContent ?? text) as T;
}

const note = async (content: string) =>
  (await ask<{ id: string }>("store_reflection", { content })).id;

async function forget(...ids: string[]): Promise<void> {
  const { token } = await ask<{ token: string }>("forget_memory", { ids });
  const { forgotten } = await ask<{ forgotten: boolean }>("forget_memory", {
    ids,
    token,
    confirm: true,
  });
  expect(forgotten).toBe(true);
}

/** Ids of all pages behind `page`, and of how many each page spoke. */
async function rest(page: Page): Promise<{ ids: string[]; totals: number[] }> {
  const [ids, totals]: [string[], number[]] = [[], []];
  for (let { cursor } = page; cursor; ) {
    const next = await ask("get_more_results", { cursor, limit: 3 });
    ids.push(...next.hits.map(({ id }) => id));
    totals.push(next.total);
    cursor = next.cursor;
  }
  return { ids, totals };
}

test("what is forgotten between two pages is gone from them, and nothing else is", async () => {
  for (let n = 0; n < 11; n += 1) await note(`walrus fact number ${n}`);
  const all = await ask("quick_search", { query: "walrus fact", limit: 100 });
  const other = await note("a pineapple, which has nothing to do with it");
  const first = await ask("quick_search", { query: "walrus fact", limit: 4 });
  const left = all.hits.slice(4).map(({ id }) => id);
  expect([all.total, left.length]).toEqual([11, 7]);

  await forget(other);
  expect(await rest(first)).toEqual({ ids: left, totals: [11, 11, 11] });

  await forget(left[2] ?? "", all.hits[0]?.id ?? "");
  const fewer = left.filter((_, place) => place !== 2);
  expect(await rest(first)).toEqual({ ids: fewer, totals: [9, 9] });
});

test("a memory that gets the row of a forgotten one is not taken for it", async () => {
  for (let n = 0; n < 5; n += 1) await note(`narwhal fact number ${n}`);
  const last = await note("narwhal, once more, and then again");
  const all = await ask("quick_search", { query: "narwhal fact", limit: 100 });
  const first = await ask("quick_search", { query: "narwhal fact", limit: 1 });
  expect(all.hits.slice(1).map(({ id }) => id)).toContain(last);

  await forget(last);
  const later = await note("an entirely different thing that came after it");

  const { ids } = await rest(first);
  expect(ids).not.toContain(later);
  expect(ids.length).toBe(4);
});

test("a forgotten secret is left in no question that is kept for a cursor", async () => {
  const files = () => {
    const data = join(home.env["CLAUDE_CONFIG_DIR"] ?? "", "data");
    return readdirSync(data)
      .filter((name) => name.startsWith("session-buddy"))
      .map((name) => readFileSync(join(data, name), "latin1"))
      .join("");
  };
  const secret = await note("beluga gate: quintessentialzebr opens it");
  const common = await note("beluga code: correct horse battery staple");
  for (const word of ["gate", "correct", "horse", "battery", "staple"]) {
    for (let n = 0; n < 3; n += 1) await note(`beluga ${word}, told apart from the rest, ${n}`);
  }
  const one = await ask("quick_search", { query: "beluga gate quintessentialzebr", limit: 1 });
  const two = await ask("quick_search", {
    query: "beluga correct horse battery staple",
    limit: 1,
    min_score: 0,
  });
  const kept = await ask("quick_search", { query: "beluga gate apart", limit: 1 });
  expect([
    files().includes("quintessentialzebr"),
    files().includes("horse battery staple"),
  ]).toEqual([true, true]);

  await forget(secret, common);

  expect(files()).not.toContain("quintessentialzebr");
  expect(files()).not.toContain("horse battery staple");
  expect(files()).toContain("beluga gate apart");
  for (const page of [one, two, kept]) {
    const { ids } = await rest(page);
    expect(ids.length).toBeGreaterThan(0);
    expect(ids).not.toContain(secret);
    expect(ids).not.toContain(common);
  }
});

test("a cursor of another tool or of another question is refused, and get_more_results takes it", async () => {
  for (let n = 0; n < 8; n += 1) {
    await note(`orca fact ${n}, TypeError: orca ${n} is not a function`);
    await ask("store_insight", { content: `Orcas hunt in pods, rule ${n}` });
  }
  const { cursor } = await ask("quick_search", { query: "orca fact", limit: 2 });
  const insights = await ask("search_insights", { query: "orcas pods", limit: 2 });
  const wrong: readonly (readonly [tool: string, input: object])[] = [
    ["search_insights", { query: "*", cursor }],
    ["search_insights", { cursor }],
    ["search_code", { query: "x", cursor }],
    ["search_errors", { query: "orca fact", cursor }],
    ["search_by_concept", { concept: "orca fact", cursor }],
    ["search_temporal", { time_expression: "today", query: "orca fact", cursor }],
    ["advanced_search", { query: "orca fact", cursor }],
    ["search_by_file", { file_path: "orca", cursor }],
    ["find_duplicates", { cursor }],
    ["quick_search", { query: "other", cursor }],
    ["quick_search", { query: "orca fact", min_score: 0.9, cursor }],
    ["quick_search", { query: "orca fact", project: "elsewhere", cursor }],
    ["search_insights", { query: "*", cursor: insights.cursor }],
    ["search_insights", { query: "orcas pods", topic: "x", cursor: insights.cursor }],
  ];

  for (const [tool, input] of wrong) {
    const answer = await ask<string>(tool, input);
    expect([tool, input, answer]).toEqual([
      tool,
      input,
      expect.stringMatching(/^invalid_input: this cursor belongs to .+ \(.+\)$/),
    ]);
  }
  for (const [tool, input] of [
    ["quick_search", { query: "orca fact", limit: 3, max_tokens: 9_000, cursor }],
    ["get_more_results", { cursor }],
    ["get_more_results", { cursor: insights.cursor }],
    ["search_insights", { query: "orcas pods", cursor: insights.cursor }],
    ["search_insights", { cursor: insights.cursor, limit: 3 }],
  ] as const) {
    expect([tool, await ask(tool, input)]).toEqual([
      tool,
      expect.objectContaining({ total: expect.any(Number) }),
    ]);
  }
});

test("hundreds of searches later a cursor still goes on, and one of none says what is kept", async () => {
  const first = await ask("quick_search", { query: "walrus fact", limit: 4 });
  for (let n = 0; n < 300; n += 1) {
    await ask("quick_search", { query: `walrus ${n}`, min_score: 0, limit: 1 });
  }

  expect((await ask("get_more_results", { cursor: first.cursor })).hits.length).toBe(3);
  const unknown = Buffer.from("0198:3").toString("base64url");
  expect(await ask<string>("get_more_results", { cursor: unknown })).toMatch(
    /^not_found: nothing is kept for this cursor, or no longer \(search again: .*24 hours.*1,000/,
  );
}, 60_000);
