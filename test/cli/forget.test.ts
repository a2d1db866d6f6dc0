import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, runCli, type World } from "../support/harness.ts";
import { Transcript } from "../support/transcript.ts";

binary();

/** Words that stand nowhere else, not in an index either: they are found by a search of bytes. */
const CANARY = "quintessentialzebra";
const SHARED = "A closed pool answers with ECONNRESET, so retry only idempotent queries after it.";

function insight(text: string): string {
  return [`\`★ Insight ${"─".repeat(37)}\``, text, `\`${"─".repeat(49)}\``].join("\n");
}

function otherOf(world: World): string {
  return join(world.env["HOME"] ?? "", "auth-service");
}

/** Two projects that talked; the first holds the canary in every place, both met one insight. */
async function lived(): Promise<World> {
  const world = makeWorld();
  const projects = join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "projects");
  mkdirSync(otherOf(world));
  await runBinary("start", world);
  for (const [n, cwd] of [world.project, otherOf(world)].entries()) {
    const word = n === 0 ? CANARY : "plainhorse";
    const talk = new Transcript({ sessionId: `0d6f1f6a-0000-4000-8000-00000000000${n}`, cwd });
    talk.prompt(`Why does the ${word} pool fail?`);
    talk.tool({
      name: "Bash",
      input: { command: `bun test ${word}` },
      output: `TypeError: ${word} refused`,
      isError: true,
    });
    const change = { file_path: join(cwd, "pool.ts"), new_string: `open(${word})` };
    talk.tool({ name: "Edit", input: change, output: "ok" });
    talk.tool({ name: "Bash", input: { command: `bun test ${word}` }, output: "1 pass" });
    talk.answer(
      `${insight(SHARED)}\n${insight(`The ${word} must be closed before it is opened again, always.`)}`,
    );
    talk.row({ type: "custom-title", customTitle: `About ${word}`, sessionId: talk.sessionId });
    talk.writeTo(projects);
  }
  await runBinary("ingest --all", world);
  await runBinary(["checkpoint", `before ${CANARY}`], world);
  await runBinary(`search ${CANARY} --limit 1`, world);
  await runBinary("end", world);
  // A compaction saves what the conversation is about.
  const compaction = { session_id: "0d6f1f6a-0000-4000-8000-000000000000", cwd: world.project };
  await runBinary("hook PreCompact", world, JSON.stringify(compaction));
  // What is put into the next conversation is remembered as a receipt.
  const event = { session_id: "c-9", cwd: world.project, source: "startup" };
  const told = await runBinary("hook SessionStart", world, JSON.stringify(event));
  expect(told.stdout).toContain(CANARY);
  return world;
}

function dataFiles(world: World): Buffer[] {
  const data = join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "data");
  return readdirSync(data, { recursive: true })
    .map((name) => join(data, String(name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path));
}

function holdsCanary(world: World): boolean {
  const forms = [CANARY, "quintessentialzebr"]; // the index holds its stem
  return dataFiles(world).some((bytes) => forms.some((form) => bytes.includes(form)));
}

async function json(line: string | readonly string[], world: World) {
  const { stdout, stderr, exitCode } = await runBinary(line, world);
  expect([stderr, exitCode]).toEqual(["", 0]);
  return JSON.parse(stdout);
}

async function totalOf(query: string, world: World): Promise<number> {
  return (await json(`search '${query}' --limit 100`, world)).total;
}

describe("sb forget", () => {
  test("by project leaves nothing of it in the data folder, and keeps what others met too", async () => {
    const world = await lived();
    expect(holdsCanary(world)).toBe(true);

    const done = await json(["forget", "--project", world.project, "--yes"], world);

    expect(done).toMatchObject({
      forgotten: true,
      by_kind: { exchange: 1, insight: 1, handoff: 1 },
      insights_kept: 1,
      conversations: 1,
      scrubbed: { ok: true },
    });
    expect(holdsCanary(world)).toBe(false);
    expect(await totalOf(CANARY, world)).toBe(0);
    const { insights } = await json("insight search ECONNRESET", world);
    expect(insights).toMatchObject([
      { project: "auth-service", projects: ["auth-service"], seen_count: 1 },
    ]);
    expect(await totalOf("plainhorse", world)).toBe(3);
    expect((await json("session health", world)).checks[0]).toMatchObject({ ok: true });
  }, 60_000);

  test("does not let it come back: not by ingest, not by a fork's copy, not by an import", async () => {
    const world = await lived();
    const exported = (await runBinary("export -", world)).stdout;
    await json(["forget", "--project", world.project, "--yes"], world);
    const fork = new Transcript({
      sessionId: "0d6f1f6a-0000-4000-8000-000000000000",
      cwd: world.project,
    });
    fork.prompt(`Why does the ${CANARY} pool fail?`);
    fork.answer("As it did.");
    const projects = join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "projects");
    fork.writeTo(join(projects, "..", "projects")); // the same first row, another ending: read anew

    const read = await json("ingest --all", world);
    const imported = JSON.parse((await runBinary("import -", world, exported)).stdout);

    expect(read.documents).toBe(0);
    expect(imported.forgotten).toBeGreaterThanOrEqual(3);
    expect(await totalOf(CANARY, world)).toBe(0);
    expect(holdsCanary(world)).toBe(false);
    const revived = JSON.parse((await runBinary("import - --revive", world, exported)).stdout);
    expect(revived.forgotten).toBe(0);
    expect(await totalOf(CANARY, world)).toBe(4);
  }, 60_000);

  test("by id takes the hand-off that quotes it, names its file, and deletes that only when asked", async () => {
    const world = await lived();
    const { hits } = await json(`search ${CANARY} --limit 100`, world);
    const exchange = hits.find(({ kind }: { kind: string }) => kind === "exchange");

    const shown = await json(["forget", exchange.id, "--dry-run"], world);
    const done = await json(["forget", exchange.id, "--files", "--yes"], world);

    expect(shown).toMatchObject({ forgotten: false, by_kind: { exchange: 1, handoff: 1 } });
    expect(shown.handoff_files).toHaveLength(1);
    expect(done.files_deleted).toEqual(shown.handoff_files);
    expect(existsSync(shown.handoff_files[0])).toBe(false);
    expect(await totalOf(`${CANARY} pool fail`, world)).toBeGreaterThan(0); // its insight stays
  }, 60_000);

  test("by time and by words", async () => {
    const world = await lived();

    const none = await json("forget --before 2020-01-01 --dry-run", world);
    const words = await json(`forget --query 'pool ${CANARY}' --dry-run`, world);
    const all = await json("forget --since 2020-01-01 --yes", world);

    expect(none.total).toBe(0);
    expect(words.by_kind).toMatchObject({ exchange: 1, handoff: 1 });
    expect(words.by_kind.insight).toBeUndefined();
    expect(all.by_kind).toMatchObject({ exchange: 2, insight: 3, handoff: 1 });
    expect(holdsCanary(world)).toBe(false);
  }, 60_000);

  test("asks a person, with what would go", async () => {
    const world = await lived();
    const line = ["forget", "--project", world.project];

    const refused = await runCli(line, world, { isTty: true, stdin: "n\n" });
    const kept = await totalOf(CANARY, world);
    const agreed = await runCli(line, world, { isTty: true, stdin: "y\n" });

    expect(refused).toMatchObject({ exitCode: 130, stdout: "" });
    expect(refused.stderr).toContain("This would forget 4 memories");
    expect(refused.stderr).toContain(CANARY);
    expect(kept).toBe(4);
    expect(agreed.exitCode).toBe(0);
    expect(agreed.stdout).toStartWith("Forgot 4 memories");
  }, 60_000);

  test.each([
    ["nothing said", "forget --yes", 2],
    ["nobody to ask", "forget --query pool", 2],
    ["an unknown id", "forget nowhere --yes", 3],
    ["an unknown project", "forget --project nowhere --yes", 3],
    ["ids and more", "forget a --query pool --yes", 2],
    ["no time", "forget --since never --yes", 2],
    ["a time that ends before it begins", "forget --since 2026-02-01 --before 2026-01-01 --yes", 2],
    ["a query of no word", "forget --query '!!' --yes", 2],
    ["an unknown kind", "forget --kinds dream --yes", 2],
  ])("with %s changes nothing", async (_what, line, code) => {
    const world = makeWorld();
    await runBinary("memory store 'The pool is closed'", world);

    const { exitCode, stdout, stderr } = await runBinary(line, world);

    expect([exitCode, stdout]).toEqual([code, ""]);
    expect(JSON.parse(stderr).error.hint).toBeString();
    expect(await totalOf("pool", world)).toBe(1);
  });
});

describe("forget_memory", () => {
  const call = (world: World, input: object) =>
    runBinary(["call", "forget_memory", JSON.stringify(input)], world);

  test("forgets what its preview showed, and nothing else", async () => {
    const world = makeWorld();
    await runBinary("memory store 'The pool is closed'", world);

    const shown = JSON.parse((await call(world, { query: "pool" })).stdout);
    await runBinary("memory store 'The pool is open'", world);
    const changed = await call(world, { query: "pool", confirm: true, token: shown.token });
    const blind = await call(world, { query: "pool", confirm: true });
    const again = JSON.parse((await call(world, { query: "pool" })).stdout);
    const done = JSON.parse(
      (await call(world, { query: "pool", confirm: true, token: again.token })).stdout,
    );

    expect(shown).toMatchObject({ forgotten: false, total: 1 });
    expect([changed.exitCode, blind.exitCode]).toEqual([4, 2]);
    expect(done).toMatchObject({ forgotten: true, total: 2 });
    expect(await totalOf("pool", world)).toBe(0);
  });

  test("shows nothing of a paused project, and forgets it all the same", async () => {
    const world = await lived();
    await runBinary("pause", world);

    const shown = JSON.parse((await call(world, { project: "user-service" })).stdout);
    await call(world, { project: "user-service", confirm: true, token: shown.token });

    expect(shown).toMatchObject({ total: 4, examples: [] });
    expect(holdsCanary(world)).toBe(false);
    await runBinary("ingest --all", world);
    expect(holdsCanary(world)).toBe(false);
  }, 60_000);

  test("a note forgotten and said again is kept again", async () => {
    const world = makeWorld();
    const { id } = await json("memory store 'The pool is closed'", world);
    await json(`forget ${id} --yes`, world);

    const again = await json("memory store 'The pool is closed'", world);

    expect(again.duplicate).toBe(false);
    expect(await totalOf("pool", world)).toBe(1);
  });
});

describe("sb memory reset", () => {
  test("needs the name, makes a whole backup, and empties", async () => {
    const world = await lived();
    const before = (await runBinary("export -", world)).stdout;

    const nameless = await runBinary("memory reset --yes", world);
    const wrong = await runBinary("memory reset memory.db --yes", world);
    const unasked = await runBinary("memory reset session-buddy.db", world);
    const done = await json("memory reset session-buddy.db --yes", world);

    expect([nameless.exitCode, wrong.exitCode, unasked.exitCode]).toEqual([5, 5, 2]);
    expect(done.documents).toBeGreaterThan(4);
    expect(statSync(done.backup.path).mode & 0o777).toBe(0o600);
    expect((await json("memory stats", world)).total).toBe(0);
    const data = join(world.env["HOME"] ?? "", "restored");
    mkdirSync(data);
    await Bun.write(join(data, "session-buddy.db"), Bun.file(done.backup.path));
    const restored = { ...world, env: { ...world.env, SB_DATA_DIR: data } };
    expect((await runBinary("export -", restored)).stdout).toBe(before);
    const read = await json("ingest --all", world);
    expect(read.documents).toBe(2);
  }, 60_000);
});

describe("sb forget --retention", () => {
  test("shows, and then clears, what the user's configuration no longer keeps", async () => {
    const world = await lived();
    const unset = await runBinary("forget --retention --yes", world);
    const file = join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "session-buddy.json");
    await Bun.write(file, JSON.stringify({ retention: { tool_output_days: 30 } }));
    const later = { ...world, env: { ...world.env, SB_NOW: "2026-03-01T00:00:00Z" } };

    const shown = await json("forget --retention --dry-run", later);
    const mixed = await runBinary("forget --retention --query pool --yes", later);
    const done = await json("forget --retention --yes", later);
    const again = await json("forget --retention --dry-run", later);

    expect([unset.exitCode, mixed.exitCode]).toEqual([2, 2]);
    expect(shown).toMatchObject({ forgotten: false, tool_outputs: 2, total: 0 });
    expect(done).toMatchObject({ forgotten: true, tool_outputs: 2, scrubbed: { ok: true } });
    expect(again.tool_outputs).toBe(0);
    expect(await totalOf("refused", world)).toBe(2); // the hand-off and the fix tell of it
    expect(await totalOf("pool", world)).toBeGreaterThan(2);
  }, 60_000);
});
