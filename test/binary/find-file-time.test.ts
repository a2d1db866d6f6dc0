import { beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { runBinary, type World } from "../support/harness.ts";
import { connectBinary } from "../support/mcp.ts";
import { callTool, type FoundPage, failTool, makeHistory } from "../support/recall.ts";

const sb = binary();
let world: World;

beforeAll(async () => {
  world = await makeHistory([
    {
      project: "user-service",
      at: "2025-12-30T10:00:00Z",
      tell(t, cwd) {
        t.prompt("Make the clock leeway a setting");
        t.tool({ name: "Read", input: { file_path: join(cwd, "src/auth/token.ts") } });
        t.tool({
          name: "Edit",
          input: { file_path: join(cwd, "src/auth/token.ts"), new_string: "a" },
        });
        t.tool({
          name: "Edit",
          input: { file_path: join(cwd, "src/auth/token.ts"), new_string: "b" },
        });
        t.answer("The leeway is read from the settings now.");
      },
    },
    {
      project: "user-service",
      at: "2026-01-01T10:00:00Z",
      tell(t, cwd) {
        t.prompt("What does the token module export?");
        t.tool({ name: "Read", input: { file_path: join(cwd, "src/auth/token.ts") } });
        t.answer("It exports refresh and revoke.");
        t.prompt("Write the test of it");
        t.tool({
          name: "Write",
          input: { file_path: join(cwd, "test/token.test.ts"), content: "x" },
        });
        t.answer("Written.");
      },
    },
    {
      project: "desktop",
      at: "2025-11-05T10:00:00Z",
      tell(t) {
        t.prompt("Fix the window's title");
        t.tool({
          name: "Edit",
          input: { file_path: "C:\\work\\desktop\\src\\Main.cs", new_string: "c" },
        });
        t.answer("The title mentions src/auth/token.ts, which no tool touched.");
      },
    },
    {
      project: "secret",
      at: "2026-01-01T12:00:00Z",
      tell(t, cwd) {
        t.prompt("The hidden clock leeway");
        t.tool({
          name: "Edit",
          input: { file_path: join(cwd, "src/auth/token.ts"), new_string: "h" },
        });
        t.answer("Hidden.");
      },
    },
  ]);
  await runBinary(`pause --project ${join(world.project, "../secret")}`, world);
});

const file = (file_path: string, more = {}) =>
  callTool(world, "search_by_file", { file_path, ...more });

test("a file is found by the calls that touched it, a change before a later reading", async () => {
  const { hits, total, tokens, mode } = await file("src/auth/token.ts");

  expect({ total, mode }).toEqual({ total: 2, mode: "text" });
  expect(
    hits.map(({ why, files, project }) => [
      project,
      why["path"],
      files?.map(({ action, times }) => `${action} ${times}`),
    ]),
  ).toEqual([
    ["user-service", "exact", ["edit 2", "read 1"]],
    ["user-service", "exact", ["read 1"]],
  ]);
  expect(hits[0]?.snippet).toContain("clock leeway");
  expect(hits.every((hit) => (hit.message_uuids?.length ?? 0) > 0)).toBe(true);
  expect(tokens).toBeGreaterThan(50);
});

test.each([
  ["token.ts", 2, "basename"],
  ["auth/token.ts", 2, "suffix"],
  ["src/**/*.ts", 2, "glob"],
  ["**/*.test.ts", 1, "glob"],
  ["test/", 1, "glob"],
  ["src/Main.cs", 1, "suffix"],
  ["c:/work/desktop/src/main.cs", 1, "exact"],
  ["nowhere.ts", 0, "nothing"],
  ["clock leeway", 0, "nothing"],
  ["🙂", 0, "nothing"],
  ["(?:a+)+$", 0, "nothing"],
  ["ملف/日本語.md", 0, "nothing"],
])("the path %s finds %d conversations, as %s", async (path, count, how) => {
  const { total, hits } = await file(path);

  expect([total, hits[0]?.why["path"] ?? "nothing"]).toEqual([count, how]);
});

test("a project that is paused is not found, and another's name narrows", async () => {
  expect((await file("token.ts", { project: "desktop" })).total).toBe(0);
  expect(
    await failTool(world, "search_by_file", { file_path: "x", project: "nobody" }),
  ).toMatchObject({
    exitCode: 3,
    code: "not_found",
  });
});

test("a page ends at the limit, and its cursor gives the rest with the same parts", async () => {
  const first = await file("token.ts", { limit: 1 });
  const second = await file("token.ts", { limit: 1, cursor: first.cursor });
  const more = await callTool(world, "get_more_results", { cursor: first.cursor });

  expect([first.total, second.total, second.cursor]).toEqual([2, 2, undefined]);
  expect(second.hits[0]?.id).not.toBe(first.hits[0]?.id);
  expect(second.hits[0]?.why["path"]).toBe("basename");
  expect(more.hits).toEqual([...second.hits]);
});

const time = (time_expression: string, more = {}) =>
  callTool<FoundPage & { from: string; to: string }>(world, "search_temporal", {
    time_expression,
    ...more,
  });

test("without words a time lists what was said in it, newest first", async () => {
  const page = await time("yesterday");

  expect([page.from, page.to]).toEqual(["2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"]);
  expect(page.hits.map(({ snippet }) => snippet.split("\n")[0])).toEqual([
    "Write the test of it",
    "What does the token module export?",
  ]);
});

test("with words it ranks what was said in it", async () => {
  const page = await time("this week", { query: "clock leeway" });

  expect(page.hits.map(({ at }) => at.slice(0, 10))).toEqual(["2025-12-30"]);
  expect((await time("in November", { query: "title" })).total).toBe(1);
  expect((await time("in November", { query: "leeway" })).total).toBe(0);
});

test("what is no time is refused with examples", async () => {
  const failure = await failTool(world, "search_temporal", {
    time_expression: "before the release",
  });

  expect(failure).toMatchObject({ exitCode: 2, code: "invalid_input" });
  expect(failure.message).toBe('"before the release" is not understood as a time');
  expect(failure.hint).toContain("last week");
});

test.each<[tool: string, input: object | string, code: string]>([
  ["search_by_file", { file_path: "" }, "invalid_input"],
  ["search_by_file", {}, "invalid_input"],
  ["search_by_file", { file_path: 7 }, "invalid_input"],
  ["search_by_file", { file_path: "x".repeat(10 * 1024 * 1024) }, "invalid_input"],
  ["search_by_file", { file_path: "a.ts", cursor: "!!!" }, "invalid_input"],
  ["search_by_file", { file_path: "a.ts", limit: 0 }, "invalid_input"],
  ["search_by_file", { file_path: "a.ts", colour: "red" }, "invalid_input"],
  ["search_by_file", '{"file_path": "a\u0000', "invalid_input"],
  ["search_temporal", { time_expression: "" }, "invalid_input"],
  ["search_temporal", { time_expression: "🙂" }, "invalid_input"],
  ["search_temporal", { time_expression: "昨日" }, "invalid_input"],
  ["search_temporal", { time_expression: "(?:last)+" }, "invalid_input"],
  ["search_temporal", { time_expression: "last ".repeat(2e6) }, "invalid_input"],
  ["search_temporal", { time_expression: "today", query: "since:xyzzy" }, "invalid_input"],
  ["search_temporal", { time_expression: "today", max_tokens: 3 }, "invalid_input"],
  ["search_temporal", { time_expression: "today", cursor: "bm9wZTox" }, "not_found"],
])("%s refuses bad input, case %#", async (tool, input, code) => {
  expect(await failTool(world, tool, input)).toMatchObject({ code, stdout: "" });
});

test("prefixes narrow a plain search, and a wrong value says what works", async () => {
  const search = (query: string) => callTool(world, "quick_search", { query });

  expect((await search("file:token.ts kind:exchange")).total).toBe(2);
  expect((await search("leeway project:desktop")).total).toBe(0);
  expect((await search("before:2025-12-01 title")).total).toBe(1);
  expect((await search("since:yesterday")).hits.map(({ why }) => why["text"])).toEqual([
    undefined,
    undefined,
  ]);
  expect((await search("branch:nowhere leeway")).total).toBe(0);
  expect(await failTool(world, "quick_search", { query: "x since:xyzzy" })).toMatchObject({
    code: "invalid_input",
    hint: expect.stringContaining("since:yesterday"),
  });
});

test.each([200, 400, 1500])(
  "an answer of at most %d tokens costs what it says",
  async (max_tokens) => {
    for (const [tool, input] of [
      ["search_by_file", { file_path: "src/**" }],
      ["search_temporal", { time_expression: "since 2020" }],
    ] as const) {
      const { stdout } = await runBinary(
        ["call", tool, JSON.stringify({ ...input, max_tokens })],
        world,
      );
      const { tokens, hits } = JSON.parse(stdout) as FoundPage;

      expect(hits.length).toBeGreaterThan(0);
      expect(tokens).toBeLessThanOrEqual(max_tokens);
      expect(tokens).toBe(Math.ceil(Buffer.byteLength(stdout.trim()) / 4));
    }
  },
);

test("a person sees the file, how it was touched, and the range that was understood", async () => {
  const byFile = await runBinary("find file auth/token.ts --no-json", world);
  const byTime = await runBinary("find time yesterday --no-json", world);

  expect(byFile.stdout).toContain("edit 2×  ");
  expect(byFile.stdout).toMatch(/2 of 2 shown/);
  expect(byTime.stdout).toMatch(/^2026-01-01 00:00 to 2026-01-02 00:00\n/);
});

test("the same over MCP", async () => {
  const home = { folder: world.project, env: world.env as Record<string, string> };
  const client = await connectBinary(sb, home);
  const answer = await client.callTool({
    name: "search_by_file",
    arguments: { file_path: "token.ts" },
  });
  const refused = await client.callTool({
    name: "search_temporal",
    arguments: { time_expression: "before the release" },
  });
  await client.close();

  expect(answer.structuredContent).toMatchObject({ total: 2 });
  expect(refused).toMatchObject({ isError: true });
});
