import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { type SnapshotOptions, takeSnapshot } from "../../core/session/snapshot.ts";
import { makeRepository, repositoryAt, type TestRepository } from "../support/repository.ts";

let repo: TestRepository;
beforeEach(() => {
  repo = makeRepository();
  repo.write("a.txt", "a\n");
  repo.commitAll("first");
});
afterEach(() => repo.remove());

function take(options: Partial<SnapshotOptions> = {}) {
  const usual = { mode: "snapshot", message: "checkpoint", env: repo.env, now: 0 } as const;
  return takeSnapshot(repo.folder, { ...usual, ...options });
}

/** Adds a submodule `lib` and moves its commit. */
function moveSubmodule(): void {
  const library = makeRepository();
  library.write("lib.txt", "1\n");
  library.commitAll("first");
  repo.git("submodule", "add", "--quiet", library.folder, "lib");
  repo.commitAll("with lib");
  const inner = repositoryAt(join(repo.folder, "lib"), repo.env);
  inner.write("lib.txt", "2\n");
  inner.commitAll("second");
  library.remove();
}

/** Changes files that a filter program would have to store. */
function changeFiltered(...paths: string[]): void {
  repo.git("config", "filter.crypt.clean", "cat");
  repo.write(".gitattributes", "*.secret filter=crypt\n");
  for (const path of paths) repo.write(path, "1\n");
  repo.commitAll("with a filter");
  for (const path of paths) repo.write(path, "2, longer\n");
}

const SUBMODULE = { path: "lib", reason: "a submodule whose commit moved" };
const FILTERED = { path: "ü.secret", reason: "its filter crypt is a program" };

test("where all that changed is a submodule's commit, it is told and not called clean", async () => {
  moveSubmodule();

  const result = await take();
  const dry = await take({ dryRun: true });

  expect(result).toEqual({
    kind: "skipped",
    reason: "nothing that changed can be stored",
    leftOut: 1,
    leftOutPaths: [SUBMODULE],
  });
  expect(dry).toEqual(result);
  expect(repo.git("for-each-ref", "refs/session-buddy")).toBe("");
});

test("where all that changed has a filter program, it is told and not called clean", async () => {
  changeFiltered("ü.secret");

  expect(await take()).toMatchObject({ kind: "skipped", leftOut: 1, leftOutPaths: [FILTERED] });
});

test("beside what is stored, what is left out is told, and when it is the same state again", async () => {
  moveSubmodule();
  changeFiltered("ü.secret");
  repo.write("a.txt", "changed\n");
  // The commit of the filtered file took the submodule's new commit with it.
  repositoryAt(join(repo.folder, "lib"), repo.env).git("commit", "--allow-empty", "-qm", "third");

  const left = { files: 1, leftOut: 2, leftOutPaths: [SUBMODULE, FILTERED] };
  expect(await take({ dryRun: true })).toMatchObject({ kind: "planned", ...left });
  expect(await take()).toMatchObject({ kind: "taken", ...left });
  expect(await take({ now: 1000 })).toMatchObject({ kind: "unchanged", ...left });
});

test("a submodule that is gone is told", async () => {
  moveSubmodule();
  repo.git("submodule", "update", "--quiet", "--force");
  repo.git("rm", "--quiet", "-rf", "--cached", "a.txt");
  repo.git("reset", "--quiet", "--hard");
  await Bun.$`rm -rf ${join(repo.folder, "lib")}`;

  expect(await take()).toMatchObject({
    leftOutPaths: [{ path: "lib", reason: "a submodule that is gone" }],
  });
});

test("of many paths the first twenty are named, and all are counted", async () => {
  const names = Array.from({ length: 25 }, (_, i) => `${10 + i}.secret`);
  changeFiltered(...names);

  const result = await take();

  if (result.kind !== "skipped") throw new Error(JSON.stringify(result));
  expect(result.leftOut).toBe(25);
  expect(result.leftOutPaths?.map(({ path }) => path)).toEqual(names.slice(0, 20));
});
