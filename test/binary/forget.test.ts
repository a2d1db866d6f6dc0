import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, type World } from "../support/harness.ts";

const SB = binary();
const NOTES = 3000;
const CANARY = "quintessentialzebr";

function dataOf(world: World): string {
  return join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "data");
}

function holdsCanary(world: World): boolean {
  const names = readdirSync(dataOf(world)).filter((name) => name.startsWith("session-buddy"));
  return names.some((name) => readFileSync(join(dataOf(world), name)).includes(CANARY));
}

/** A store with notes of two projects; one project's hold the canary. */
async function filled(): Promise<World> {
  const world = makeWorld();
  const notes = Array.from({ length: NOTES * 2 }, (_, n) => {
    const isSecret = n % 2 === 0;
    const content = `${isSecret ? CANARY : "plain"} ${n} ${"about queues ".repeat(20)}`;
    return JSON.stringify({ type: "reflection", content, project: isSecret ? "secret" : "open" });
  });
  await runBinary("import -", world, notes.join("\n"));
  return world;
}

async function countsOf(world: World): Promise<Record<string, number>> {
  return JSON.parse((await runBinary("memory stats", world)).stdout).by_project;
}

test("a forgetting that is killed anywhere forgot all or nothing, and the next one clears the file", async () => {
  const world = await filled();
  const seen = new Set<number>();
  for (const delay of [60, 120, 180, 240, 320, 420]) {
    const child = Bun.spawn([SB, "forget", "--project", "secret", "--yes"], {
      cwd: world.project,
      env: { ...world.env },
      stdout: "ignore",
      stderr: "ignore",
    });
    await Bun.sleep(delay);
    child.kill("SIGKILL");
    await child.exited;
    const counts = await countsOf(world);
    expect(counts["open"]).toBe(NOTES);
    seen.add(counts["secret"] ?? 0);
  }

  await runBinary("forget --project secret --yes", world);
  const last = await runBinary("forget --query nothinglikethis --yes", world);

  expect([...seen].filter((count) => count !== 0 && count !== NOTES)).toEqual([]);
  expect(JSON.parse(last.stdout).scrubbed).toEqual({ ok: true });
  expect(await countsOf(world)).toEqual({ open: NOTES });
  expect(holdsCanary(world)).toBe(false);
}, 60_000);

test("one memory of thousands leaves no word of it: not in the index, nor where it stood before it grew", async () => {
  const world = await filled();
  await runBinary("forget --project secret --yes", world);
  const exchange = (words: number) =>
    JSON.stringify({
      type: "exchange",
      id: "0d6f1f6a-0000-4000-8000-000000000009",
      content: Array.from({ length: words }, (_, n) => `${CANARY}a${n % 9}`).join(" "),
    });
  await runBinary("import - --revive", world, exchange(3000));
  await runBinary("import -", world, exchange(6000));
  expect(holdsCanary(world)).toBe(true);

  const { stdout } = await runBinary("forget 0d6f1f6a-0000-4000-8000-000000000009 --yes", world);

  expect(JSON.parse(stdout)).toMatchObject({ total: 1, scrubbed: { ok: true } });
  expect(holdsCanary(world)).toBe(false);
}, 60_000);

test("nor in the indexes of code and of errors", async () => {
  const world = await filled();
  await runBinary("forget --project secret --yes", world);
  const id = "0d6f1f6a-0000-4000-8000-000000000008";
  const content = `TypeError: ${CANARY}e is not a function\n\n\`\`\`ts\nfunction ${CANARY}c() {}\n\`\`\``;
  await runBinary("import - --revive", world, JSON.stringify({ type: "exchange", id, content }));
  const code = await runBinary(["call", "search_code", `{"query":"${CANARY}c"}`], world);
  const errors = await runBinary(["call", "search_errors", `{"query":"${CANARY}e"}`], world);
  expect([code, errors].map(({ stdout }) => JSON.parse(stdout).total)).toEqual([1, 1]);

  const { stdout } = await runBinary(`forget ${id} --yes`, world);

  expect(JSON.parse(stdout)).toMatchObject({ total: 1, scrubbed: { ok: true } });
  expect(holdsCanary(world)).toBe(false);
}, 60_000);

test("others read and write meanwhile; who still reads the old state delays the scrub, not the forgetting", async () => {
  const world = await filled();
  const reader = new Database(join(dataOf(world), "session-buddy.db"));
  reader.run("BEGIN");
  const count = () => reader.query("SELECT count(*) AS n FROM document").get();
  const before = count();

  const [forgot, stored, found] = await Promise.all([
    runBinary("forget --project secret --yes", world),
    runBinary("memory store 'written meanwhile'", world),
    runBinary("search plain", world),
  ]);
  const during = count();
  reader.run("COMMIT");
  const next = await runBinary("forget --query nothinglikethis --yes", world);

  expect([forgot.exitCode, stored.exitCode, found.exitCode]).toEqual([0, 0, 0]);
  expect(during).toEqual(before);
  expect(JSON.parse(forgot.stdout)).toMatchObject({
    forgotten: true,
    total: NOTES,
    scrubbed: { ok: false, reason: expect.any(String) },
  });
  expect(JSON.parse(next.stdout).scrubbed).toEqual({ ok: true });
  expect(holdsCanary(world)).toBe(false);
  expect(await countsOf(world)).toMatchObject({ open: NOTES, "user-service": 1 });
  reader.close();
}, 60_000);

test.each(["forget --project secret --yes", "memory reset session-buddy.db --yes"])(
  "sb %s on a locked database is unavailable with a hint, and loses nothing",
  async (line) => {
    const world = makeWorld();
    await runBinary(["memory", "store", "kept", "--project", "secret"], world);
    const other = new Database(join(dataOf(world), "session-buddy.db"));
    other.run("BEGIN IMMEDIATE");

    const { exitCode, stderr } = await runBinary(line, world);
    other.close();

    expect(exitCode).toBe(6);
    expect(JSON.parse(stderr).error).toMatchObject({
      code: "unavailable",
      hint: expect.any(String),
    });
    expect(await countsOf(world)).toEqual({ secret: 1 });
  },
  30_000,
);
