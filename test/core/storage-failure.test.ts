import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { storageFailure } from "../../core/storage/failure.ts";
import { makeWorld, runCli } from "../support/harness.ts";

function systemError(code: string, path?: string): Error {
  return Object.assign(new Error(`${code}: as the system says it`), { code, path });
}

const FILE = "/data/session-buddy.db";

test.each([
  ["SQLITE_BUSY_SNAPSHOT", "unavailable", "the database is locked by another process"],
  ["SQLITE_CORRUPT", "corrupt", "the database is damaged"],
  ["SQLITE_CORRUPT_VTAB", "corrupt", "the index of words is damaged"],
  ["SQLITE_FULL", "unavailable", "the disk is full or failing"],
])("%s is told wherever it comes up, by the file's name where that is known", (code, as, text) => {
  expect(storageFailure(systemError(code))).toMatchObject({ code: as, message: text });
  expect(storageFailure(systemError(code), FILE)).toMatchObject({ message: `${text}: ${FILE}` });
});

test.each(["ENOENT", "ENOTDIR", "EEXIST", "ELOOP", "EACCES", "EPERM"])(
  "%s while the store is opened is about the store",
  (code) => {
    expect(storageFailure(systemError(code, "/data"), FILE)).toMatchObject({
      code: "unavailable",
      message: `the database cannot be opened: ${FILE}`,
    });
  },
);

test.each(["EACCES", "EPERM", "EROFS"])("%s elsewhere names what it is about", (code) => {
  expect(storageFailure(systemError(code, "/project/.claude"))).toMatchObject({
    code: "unavailable",
    message: "the system does not permit it: /project/.claude",
  });
});

test("a file that is missing elsewhere, and a fault of ours, come back as they are", () => {
  for (const error of [systemError("ENOENT", "/a"), new TypeError("undefined is no function")]) {
    expect(storageFailure(error)).toBe(error);
  }
});

test.each(["search x --json", "status --json", "ingest --all --json", "start --json"])(
  "a folder in the database's place is told by %s as what it is",
  async (line) => {
    const world = makeWorld();
    const path = join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "data", "session-buddy.db");
    mkdirSync(path, { recursive: true });

    const { stdout, stderr, exitCode } = await runCli(line, world);

    expect(exitCode).toBe(6);
    expect(`${stdout}${stderr}`).toContain(`a folder lies where the database should be: ${path}`);
    expect(`${stdout}${stderr}`).not.toContain("disk");
  },
);
