import { expect, test } from "bun:test";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary } from "../support/harness.ts";

const SB = binary();

test("an import that is killed in the middle leaves nothing, and the next one does it all", async () => {
  const world = makeWorld();
  const file = join(world.project, "notes.jsonl");
  const notes = Array.from({ length: 20_000 }, (_, n) =>
    JSON.stringify({ type: "reflection", content: `Note ${n} ${"about queues ".repeat(20)}` }),
  );
  writeFileSync(file, notes.join("\n"));
  await runBinary("memory store first", world);
  const child = Bun.spawn([SB, "import", file], {
    cwd: world.project,
    env: { ...world.env },
    stdout: "ignore",
    stderr: "ignore",
  });
  // What is written before the end goes into the log: from then on it is in the middle.
  const log = join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "data/session-buddy.db-wal");
  const written = () => statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  const before = written();
  while (child.exitCode === null && written() <= before + 100_000) await Bun.sleep(1);

  child.kill("SIGKILL");
  await child.exited;

  expect(child.signalCode).toBe("SIGKILL");
  expect(JSON.parse((await runBinary("memory stats", world)).stdout).total).toBe(1);
  const { stdout } = await runBinary(["import", file, "--json"], world);
  expect(JSON.parse(stdout)).toMatchObject({ imported: 20_000, skipped: 0 });
}, 60_000);

test("a database that another process writes to is unavailable, with a hint", async () => {
  const world = makeWorld();
  await runBinary("memory store first", world);
  const { Database } = await import("bun:sqlite");
  const path = join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "data/session-buddy.db");
  const db = new Database(path);
  db.run("BEGIN IMMEDIATE");

  const { exitCode, stderr } = await runBinary(
    "import -",
    world,
    '{"type":"insight","content":"x"}',
  );
  db.close();

  expect(exitCode).toBe(6);
  expect(JSON.parse(stderr).error).toMatchObject({ code: "unavailable", hint: expect.any(String) });
}, 30_000);
