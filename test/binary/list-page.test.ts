import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { binary } from "../support/binary.ts";
import { runBinary, type World } from "../support/harness.ts";
import { connectBinary } from "../support/mcp.ts";
import { makeHistory } from "../support/recall.ts";

const sb = binary();
let world: World;
let client: Client;

const ERROR = "TypeError: cart.total is not a function";
const SESSION = "0d6f1f6a-0000-4000-8000-000000000001";

beforeAll(async () => {
  world = await makeHistory(
    Array.from({ length: 25 }, (_, n) => ({
      project: n % 2 ? "api" : "web",
      at: `2025-12-${String(1 + n).padStart(2, "0")}T10:00:00Z`,
      tell(t: import("../support/transcript.ts").Transcript) {
        for (let part = 0; part < (n === 0 ? 30 : 2); part += 1) {
          t.prompt(`Question ${n}, part ${part}: what does the cart do about its total?`);
          t.answer(`It sums, case ${n}.${part}`);
        }
      },
    })),
  );
  client = await connectBinary(sb, { folder: world.project, env: world.env as never }, [
    "--profile",
    "full",
  ]);
  await ask("start", {});
  for (let n = 0; n < 25; n += 1) {
    await ask("store_insight", { content: `Carts sum in cents, rule ${n}: never in euros` });
    await ask("create_natural_reminder", {
      title: `Look at cart ${n}`,
      time_expression: `in ${n + 1} hours`,
    });
    await ask("record_fix_success", { error_message: ERROR, action_taken: `Import cart ${n}` });
    await ask("preserve_current_context", {
      conversation: `0d6f1f6a-0000-4000-8000-${String(n + 1).padStart(12, "0")}`,
    });
  }
}, 60_000);
afterAll(() => client.close());

type Answer = Readonly<Record<string, unknown>> & {
  readonly total: number;
  readonly cursor?: string;
  readonly tokens: number;
};

async function ask(name: string, input: object): Promise<Answer> {
  const { structuredContent, content } = await client.callTool({ name, arguments: { ...input } });
  const [{ text = "" } = {}] = content as { text?: string }[];
  if (!structuredContent) throw new Error(text);
  const answer = structuredContent as Answer;
  if ("total" in answer) expect(answer.tokens).toBe(Math.ceil(Buffer.byteLength(text) / 4));
  return answer;
}

const LISTS: readonly (readonly [tool: string, input: object, keys: readonly string[]])[] = [
  ["list_sessions", {}, ["sessions", "conversations"]],
  ["list_sessions", { project: "api", limit: 3 }, ["sessions", "conversations"]],
  ["get_session", { session_id: SESSION }, ["moments"]],
  ["search_insights", { query: "*" }, ["insights"]],
  ["search_insights", { query: "carts sum", limit: 100 }, ["insights"]],
  ["list_user_reminders", {}, ["reminders"]],
  ["query_similar_errors", { error_message: ERROR, limit: 100 }, ["fixes"]],
  ["get_interruption_history", { limit: 100 }, ["interruptions"]],
];

test.each(LISTS)(
  "%s %j pages within its tokens, without gap or repeat",
  async (tool, input, keys) => {
    const itemsOf = (answer: Answer) => keys.flatMap((key) => answer[key] as object[]);
    const whole: object[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await ask(tool, {
        ...input,
        max_tokens: 100_000,
        ...(cursor ? { cursor } : {}),
      });
      whole.push(...itemsOf(page));
      cursor = page.cursor;
      if (!cursor) break;
    }
    const told = (items: readonly object[]) => items.map((item) => JSON.stringify(item)).toSorted();

    const seen: object[] = [];
    let pages = 0;
    for (let cursor: string | undefined; ; ) {
      const page = await ask(tool, { ...input, max_tokens: 420, ...(cursor ? { cursor } : {}) });
      expect(page.total).toBe(whole.length);
      expect(page.tokens).toBeLessThanOrEqual(420);
      seen.push(...itemsOf(page));
      pages += 1;
      cursor = page.cursor;
      if (!cursor) break;
    }

    expect(whole.length).toBeGreaterThan(10);
    expect(pages).toBeGreaterThan(2);
    expect(told(seen)).toEqual(told(whole));
  },
);

test("what comes between two pages of a list neither shifts nor repeats one", async () => {
  const first = await ask("list_user_reminders", { max_tokens: 420 });
  await ask("create_natural_reminder", { title: "Sooner", time_expression: "in 5 minutes" });
  const rest: string[] = [];
  for (let { cursor } = first; cursor; ) {
    const page = await ask("list_user_reminders", { cursor });
    rest.push(...(page["reminders"] as { title: string }[]).map(({ title }) => title));
    cursor = page.cursor;
  }

  const shown = (first["reminders"] as { title: string }[]).map(({ title }) => title);
  expect([...shown, ...rest]).toEqual(Array.from({ length: 25 }, (_, n) => `Look at cart ${n}`));
});

test("an item that is longer than its page is shown cut", async () => {
  const description = "ein sehr langer Text ".repeat(150);
  await ask("create_natural_reminder", {
    ...{ title: "Long", description, time_expression: "in 1 minute" },
  });

  const { tokens, reminders } = await ask("list_user_reminders", { max_tokens: 200 });

  expect(tokens).toBeLessThanOrEqual(200);
  expect((reminders as { title: string }[])[0]?.title).toBe("Long");
});

test("a cursor of a list belongs to it, also from a shell", async () => {
  const { cursor } = await ask("list_sessions", { limit: 2 });

  await expect(ask("get_more_results", { cursor })).rejects.toThrow(
    /^invalid_input: this cursor belongs to list_sessions \(give it to list_sessions\)$/,
  );
  await expect(ask("list_sessions", { cursor, project: "api" })).rejects.toThrow(/another project/);
  await expect(ask("list_user_reminders", { cursor })).rejects.toThrow(/belongs to list_sessions/);
});

test.each([
  ["session list --limit 2", "session list"],
  [`session show ${SESSION} --max-tokens 420`, "session show"],
  ["insight search carts --limit 2", "insight search"],
  ["reminder list --max-tokens 420", "reminder list"],
  ["context history --limit 2", "context history"],
])("what `sb %s` does not show, it says how to ask for", async (line, command) => {
  const { stdout } = await runBinary(`${line} --no-json`, world);
  const [, more = ""] = /; more: sb (.*)/.exec(stdout) ?? [];
  const next = await runBinary(`${more} --json`, world);

  expect(more).toStartWith(`${command} --cursor `);
  expect(next).toMatchObject({ exitCode: 0, stderr: "" });
});

test("fixes that are not shown are asked for by the same error with a cursor", async () => {
  const find = (...given: string[]) =>
    runBinary(["find", "fix", ERROR, "--limit", "2", ...given], world);
  const { stdout } = await find("--no-json");
  const [, cursor = ""] = /2 of 25 shown; more: the same with --cursor (\S+)/.exec(stdout) ?? [];
  const next = await find("--cursor", cursor, "--json");

  expect(JSON.parse(next.stdout).fixes).toHaveLength(2);
  expect(stdout).not.toContain(JSON.parse(next.stdout).fixes[0].id);
});
