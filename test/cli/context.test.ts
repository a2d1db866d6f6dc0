import { expect, test } from "bun:test";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, type World } from "../support/harness.ts";
import { Transcript } from "../support/transcript.ts";

binary();

const NOW = Date.parse("2026-01-02T03:04:05Z");
const SECRET = `ghp_${"A1b2".repeat(9)}`;

/** A conversation in full swing. */
function working(input = 50_000): World & { sessionId: string } {
  const world = makeWorld();
  const talk = new Transcript({ cwd: world.project, start: NOW - 60_000 });
  talk.prompt(`Move the cache to Redis, the key is ${SECRET}`);
  const change = { file_path: join(world.project, "src/cache.ts"), new_string: "redis" };
  talk.tool({ name: "Edit", input: change, output: "ok" });
  talk.tool({ name: "Bash", input: { command: "npm run build" }, output: "built" });
  talk.tool({
    name: "Bash",
    input: { command: "npm test" },
    output: "TypeError: client.quit is not a function",
    isError: true,
  });
  talk.answer("We decided to keep one client per process.\n\nShall I drop the old table?", {
    input,
    cacheRead: 0,
    cacheCreation: 0,
    output: 10,
  });
  talk.writeTo(join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "projects"));
  return { ...world, sessionId: talk.sessionId };
}

async function deliver(world: World & { sessionId: string }, event: string, more = {}) {
  const base = { session_id: world.sessionId, cwd: world.project, hook_event_name: event };
  const { stdout } = await runBinary(["hook", event], world, JSON.stringify({ ...base, ...more }));
  return stdout === "" ? "" : JSON.parse(stdout).hookSpecificOutput.additionalContext;
}

test("of a conversation that is mostly unread its end is saved, and the rest is read later", async () => {
  const world = working();
  const talk = new Transcript({ cwd: world.project, sessionId: "long", start: NOW - 3_600_000 });
  talk.prompt("Why does the wombat proxy drop sockets?");
  talk.answer("Its idle timeout is shorter than the pool's.");
  for (let i = 0; i < 300; i += 1) {
    talk.prompt(`Step ${i} of the plan, please`);
    talk.answer(`Step ${i} is done. ${"Every word of it stays. ".repeat(500)}`);
  }
  talk.prompt(`Now name the quokka gateway, the key is ${SECRET}`);
  talk.answer("We decided to call it quokka-gw. Shall I rename the tests?");
  talk.writeTo(join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "projects"));
  const long = { ...world, sessionId: "long" };

  await deliver(long, "PreCompact", { trigger: "auto" });
  const status = JSON.parse((await runBinary("status --json", world)).stdout);
  const after = await deliver(long, "SessionStart", { source: "compact" });
  await runBinary("ingest --all", world);
  const found = JSON.parse((await runBinary("search wombat --json", world)).stdout);
  const { total } = JSON.parse((await runBinary("memory stats", world)).stdout);

  expect(status.memory.documents).toBe(0);
  expect(after).toContain("decided: We decided to call it quokka-gw.");
  expect(after).toContain("open question: Shall I rename the tests?");
  expect(after).toContain("asked: Now name the quokka gateway, the key is [redacted:github]");
  expect(found.hits[0].snippet).toContain("wombat proxy");
  expect(total).toBe(303);
});

test("a person gets text of contexts and usage, not JSON", async () => {
  const world = working();
  await runBinary("ingest --all", world);
  const shown = async (line: string) => (await runBinary(`${line} --no-json`, world)).stdout;

  const saved = await shown("context save");

  expect(saved).toStartWith("Context of user-service  manual, 2026-01-02 03:04\n");
  expect(saved).toContain("  Failing   npm test: TypeError: client.quit is not a function\n");
  expect(await shown("context restore")).toBe(saved);
  expect(await shown("context compact")).toContain("  Context  50,000 of 200,000 tokens: ");
  expect(await shown("context history")).toContain("saved  user-service  Move the cache to Redis");
  expect(await shown("context stats")).toContain("  By kind     saved 2\n");
  expect(await shown("context usage")).toMatch(/^all +\d+ /m);
});

test("what was saved before a compaction is given back after it", async () => {
  const world = working();

  const before = await deliver(world, "PreCompact", { trigger: "manual" });
  const after = await deliver(world, "SessionStart", { source: "compact" });

  expect(before).toBe("");
  for (const part of [
    "Before the compaction:",
    "goal: Move the cache to Redis, the key is [redacted:github]",
    "failing: npm test → TypeError: client.quit is not a function",
    "open question: Shall I drop the old table?",
    "decided: We decided to keep one client per process.",
    "changed: src/cache.ts",
    "worked: npm run build",
  ]) {
    expect(after).toContain(part);
  }
  expect(after).not.toContain(SECRET);
  expect(Buffer.byteLength(after)).toBeLessThanOrEqual(3_200);
});

test("auto_compact tells how full the context is, and why", async () => {
  const calm = working();
  const full = working(180_000);
  await runBinary("ingest --all", calm);
  await runBinary("ingest --all", full);

  const [small, large] = await Promise.all(
    [calm, full].map(async (world) =>
      JSON.parse((await runBinary("call auto_compact", world)).stdout),
    ),
  );

  expect(small).toMatchObject({ tokens: 50_000, window: 200_000, should_compact: false });
  expect(large).toMatchObject({ tokens: 180_000, should_compact: true });
  expect(large.reason).toContain("90 % of the window is used");
  expect(large.next).toContain("Run /compact");
  expect(large.brief).toContain("goal: Move the cache to Redis");
});

test("a saved context is restored by its conversation, or as the project's newest", async () => {
  const world = working();
  await runBinary("ingest --all", world);

  const saved = JSON.parse((await runBinary("call preserve_current_context", world)).stdout);
  const newest = JSON.parse((await runBinary("call restore_session_context", world)).stdout);
  const named = JSON.parse(
    (await runBinary(["context", "restore", world.sessionId, "--json"], world)).stdout,
  );

  expect(saved.context.decisions).toEqual(["We decided to keep one client per process."]);
  expect(newest.saved).toEqual(saved);
  expect(named.brief).toBe(newest.brief);
});

test("history and statistics count what broke conversations off", async () => {
  const world = working();
  await deliver(world, "PreCompact", { trigger: "auto" });

  const history = JSON.parse((await runBinary("call get_interruption_history", world)).stdout);
  const stats = JSON.parse((await runBinary("call get_interruption_statistics", world)).stdout);

  expect(history).toMatchObject({
    total: 1,
    interruptions: [{ kind: "compaction", project: "user-service", conversation: world.sessionId }],
  });
  expect(stats).toMatchObject({ total: 1, by_kind: { compaction: 1 } });
});

test("usage is summed by project and day, each message once", async () => {
  const world = working();
  await runBinary("ingest --all", world);

  const { stdout } = await runBinary("call get_token_usage_stats", world);

  const { total, by_project, by_day } = JSON.parse(stdout);
  expect(total.messages).toBe(1);
  expect(total.output).toBeGreaterThanOrEqual(10);
  expect(Object.keys(by_project)).toEqual(["user-service"]);
  expect(by_day["2026-01-02"]).toEqual(total);
  expect(total.input).toBeGreaterThanOrEqual(50_000);
});

test.each([
  ["no conversation", "context save", 3],
  ["nothing saved", "context restore", 3],
  ["a conversation that is not there", "context restore nope", 3],
  ["hours of no number", "context history --hours many", 2],
  ["a project that is not there", "context usage --project nope", 3],
])("%s fails with its code", async (_case, line, code) => {
  expect((await runBinary(line, makeWorld())).exitCode).toBe(code);
});
