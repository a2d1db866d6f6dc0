import { expect, test } from "bun:test";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, type World } from "../support/harness.ts";
import { Transcript } from "../support/transcript.ts";

binary();

const NOW = Date.parse("2026-01-02T03:04:05Z");
const BEFORE = "TypeError: pool.close is not a function\n    at stop (src/pool.ts:12:8)";
const AFTER = "TypeError: pool.close is not a function\n    at main (lib/db/pool.js:99:1)";

/** A world in whose project an error was mended yesterday. */
async function mended(): Promise<World> {
  const world = makeWorld();
  const talk = new Transcript({ cwd: world.project, start: NOW - 86_400_000 });
  const path = join(world.project, "src/pool.ts");
  talk.prompt("Make the tests pass");
  talk.tool({ name: "Bash", input: { command: "npm test" }, output: BEFORE, isError: true });
  const change = { file_path: path, old_string: "pool.close()", new_string: "await pool.end()" };
  talk.tool({ name: "Edit", input: change, output: "ok" });
  talk.tool({ name: "Bash", input: { command: "npm test" }, output: "12 passing" });
  talk.answer("The driver's pool has end, not close.");
  talk.writeTo(join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "projects"));
  await runBinary("ingest --all", world);
  return world;
}

async function fail(world: World, error: string, more: Record<string, unknown> = {}) {
  const input = {
    session_id: "c-7",
    cwd: world.project,
    hook_event_name: "PostToolUseFailure",
    tool_name: "Bash",
    tool_use_id: crypto.randomUUID(),
    tool_input: { command: "npm test" },
    error,
    ...more,
  };
  const { stdout } = await runBinary("hook PostToolUseFailure", world, JSON.stringify(input));
  return stdout === "" ? "" : JSON.parse(stdout).hookSpecificOutput.additionalContext;
}

test("a failing command gets its known fix, once, in at most 150 tokens", async () => {
  const world = await mended();

  const told = await fail(world, `Exit code 1\n${AFTER}`);
  const again = await fail(world, `Exit code 1\n${AFTER}`);

  expect(told).toContain("This error was resolved on 2026-01-01:");
  expect(told).toContain("Changed src/pool.ts: await pool.end()");
  expect(told).toContain("has end, not close");
  expect(Buffer.byteLength(told)).toBeLessThanOrEqual(600);
  expect(again).toBe("");
});

test("a fix is found by its error's words, however little they look like an error's", async () => {
  const world = await mended();
  await runBinary(["memory", "fix", "The wombat exploded 3 times", "Feed it first"], world);
  const find = async (error: string) =>
    JSON.parse((await runBinary(["find", "fix", error, "--json"], world)).stdout);

  const told = await find("the wombat exploded 12 times");
  const bare = await find("pool.close is not a function");
  const shown = await runBinary(["find", "fix", "wombat", "--no-json"], world);
  const chain = await runBinary(["session", "chain", bare.fixes[0].id, "--no-json"], world);

  expect(told.fixes).toMatchObject([{ fix: "Fix: Feed it first", origin: "recorded" }]);
  expect(bare.fixes).toMatchObject([{ error_type: "TypeError", origin: "observed" }]);
  expect(shown.stdout).toBe("No fix of this error is known.\n");
  expect(chain.stdout).toContain("failed  TypeError: pool.close is not a function");
  expect(chain.stdout).toContain("Changed src/pool.ts: await pool.end()");
});

test.each([
  ["an error never met", "RangeError: invalid array length of the ring buffer"],
  ["an exit code alone", "Exit code 1"],
  ["no error", "nothing to see"],
  ["the same class, another trouble", "TypeError: user.name.trim is undefined"],
  ["nothing", ""],
])("%s is answered with silence", async (_case, error) => {
  const world = await mended();

  expect(await fail(world, error)).toBe("");
});

test("a project that nothing relates is told nothing, and no other tool than the shell is", async () => {
  const world = await mended();
  const stranger = { ...world, project: world.env["HOME"] ?? "" };

  expect(await fail(stranger, AFTER)).toBe("");
  expect(await fail(world, AFTER, { tool_name: "Write" })).toBe("");
});

test("the fix is found by its error, as a chain, and by every search", async () => {
  const world = await mended();

  const found = await runBinary(
    ["call", "query_similar_errors", JSON.stringify({ error_message: AFTER })],
    world,
  );
  const { fixes, total } = JSON.parse(found.stdout);
  const chain = await runBinary(["session", "chain", fixes[0].id, "--json"], world);
  const searched = await runBinary(["search", "kind:fix pool.close", "--json"], world);

  expect(total).toBe(1);
  expect(fixes[0]).toMatchObject({
    error: "TypeError: pool.close is not a function",
    error_type: "TypeError",
    project: "user-service",
    command: "npm test",
    origin: "observed",
  });
  expect(JSON.parse(chain.stdout)).toMatchObject({
    id: fixes[0].id,
    attempts: [{ error: "TypeError: pool.close is not a function" }],
  });
  expect(JSON.parse(searched.stdout).hits.map(({ kind }: { kind: string }) => kind)).toEqual([
    "fix",
  ]);
});

test("a fix told by hand is found when the error comes back", async () => {
  const world = makeWorld();
  const told = {
    error_message: "Error: listen EADDRINUSE: address already in use :::3000",
    action_taken: "Stop the old dev server: lsof -ti :3000",
  };

  const { stdout } = await runBinary(["call", "record_fix_success", JSON.stringify(told)], world);
  const found = await runBinary(
    ["find", "fix", "listen EADDRINUSE: address already in use :::8080", "--json"],
    world,
  );

  expect(JSON.parse(stdout).id).toStartWith("fix-");
  expect(JSON.parse(found.stdout).fixes[0].fix).toContain("lsof -ti :3000");
});

test("reading twice keeps one fix", async () => {
  const world = await mended();

  await runBinary("ingest --all", world);
  const found = await runBinary(
    ["call", "query_similar_errors", JSON.stringify({ error_message: BEFORE })],
    world,
  );

  expect(JSON.parse(found.stdout).total).toBe(1);
});

test.each([
  ["an empty error", ["find", "fix", ""], 2],
  ["a chain that is not there", ["session", "chain", "fix-nope"], 3],
  ["a fix without an action", ["memory", "fix", "Error: boom at noon", ""], 2],
  ["a project that is not there", ["find", "fix", "boom", "--project", "nope"], 3],
])("%s fails with its code", async (_case, line, code) => {
  const world = makeWorld();

  const { exitCode, stderr } = await runBinary(line, world);

  expect(exitCode).toBe(code);
  expect(JSON.parse(stderr).error.message).not.toBe("");
});
