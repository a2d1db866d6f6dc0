import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { binary } from "../support/binary.ts";
import { connectBinary, makeHome } from "../support/mcp.ts";

const sb = binary();
let client: Client;

beforeAll(async () => {
  client = await connectBinary(sb, makeHome(), ["--profile", "full"]);
});
afterAll(() => client.close());

/** Every tool whose answer says what it costs, asked for what is there and for what is not. */
const CALLS: readonly (readonly [tool: string, input: Record<string, unknown>])[] = [
  ["quick_search", { query: "cache", min_score: 0 }],
  ["quick_search", { query: "xyzzy" }],
  ["get_more_results", { query: "cache", offset: 1 }],
  ["search_summary", { query: "cache" }],
  ["search_by_file", { file_path: "*" }],
  ["search_by_concept", { concept: "cache" }],
  ["search_code", { query: "total" }],
  ["search_errors", { query: "TypeError: x is not a function" }],
  ["search_temporal", { time_expression: "today" }],
  ["advanced_search", { query: "cache" }],
  ["search_suggestions", { query: "ca" }],
  ["search_suggestions", { query: "" }],
  ["find_duplicates", { threshold: 0.7 }],
  ["search_insights", { query: "*" }],
  ["query_similar_errors", { error_message: "TypeError: x is not a function" }],
  ["query_similar_errors", { error_message: "nothing of the kind" }],
  ["list_user_reminders", {}],
  ["list_user_reminders", { project: "*" }],
  ["explain_injection", {}],
];

/** The answers' cost as they say it and as it is, by tool, where the two differ. */
async function misjudged(more: Record<string, unknown>) {
  const wrong: unknown[] = [];
  for (const [name, input] of CALLS) {
    const { content, structuredContent } = await client.callTool({
      name,
      // A summary is of one size: nothing of it can be left out.
      arguments: name === "search_summary" ? input : { ...input, ...more },
    });
    const [{ text = "" } = {}] = content as { text?: string }[];
    const cost = Math.ceil(Buffer.byteLength(text) / 4);
    const { tokens } = (structuredContent ?? {}) as { tokens?: number };
    if (tokens !== cost) wrong.push([name, { tokens, cost }]);
  }
  return wrong;
}

test("an answer costs the tokens that it says, with little in it and with much", async () => {
  expect(await misjudged({})).toEqual([]);
  for (let n = 0; n < 12; n += 1) {
    const content = `The cache für 日本語🎉 "quoted" \\ back\n${"total ".repeat(n * n)} ${n}`;
    await client.callTool({ name: "store_reflection", arguments: { content, tags: ["日本"] } });
    await client.callTool({ name: "store_insight", arguments: { content: `Cache rule ${n}` } });
    await client.callTool({
      name: "create_natural_reminder",
      arguments: { title: `Cache 日本 ${n}`, time_expression: `in ${n + 1} hours` },
    });
  }
  await client.callTool({
    name: "record_fix_success",
    arguments: { error_message: "TypeError: x is not a function", action_taken: "Call y" },
  });

  for (const max_tokens of [200, 207, 333, 1_500, 20_000]) {
    expect([max_tokens, await misjudged({ max_tokens })]).toEqual([max_tokens, []]);
  }
});
