import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type SnapshotOptions, takeSnapshot } from "../../core/session/snapshot.ts";
import { makeRepository, type TestRepository } from "../support/repository.ts";

const IDENTITY = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.org",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.org",
};

let repo: TestRepository;
beforeEach(() => {
  repo = makeRepository();
  repo.write("a.txt", "a\n");
  repo.write("gone.txt", "gone\n");
  repo.commitAll("first");
  repo.write("a.txt", "changed\n");
  repo.write(".env.local", "TOKEN=hunter2\n");
});
afterEach(() => repo.remove());

function commit(options: Partial<SnapshotOptions> = {}) {
  const env = { ...repo.env, ...IDENTITY };
  return takeSnapshot(repo.folder, {
    mode: "commit",
    message: "checkpoint",
    env,
    now: 0,
    ...options,
  });
}

test("commits the tracked changes on the branch, as the user, and no untracked file", async () => {
  repo.git("rm", "--quiet", "gone.txt");
  repo.write("staged.txt", "staged\n");
  repo.git("add", "staged.txt");
  const parent = repo.git("rev-parse", "HEAD");

  const result = await commit({ message: "--amend is no option here" });

  const head = repo.git("rev-parse", "HEAD");
  expect(result).toEqual({ kind: "committed", commit: head, branch: "main", files: 3 });
  expect(repo.git("rev-parse", "HEAD^")).toBe(parent);
  expect(repo.git("log", "-1", "--format=%an %s")).toBe("Ada --amend is no option here");
  expect(repo.git("status", "--porcelain")).toBe("?? .env.local");
  expect(repo.git("ls-tree", "-r", "--name-only", "HEAD")).toBe("a.txt\nstaged.txt");
});

test("is skipped with a detached HEAD", async () => {
  repo.git("checkout", "--quiet", "--detach");
  const head = repo.git("rev-parse", "HEAD");

  const reason = "HEAD is detached: no branch to commit on";
  expect(await commit()).toEqual({ kind: "skipped", reason });
  expect(repo.git("rev-parse", "HEAD")).toBe(head);
});

test("a hook of the user's runs and may refuse", async () => {
  const hook = "#!/bin/sh\necho 'tests fail' >&2\nexit 1\n";
  repo.write(".git/hooks/pre-commit", hook, { executable: true });
  const before = repo.git("status", "--porcelain=v2", "--branch");

  const result = await commit();

  expect(result).toEqual({ kind: "skipped", reason: "git commit: tests fail" });
  expect(repo.git("status", "--porcelain=v2", "--branch")).toBe(before);
});

test("a hook that does not end is given up, and leaves no lock", async () => {
  const hook = "#!/bin/sh\nsleep 30 & wait\n";
  repo.write(".git/hooks/pre-commit", hook, { executable: true });
  const before = repo.git("status", "--porcelain=v2", "--branch");

  const result = await commit({ commitLimitMs: 500 });

  expect(result).toEqual({ kind: "skipped", reason: "git commit took longer than 0.5 s" });
  expect(repo.git("status", "--porcelain=v2", "--branch")).toBe(before);
  expect(existsSync(join(repo.folder, ".git/index.lock"))).toBe(false);
}, 10_000);

test("a commit that was made counts, even where the hook after it does not end", async () => {
  const hook = "#!/bin/sh\nsleep 30 & wait\n";
  repo.write(".git/hooks/post-commit", hook, { executable: true });

  const result = await commit({ commitLimitMs: 1_000 });

  expect(result).toMatchObject({ kind: "committed", commit: repo.git("rev-parse", "HEAD") });
}, 10_000);

test("without an identity git's own words are the reason", async () => {
  repo.git("config", "user.useConfigOnly", "true");
  const head = repo.git("rev-parse", "HEAD");

  const result = await commit({ env: repo.env });

  expect(result).toMatchObject({
    kind: "skipped",
    reason: expect.stringContaining("git commit: "),
  });
  expect(repo.git("rev-parse", "HEAD")).toBe(head);
});

test("a content filter of the user's is applied", async () => {
  repo.write(".gitattributes", "*.txt filter=shout\n");
  repo.git("config", "filter.shout.clean", "tr a-z A-Z");

  expect((await commit()).kind).toBe("committed");
  expect(repo.git("show", "HEAD:a.txt")).toBe("CHANGED");
});
