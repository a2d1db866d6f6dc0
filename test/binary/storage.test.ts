import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, type World } from "../support/harness.ts";
import { Transcript } from "../support/transcript.ts";

binary();

function databasePath(world: World): string {
  return join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "data", "session-buddy.db");
}

function errorOf(stderr: string): { code: string; message: string; hint?: string } {
  return JSON.parse(stderr).error;
}

test("ten processes that open a cold store at once all write to it", async () => {
  for (let round = 0; round < 3; round += 1) {
    const world = makeWorld();

    const results = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        runBinary(["memory", "store", `Note number ${n} of the cold start`], world),
      ),
    );

    expect(results.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(
      results.map(() => [0, ""]),
    );
    const found = JSON.parse((await runBinary("search cold --limit 20", world)).stdout);
    expect(found.total).toBe(10);
  }
}, 60_000);

test("the same note from ten processes at once is stored once", async () => {
  const world = makeWorld();

  const results = await Promise.all(
    Array.from({ length: 10 }, () =>
      runBinary(["memory", "store", "One and the same note"], world),
    ),
  );

  const kept = results.map(({ stdout }) => JSON.parse(stdout));
  expect(kept.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
  expect(new Set(kept.map(({ id }) => id)).size).toBe(1);
}, 60_000);

test("ingest killed again and again loses nothing and doubles nothing", async () => {
  const world = makeWorld();
  const projects = join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "projects");
  for (let n = 0; n < 60; n += 1) {
    const sessionId = `0d6f1f6a-0000-4000-8000-${String(n).padStart(12, "0")}`;
    const talk = new Transcript({ sessionId, cwd: world.project, noise: "full" });
    talk.prompt(`Question ${n} about the crash`);
    talk.answer(
      `\`★ Insight ${"─".repeat(37)}\`\nAnswer ${n} survives a kill at any moment of the ingest.\n\`${"─".repeat(49)}\``,
    );
    talk.writeTo(projects);
  }

  for (const delay of [20, 60, 100, 140, 180]) {
    const child = Bun.spawn([binary(), "ingest", "--all"], {
      cwd: world.project,
      env: { ...world.env },
      stdout: "ignore",
      stderr: "ignore",
    });
    await Bun.sleep(delay);
    child.kill("SIGKILL");
    await child.exited;
  }
  await runBinary("ingest --all", world);

  const status = JSON.parse((await runBinary("status", world)).stdout);
  expect(status.memory).toMatchObject({ documents: 120, insights: 60 });
  expect(status.storage.integrity).toBe("ok");
  const { insights } = JSON.parse((await runBinary("insight search --limit 100", world)).stdout);
  expect(insights.map(({ seen_count }: { seen_count: number }) => seen_count)).toEqual(
    insights.map(() => 1),
  );
}, 60_000);

test("a store written by a newer sb is refused with a hint, and left as it is", async () => {
  const world = makeWorld();
  await runBinary(["memory", "store", "Written by an old one"], world);
  const path = databasePath(world);
  const db = new Database(path);
  db.run("PRAGMA user_version = 9999");
  db.close();

  for (const line of ["status", "search anything", "memory store more", "ingest"]) {
    const { exitCode, stderr, stdout } = await runBinary(line, world);

    expect([line, exitCode, stdout]).toEqual([line, 6, ""]);
    expect(errorOf(stderr)).toMatchObject({ code: "unavailable", hint: "upgrade sb" });
  }
});

test.each([
  ["no database at all", Buffer.from("this is a text, and no database of any kind".repeat(50))],
  ["random bytes", Buffer.alloc(8192, 7)],
])("a file that is %s is called corrupt, and left as it is", async (_case, bytes) => {
  const world = makeWorld();
  const path = databasePath(world);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);

  for (const line of ["status", "status --json", "search anything", "start"]) {
    const { exitCode, stderr } = await runBinary(line, world);

    expect([line, exitCode]).toEqual([line, 7]);
    expect(errorOf(stderr).code).toBe("corrupt");
  }
  expect(readFileSync(path)).toEqual(bytes);
});

test("a damaged page is reported as corrupt by whatever meets it", async () => {
  const world = makeWorld();
  for (let n = 0; n < 30; n += 1) {
    await runBinary(["memory", "store", `Note ${n} ${"with a long text ".repeat(200)}`], world);
  }
  const path = databasePath(world);
  const db = new Database(path);
  db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
  const bytes = readFileSync(path);
  bytes.fill(0xaa, 4096 * 4);
  writeFileSync(path, bytes);

  const search = await runBinary("search note", world);
  const health = await runBinary("session health", world);

  expect([search.exitCode, errorOf(search.stderr).code]).toEqual([7, "corrupt"]);
  expect(health.exitCode === 7 || JSON.parse(health.stdout).healthy === false).toBe(true);
}, 60_000);

test("a store that another process holds locked is said to be so, and opens again afterwards", async () => {
  const world = makeWorld();
  await runBinary(["memory", "store", "Before the lock"], world);
  const db = new Database(databasePath(world));
  db.run("BEGIN EXCLUSIVE");

  const [write, pause, read] = await Promise.all([
    runBinary(["memory", "store", "During the lock"], world),
    runBinary("pause", world),
    runBinary("search lock", world),
  ]);
  db.run("ROLLBACK");
  db.close();
  const after = await runBinary(["memory", "store", "After the lock"], world);

  expect([write.exitCode, errorOf(write.stderr).code]).toEqual([6, "unavailable"]);
  expect([pause.exitCode, errorOf(pause.stderr).code]).toEqual([6, "unavailable"]);
  expect(errorOf(write.stderr).message).toContain("locked");
  expect(JSON.parse(read.stdout).total).toBe(1);
  expect(after.exitCode).toBe(0);
}, 30_000);

test("a disk that takes no more bytes is said to be full, and what was stored stays", async () => {
  const world = makeWorld();
  await runBinary(["memory", "store", "Stored before the disk was full"], world);
  const long = "x ".repeat(45_000);

  // A limit on a file's size gives the same failed write as a full disk, without one.
  const child = Bun.spawn(
    ["sh", "-c", `ulimit -f 256; trap '' XFSZ; exec "$0" memory store "$1"`, binary(), long],
    { cwd: world.project, env: { ...world.env }, stdout: "pipe", stderr: "pipe" },
  );
  const [stderr, exitCode] = [await child.stderr.text(), await child.exited];
  const after = await runBinary("search 'stored before'", world);

  expect([exitCode, errorOf(stderr).code]).toEqual([6, "unavailable"]);
  expect(errorOf(stderr).message).toContain("full");
  expect(JSON.parse(after.stdout).total).toBe(1);
});

test("a data folder that is no folder is said to be so", async () => {
  const world = makeWorld({ SB_DATA_DIR: "/dev/null/data" });

  const store = await runBinary("memory store something", world);
  const status = await runBinary("status", world);

  expect([store.exitCode, errorOf(store.stderr).code]).toEqual([6, "unavailable"]);
  expect([status.exitCode, errorOf(status.stderr).code]).toEqual([6, "unavailable"]);
});

test("looking at a machine without a store makes none", async () => {
  const world = makeWorld();

  for (const line of ["status", "search anything", "insight search", "memory stats"]) {
    expect([line, (await runBinary(line, world)).exitCode]).toEqual([line, 0]);
  }

  expect(await Bun.file(databasePath(world)).exists()).toBe(false);
});

test("a look at the store's health tells what is embedded, and places no library", async () => {
  const world = makeWorld();
  await runBinary(["memory", "store", "No need of vectors"], world);

  const { stdout } = await runBinary("session health", world);

  const { checks } = JSON.parse(stdout) as { checks: object[] };
  expect(checks).toContainEqual({ name: "vectors", ok: true, detail: "0 of 1 documents embedded" });
  expect(existsSync(join(dirname(databasePath(world)), "native"))).toBe(false);
});
