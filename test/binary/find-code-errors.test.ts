import { beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { runBinary, type World } from "../support/harness.ts";
import { connectBinary } from "../support/mcp.ts";
import { callTool, type FoundPage, failTool, makeHistory } from "../support/recall.ts";

const sb = binary();
let world: World;
/** Uuids of the prompt for the invoice's model and of the message that wrote it. */
let invoice: { asked: string; written: string };

const RETRY = `export async function retryWithBackoff<T>(work: () => Promise<T>, tries = 3): Promise<T> {
  for (let n = 1; ; n += 1) {
    try { return await work(); } catch (error) { if (n === tries) throw error; await sleep(2 ** n * 100); }
  }
}`;

beforeAll(async () => {
  world = await makeHistory([
    {
      project: "user-service",
      at: "2025-12-30T10:00:00Z",
      tell(t) {
        t.prompt("How do I retry a flaky call?");
        t.answer(
          `Like this:\n\n\`\`\`ts\n${RETRY}\n\`\`\`\n\nand its test:\n\n\`\`\`ts\ntest("gives up after three", () => {});\n\`\`\``,
        );
      },
    },
    {
      project: "user-service",
      at: "2025-12-31T10:00:00Z",
      tell(t, cwd) {
        const asked = t.prompt("Add the model of an invoice");
        t.tool({
          name: "Write",
          input: {
            file_path: join(cwd, "app/invoice.py"),
            content: "class InvoiceModel(Base):\n    def total_amount(self):\n        return 1\n",
          },
        });
        invoice = { asked, written: JSON.parse(t.lines.at(-2) ?? "").uuid };
        t.answer("Done: the model sums its lines.");
      },
    },
    {
      project: "api",
      at: "2026-01-01T10:00:00Z",
      tell(t) {
        t.prompt("The login page is blank");
        t.tool({
          name: "Bash",
          input: { command: "bun test login" },
          output:
            "login.test.ts:\nTypeError: Cannot read properties of undefined (reading 'token')\n    at /home/dev/api/src/login.ts:42:7\n",
          isError: true,
        });
        t.answer("The session was read before it was set; awaiting it mended the login.");
        t.prompt("Deploy it");
        t.tool({
          name: "Bash",
          input: { command: "deploy" },
          output: "Error: connect ECONNREFUSED 10.0.0.7:5432",
          isError: true,
        });
        t.answer("The database was down.");
      },
    },
    {
      project: "web",
      at: "2025-12-20T10:00:00Z",
      tell(t) {
        t.prompt(
          "I get TypeError: Cannot read properties of undefined (reading 'name') since the update",
        );
        t.answer("The profile is loaded late; a guard is needed.");
      },
    },
    {
      project: "secret",
      at: "2026-01-01T12:00:00Z",
      tell(t) {
        t.prompt("TypeError: Cannot read properties of undefined (reading 'hidden')");
        t.answer("```ts\nfunction retryWithBackoff() { return 'hidden'; }\n```");
      },
    },
  ]);
  await runBinary(`pause --project ${join(world.project, "../secret")}`, world);
});

test("the statistics say nothing of a project that is left alone", async () => {
  const stats = await callTool<{ total: number; by_kind: Record<string, number> }>(
    world,
    "reflection_stats",
    {},
  );

  expect(stats).toMatchObject({
    total: stats.by_kind["exchange"],
    by_project: { "user-service": 2, api: 2, web: 1 },
    time_range: { to: expect.stringContaining("2026-01-01T10:00") },
  });
  expect(stats.total).toBe(5);
});

const code = (query: string, more = {}) => callTool(world, "search_code", { query, ...more });
const errors = (query: string, more = {}) => callTool(world, "search_errors", { query, ...more });

test("code is found by the name it defines, and the hit shows the block", async () => {
  const { total, hits, mode } = await code("retryWithBackoff");

  expect([total, mode]).toEqual([1, "text"]);
  expect(hits[0]?.snippet).toContain(RETRY);
  expect(hits[0]?.code).toEqual({
    language: "typescript",
    kinds: ["function"],
    names: ["retryWithBackoff"],
    source: "fence",
  });
  expect(hits[0]?.message_uuids?.length).toBe(1);
});

test("code that was written into a file is found, with its path and what was asked", async () => {
  const { hits } = await code("total amount of an InvoiceModel");

  expect(hits[0]?.code).toMatchObject({
    language: "python",
    kinds: ["function", "class"],
    source: "write",
    path: expect.stringMatching(/app\/invoice\.py$/),
  });
  expect(hits[0]?.snippet).toContain("class InvoiceModel(Base):");
  expect(hits[0]?.snippet).toContain("Add the model of an invoice");
  expect(hits[0]?.message_uuids).toEqual([invoice.written, invoice.asked]);
});

test.each<[query: string, more: object, total: number]>([
  ["retry", { language: "ts" }, 1],
  ["retry", { language: "python" }, 0],
  ["gives up after three", { pattern_type: "test" }, 1],
  ["retryWithBackoff", { pattern_type: "class" }, 0],
  ["", { language: "py" }, 1],
  ["", { pattern_type: "function" }, 2],
  ["", {}, 0],
  ["flaky call", {}, 0],
  ["the of and", {}, 0],
  ["retry project:api", {}, 0],
  ["🙂", {}, 0],
  ["日本語", {}, 0],
  ["دالة", {}, 0],
  ["(?:x+)+$ ^\\w", {}, 0],
])("code for %j with %j: %d", async (query, more, total) => {
  expect((await code(query, more)).total).toBe(total);
});

test("the kind that is asked for chooses the block that is shown", async () => {
  const { hits } = await code("retry gives up", { pattern_type: "test" });

  expect(hits[0]?.code?.["kinds"]).toEqual(["test"]);
  expect(hits[0]?.snippet).toStartWith('test("gives up after three"');
});

test("the same error is found whatever it read and wherever it was", async () => {
  const { total, hits } = await errors(
    "TypeError: Cannot read properties of undefined (reading 'email')",
  );

  expect(total).toBe(2);
  expect(hits.map(({ project, why }) => [project, why["text"]])).toEqual([
    ["api", 1],
    ["web", 1],
  ]);
  expect(hits[0]?.error).toEqual({
    type: "TypeError",
    line: "TypeError: Cannot read properties of undefined (reading 'token')",
    command: "bun test login",
  });
  expect(hits[0]?.snippet).toContain("reading 'token'");
  expect(hits[0]?.snippet).toContain("awaiting it mended the login");
  expect(hits[1]?.snippet).toContain("a guard is needed");
});

test.each<[query: string, more: object, projects: string[]]>([
  ["cannot read properties of undefined (reading 'x')", {}, ["api", "web"]],
  ["connect ECONNREFUSED 127.0.0.1:6379", {}, ["api"]],
  ["connection", { error_type: "econnrefused" }, ["api"]],
  ["", { error_type: "ECONNREFUSED" }, ["api"]],
  ["", { error_type: "TypeError" }, ["api", "web"]],
  ["login blank", {}, ["api"]],
  ["profile loaded", {}, ["web"]],
  ["properties of undefined", { error_type: "RangeError" }, []],
  ["flaky", {}, ["user-service"]],
  ["", {}, []],
  ["🙂🙂", {}, []],
  ["错误", {}, []],
])("errors for %j with %j: %j", async (query, more, projects) => {
  const { hits } = await errors(query, more);

  expect(hits.map(({ project }) => project)).toEqual(projects);
});

test.each<[tool: string, input: object | string, message: RegExp]>([
  ["search_code", { query: "x", pattern_type: "loop" }, /pattern_type/],
  ["search_code", { query: "x", language: "pyhton" }, /no code in a language called "pyhton"/],
  ["search_code", { query: "x", language: "" }, /language/],
  ["search_code", {}, /query/],
  ["search_code", { query: "x".repeat(10 * 1024 * 1024) }, /query/],
  ["search_code", { query: "x", cursor: "\u0000\u0001" }, /cursor/],
  ["search_code", { query: "kind:nothing" }, /kind:nothing is no kind/],
  ["search_errors", { query: "x", error_type: 5 }, /error_type/],
  ["search_errors", { query: "x", error_type: "x".repeat(101) }, /error_type/],
  ["search_errors", { query: "x".repeat(10 * 1024 * 1024) }, /query/],
  ["search_errors", "\u0000\u0001\u0002", /JSON/i],
])("%s refuses bad input, case %#", async (tool, input, message) => {
  const failure = await failTool(world, tool, input);

  expect(failure).toMatchObject({ exitCode: 2, code: "invalid_input", stdout: "" });
  expect(failure.message).toMatch(message);
});

test("a slip in a language's name is answered with the name that was meant", async () => {
  const { hint } = await failTool(world, "search_code", { query: "x", language: "pyhton" });

  expect(hint).toContain('did you mean "python"?');
});

test("pages go on with the same parts, and keep to their tokens", async () => {
  const first = await errors("properties of undefined", { limit: 1, max_tokens: 300 });
  const { stdout } = await runBinary(
    [
      "call",
      "search_errors",
      JSON.stringify({
        ...{ query: "properties of undefined", cursor: first.cursor },
        max_tokens: 300,
      }),
    ],
    world,
  );
  const second = JSON.parse(stdout) as FoundPage;

  expect([first.hits.length, second.hits.length, second.cursor]).toEqual([1, 1, undefined]);
  expect(second.hits[0]?.error?.["type"]).toBe("TypeError");
  expect(second.hits[0]?.id).not.toBe(first.hits[0]?.id);
  for (const page of [first, second]) {
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(1_200);
  }
});

test("what was said a moment ago is found, though nothing went through it before", async () => {
  await callTool(world, "store_reflection", {
    content: "```sql\nSELECT fresh_column FROM later;\n```",
  });

  const { hits } = await code("fresh_column", { pattern_type: "query" });

  expect(hits.map(({ kind, code: found }) => [kind, found?.["language"]])).toEqual([
    ["reflection", "sql"],
  ]);
});

test("a person sees the language, the error, and the command that told it", async () => {
  const found = await runBinary("find code retryWithBackoff --no-json", world);
  const failed = await runBinary("find errors ECONNREFUSED --no-json", world);

  expect(found.stdout).toContain("typescript function  retryWithBackoff");
  expect(failed.stdout).toContain("ECONNREFUSED  $ deploy");
});

test("the same over MCP", async () => {
  const home = { folder: world.project, env: world.env as Record<string, string> };
  const client = await connectBinary(sb, home);
  const found = await client.callTool({
    name: "search_code",
    arguments: { query: "retryWithBackoff" },
  });
  const refused = await client.callTool({
    name: "search_code",
    arguments: { query: "x", pattern_type: "loop" },
  });
  await client.close();

  expect(found.structuredContent).toMatchObject({ total: 1 });
  expect(refused).toMatchObject({ isError: true });
});
