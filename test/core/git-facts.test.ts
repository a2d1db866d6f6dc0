import { afterEach, beforeEach, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { gitFacts } from "../../core/session/snapshot.ts";
import { makeRepository, photograph, type TestRepository } from "../support/repository.ts";

let repo: TestRepository;
beforeEach(() => {
  repo = makeRepository();
});
afterEach(() => repo.remove());

test("branch, head and every kind of change with its lines, without touching anything", async () => {
  repo.write("changed.txt", "1\n2\n3\n");
  repo.write("gone.txt", "1\n2\n");
  repo.write("old name.txt", "1\n");
  repo.write("image.bin", new Uint8Array([0, 1, 2]));
  repo.commitAll("first");
  repo.write("changed.txt", "1\nzwei\n3\n4\n");
  rmSync(join(repo.folder, "gone.txt"));
  repo.git("mv", "old name.txt", "new\nname.txt");
  repo.write("image.bin", new Uint8Array([0, 1, 3]));
  repo.write("folder/untracked.txt", "?\n");
  repo.write("folder/too.txt", "?\n");
  const before = photograph(repo);

  const facts = await gitFacts(repo.folder, { since: 0 }, repo.env);

  const head = repo.git("rev-parse", "HEAD");
  expect(facts).toEqual({
    branch: "main",
    head,
    changed: [
      { path: "changed.txt", state: "modified", added: 2, removed: 1 },
      { path: "gone.txt", state: "deleted", added: 0, removed: 2 },
      { path: "image.bin", state: "modified" },
      { path: "new\nname.txt", state: "added", added: 1, removed: 0 },
      { path: "old name.txt", state: "deleted", added: 0, removed: 1 },
      { path: "folder/", state: "untracked" },
    ],
    changedTotal: 6,
    commits: [{ hash: head, at: expect.any(Number), subject: "first" }],
  });
  expect(photograph(repo)).toEqual(before);
});

test("commits since the time, newest first, 20 at most", async () => {
  const day = (n: number) => `2026-01-${String(n).padStart(2, "0")}T12:00:00Z`;
  for (let n = 1; n <= 28; n += 1) {
    repo.write("day.txt", `${n}\n`);
    repo.git("add", "day.txt");
    Bun.spawnSync(["git", "commit", "-qm", `day ${n}: "done"`], {
      cwd: repo.folder,
      env: {
        ...repo.env,
        GIT_AUTHOR_NAME: "Ada",
        GIT_AUTHOR_EMAIL: "ada@example.org",
        GIT_COMMITTER_NAME: "Ada",
        GIT_COMMITTER_EMAIL: "ada@example.org",
        GIT_COMMITTER_DATE: day(n),
      },
    });
  }
  const since = async (time: number) =>
    (await gitFacts(repo.folder, { since: time }, repo.env)).commits.map(
      (commit) => commit.subject,
    );

  expect(await since(Date.parse(day(27)))).toEqual(['day 28: "done"', 'day 27: "done"']);
  expect(await since(Date.parse(day(27)) + 1_000)).toEqual(['day 28: "done"']);
  expect(await since(0)).toHaveLength(20);
  expect((await gitFacts(repo.folder, { since: 0 }, repo.env)).commits[0]?.at).toBe(
    Date.parse(day(28)),
  );
});

test("a conflict is told as one", async () => {
  repo.write("a.txt", "base\n");
  repo.commitAll("base");
  repo.git("checkout", "--quiet", "-b", "side");
  repo.write("a.txt", "side\n");
  repo.commitAll("side");
  repo.git("checkout", "--quiet", "main");
  repo.write("a.txt", "main\n");
  repo.commitAll("main");
  repo.gitFails("merge", "side");

  const { changed } = await gitFacts(repo.folder, { since: 0 }, repo.env);

  expect(changed).toMatchObject([{ path: "a.txt", state: "conflicted" }]);
});

test("of very many changes the first 200 are listed and all are counted", async () => {
  repo.write("a.txt", "a\n");
  repo.commitAll("first");
  for (let i = 0; i < 300; i += 1) repo.write(`f${i}.txt`, "x\n");
  repo.write("a.txt", "b\n");

  const facts = await gitFacts(repo.folder, { since: 0 }, repo.env);

  expect(facts.changed).toHaveLength(200);
  expect(facts.changed[0]).toMatchObject({ path: "a.txt", state: "modified" });
  expect(facts.changedTotal).toBe(301);
});

test("what git cannot say is empty, not an error", async () => {
  const nothing = { changed: [], changedTotal: 0, commits: [] };
  const plain = makeRepository({ git: false });
  repo.write("new.txt", "x\n");

  expect(await gitFacts(repo.folder, { since: 0 }, repo.env)).toEqual({
    branch: "main", // before the first commit
    changed: [{ path: "new.txt", state: "untracked" }],
    changedTotal: 1,
    commits: [],
  });
  expect(await gitFacts(plain.folder, { since: 0 }, repo.env)).toEqual(nothing);
  expect(await gitFacts(join(plain.folder, "gone"), { since: 0 }, repo.env)).toEqual(nothing);
  expect(await gitFacts(repo.folder, { since: 0 }, { PATH: "" })).toEqual(nothing);
  plain.remove();
});
