import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { platform } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type SnapshotOptions, takeSnapshot } from "../../core/session/snapshot.ts";
import {
  makeRepository,
  photograph,
  repositoryAt,
  type TestRepository,
} from "../support/repository.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const DAY_MS = 24 * 60 * 60 * 1000;

let repo: TestRepository;
beforeEach(() => {
  repo = makeRepository();
});
afterEach(() => repo.remove());

/** One commit with three files, one of them then modified, and a secret that git does not track. */
function withChanges(): void {
  repo.write("a.txt", "a\n");
  repo.write("gone.txt", "gone\n");
  repo.write("run.sh", "#!/bin/sh\n");
  repo.commitAll("first");
  repo.write("a.txt", "a, changed\n");
  repo.write(".env.local", "TOKEN=hunter2\n");
}

function take(options: Partial<SnapshotOptions> = {}, where: TestRepository = repo) {
  const usual = { mode: "snapshot", message: "checkpoint", env: where.env, now: NOW } as const;
  return takeSnapshot(where.folder, { ...usual, ...options });
}

/** Takes a snapshot that must succeed, checks that nothing else moved, and gives its files. */
async function takeSafely(where: TestRepository = repo) {
  const before = photograph(where);
  const result = await take({}, where);
  expect(photograph(where)).toEqual(before);
  if (result.kind !== "taken") throw new Error(JSON.stringify(result));
  expect(where.git("rev-parse", `${result.commit}^`)).toBe(where.git("rev-parse", "HEAD"));
  return {
    ...result,
    get tree() {
      return listTree(where, result.commit);
    },
  };
}

/** Paths of a commit with mode and content. */
function listTree(where: TestRepository, commit: string): Record<string, string> {
  const lines = where.git("ls-tree", "-r", "-z", commit).split("\0").filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => {
      const [, mode = "", type = "", hash = "", path = ""] =
        /^(\d+) (\w+) (\w+)\t(.+)$/s.exec(line) ?? [];
      return [path, `${mode} ${type === "blob" ? where.git("cat-file", "-p", hash) : hash}`];
    }),
  );
}

/** Checks that nothing at all is done, and gives the reason. */
async function reasonOf(options: Partial<SnapshotOptions> = {}, where = repo): Promise<string> {
  const before = where === repo ? photograph(where) : [];
  const result = await take(options, where);
  expect(where === repo ? photograph(where) : []).toEqual(before);
  return result.kind === "skipped" ? result.reason : JSON.stringify(result);
}

describe("a snapshot", () => {
  test("holds the tracked files as they are, under a ref named by the time, and no untracked one", async () => {
    withChanges();
    rmSync(join(repo.folder, "gone.txt"));
    chmodSync(join(repo.folder, "run.sh"), 0o755);

    const { commit, ref, files, leftOut, tree } = await takeSafely();

    expect(tree).toEqual({ "a.txt": "100644 a, changed", "run.sh": "100755 #!/bin/sh" });
    expect({ files, leftOut }).toEqual({ files: 3, leftOut: 0 });
    expect(ref).toBe(`refs/session-buddy/20260102T030405678Z-${commit.slice(0, 8)}`);
    expect(repo.git("rev-parse", ref)).toBe(commit);
    expect(repo.git("log", "-1", "--format=%an <%ae> %ct %s", ref)).toBe(
      `Session Buddy <session-buddy@localhost> ${Math.floor(NOW / 1000)} checkpoint`,
    );
    expect(repo.git("fsck", "--strict", "--no-dangling")).toBe("");
  });

  test("needs no identity, starts from any folder, and keeps any message", async () => {
    withChanges();
    mkdirSync(join(repo.folder, "sub"));
    const message = "-m $(touch x)\n\n# not a comment; ünïcode 🙂";

    const result = await takeSnapshot(join(repo.folder, "sub"), {
      mode: "snapshot",
      message,
      env: repo.env,
      now: NOW,
    });

    if (result.kind !== "taken") throw new Error(JSON.stringify(result));
    expect(repo.git("log", "-1", "--format=%B", result.commit)).toBe(message);
  });

  test("of files with odd names holds each of them", async () => {
    const names = [
      "new\nline",
      "-dash",
      "--",
      'quote"d',
      "tab\tbed",
      "ünï cödé 🙂",
      ":(top)x",
      "*",
    ];
    for (const name of names) repo.write(name, "old\n");
    repo.commitAll("odd names");
    for (const name of names) repo.write(name, "new\n");

    const { tree } = await takeSafely();

    expect(tree).toEqual(Object.fromEntries(names.map((name) => [name, "100644 new"])));
  });

  test.skipIf(platform() !== "linux")("keeps a name that is not UTF-8", async () => {
    const file = Buffer.concat([Buffer.from(`${repo.folder}/caf`), Buffer.from([0xe9])]);
    writeFileSync(file, "old");
    repo.commitAll("latin1 name");
    writeFileSync(file, "newer");

    const result = await take();

    expect(result).toMatchObject({ kind: "taken", files: 1, leftOut: 0 });
    expect(
      repo.git(
        "diff",
        "--stat",
        "refs/session-buddy/20260102T030405678Z-".concat(
          result.kind === "taken" ? result.commit.slice(0, 8) : "",
        ),
      ),
    ).toBe("");
  });

  test("holds what is staged, announced or taken out of the index, as the next commit would", async () => {
    withChanges();
    repo.write("staged.txt", "staged\n");
    repo.write("twice.txt", "staged\n");
    repo.git("add", "staged.txt", "twice.txt", "a.txt");
    repo.write("twice.txt", "and changed again\n");
    repo.write("announced.txt", "announced\n");
    repo.git("add", "--intent-to-add", "announced.txt");
    repo.git("rm", "--quiet", "--cached", "gone.txt");

    const { tree } = await takeSafely();

    expect(tree).toEqual({
      "a.txt": "100644 a, changed",
      "announced.txt": "100644 announced",
      "run.sh": "100644 #!/bin/sh",
      "staged.txt": "100644 staged",
      "twice.txt": "100644 and changed again",
    });
  });

  test("follows a file that became a link, a folder, or lies behind a link now", async () => {
    for (const path of ["link", "folder", "behind/x"]) repo.write(path, "file\n");
    repo.commitAll("files");
    for (const path of ["link", "folder", "behind"]) {
      rmSync(join(repo.folder, path), { recursive: true });
    }
    symlinkSync("/etc/passwd", join(repo.folder, "link"));
    repo.write("folder/secret", "untracked\n");
    repo.write("elsewhere/x", "untracked\n");
    symlinkSync("elsewhere", join(repo.folder, "behind"));

    const { tree } = await takeSafely();

    expect(tree).toEqual({ link: "120000 /etc/passwd" });
  });

  test("sees a change of equal size and time made in the instant of the last git add", async () => {
    repo.write("a.txt", "old\n");
    const time = new Date(NOW);
    utimesSync(join(repo.folder, "a.txt"), time, time);
    repo.commitAll("first");
    utimesSync(join(repo.folder, ".git/index"), time, time);
    repo.write("a.txt", "new\n");
    utimesSync(join(repo.folder, "a.txt"), time, time);
    repo.git("config", "core.trustctime", "false");
    repo.git("config", "core.checkStat", "minimal");

    expect((await takeSafely()).tree).toEqual({ "a.txt": "100644 new" });
  });

  test("stores the line ends that the user's git would store", async () => {
    repo.write("a.txt", "one\n");
    repo.commitAll("first");
    repo.git("config", "core.autocrlf", "true");
    repo.git("config", "core.safecrlf", "true");
    repo.write("a.txt", "one\r\ntwo\n");

    const { commit } = await takeSafely();

    expect(repo.git("cat-file", "-s", `${commit}:a.txt`)).toBe("8");
  });

  test("of 5,000 files holds the changed ones", async () => {
    for (let i = 0; i < 5_000; i += 1) repo.write(`d${i % 50}/f${i}`, `${i}\n`);
    repo.commitAll("many");
    for (let i = 0; i < 5_000; i += 2) appendFileSync(join(repo.folder, `d${i % 50}/f${i}`), "x\n");

    const { files, commit } = await takeSafely();

    expect(files).toBe(2_500);
    expect(repo.git("diff", "--shortstat", commit)).toBe("");
  }, 60_000);

  test("is right for whatever was done to the files", async () => {
    const name = fc.constantFrom("a", "b", "c/d", "c/e");
    const deed = fc.record({
      name,
      what: fc.constantFrom("write", "remove", "stage", "unstage", "commit", "announce"),
      text: fc.constantFrom("x", "y", "zz"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 12 }), async (deeds) => {
        const where = makeRepository();
        where.write("a", "a");
        where.commitAll("first");
        for (const { name: path, what, text } of deeds) act(where, what, path, text);
        const before = photograph(where);

        const result = await take({}, where);

        expect(photograph(where)).toEqual(before);
        // What `git commit --all` makes of the same state is what the snapshot must hold.
        where.git("commit", "--all", "--quiet", "--allow-empty", "-m", "truth");
        const kept = result.kind === "taken" ? result.commit : "HEAD^";
        expect(listTree(where, kept)).toEqual(listTree(where, "HEAD"));
        where.remove();
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});

function act(where: TestRepository, what: string, path: string, text: string): void {
  const exists = existsSync(join(where.folder, path));
  if (what === "write") where.write(path, text);
  if (what === "remove") rmSync(join(where.folder, path), { force: true });
  if (what === "commit") where.git("commit", "--quiet", "--allow-empty", "-m", "step");
  if (what === "unstage")
    where.git("rm", "--cached", "--quiet", "--force", "--ignore-unmatch", path);
  if (what === "stage" && exists) where.git("add", path);
  if (what === "announce" && exists) where.git("add", "--intent-to-add", path);
}

describe("a snapshot of an unusual repository", () => {
  test("with a detached HEAD is taken", async () => {
    withChanges();
    repo.git("checkout", "--quiet", "--detach");

    expect((await takeSafely()).tree["a.txt"]).toBe("100644 a, changed");
  });

  test("in a linked work tree holds that tree's files", async () => {
    withChanges();
    repo.git("worktree", "add", "--quiet", "-b", "fix", `${repo.folder}-fix`);
    const linked = repositoryAt(`${repo.folder}-fix`, repo.env);
    linked.write("run.sh", "fixed\n");

    expect((await takeSafely(linked)).tree).toMatchObject({
      "a.txt": "100644 a",
      "run.sh": "100644 fixed",
    });
  });

  test("leaves a submodule as the index names it, whatever goes on in it", async () => {
    const library = makeRepository();
    library.write("lib.txt", "1\n");
    library.commitAll("first");
    withChanges();
    repo.git("submodule", "add", "--quiet", library.folder, "lib");
    repo.git("commit", "--quiet", "-m", "with lib");
    const pinned = repo.git("rev-parse", "HEAD:lib");
    const inner = repositoryAt(join(repo.folder, "lib"), repo.env);
    inner.write("lib.txt", "2\n");
    inner.commitAll("second");
    inner.write("lib.txt", "3\n");

    const { tree } = await takeSafely();

    expect(tree["lib"]).toBe(`160000 ${pinned}`);
    expect(await reasonOf({ mode: "commit" })).toContain("submodule");
    library.remove();
  });

  test("leaves a file that became a repository as it was, and says so", async () => {
    withChanges();
    rmSync(join(repo.folder, "run.sh"));
    mkdirSync(join(repo.folder, "run.sh"));
    const nested = repositoryAt(join(repo.folder, "run.sh"), repo.env);
    nested.git("init", "--quiet");
    nested.commitAll("nested");

    const { tree, leftOut } = await takeSafely();

    expect(tree["run.sh"]).toBe("100644 #!/bin/sh");
    expect(leftOut).toBe(1);
  });

  test.each([
    ["core.splitIndex", "true"],
    ["core.untrackedCache", "true"],
    ["core.logAllRefUpdates", "always"],
    ["core.quotePath", "true"],
    ["index.version", "4"],
    ["diff.noprefix", "true"],
  ])("with %s set to %s is taken as usual", async (key, value) => {
    withChanges();
    repo.git("config", key, value);
    repo.write("ünï.txt", "x\n");
    repo.git("add", "ünï.txt"); // rewrites the index in the form that was set

    expect((await takeSafely()).files).toBe(2);
  });

  test("with SHA-256 objects is taken", async () => {
    rmSync(join(repo.folder, ".git"), { recursive: true });
    repo.git("init", "--quiet", "--object-format=sha256");
    withChanges();

    expect((await takeSafely()).commit).toHaveLength(64);
  });
});

test("a file over 50 MiB stays as the index has it", async () => {
  withChanges();
  repo.write("größe.bin", "small\n");
  repo.git("add", "größe.bin");
  repo.write("größe.bin", new Uint8Array(50 * 1024 * 1024 + 1));

  const { tree, leftOut } = await takeSafely();

  expect(tree["größe.bin"]).toBe("100644 small");
  expect(leftOut).toBe(1);
});

describe("nothing is done, and the reason is given,", () => {
  const inConflict = () => {
    repo.write("a.txt", "base\n");
    repo.commitAll("base");
    repo.git("checkout", "--quiet", "-b", "side");
    repo.write("a.txt", "side\n");
    repo.commitAll("side");
    repo.git("checkout", "--quiet", "main");
    repo.write("a.txt", "main\n");
    repo.commitAll("main");
  };

  test.each([
    ["merge", "merge", () => repo.gitFails("merge", "side")],
    ["rebase", "rebase", () => repo.gitFails("rebase", "side")],
    ["rebase by patches", "rebase", () => repo.gitFails("rebase", "--apply", "side")],
    ["cherry-pick", "cherry-pick", () => repo.gitFails("cherry-pick", "side")],
    ["revert", "revert", () => repo.gitFails("revert", "--no-edit", "HEAD~1")],
    ["bisect", "bisect", () => repo.git("bisect", "start")],
    ["stash that conflicts", "conflict", conflictingStash],
  ])("in the middle of a %s", async (_case, word, enter) => {
    inConflict();
    enter();

    expect(await reasonOf()).toContain(word);
    expect(await reasonOf({ mode: "commit" })).toContain(word);
    expect(await reasonOf({ dryRun: true })).toContain(word);
  });

  function conflictingStash(): void {
    repo.write("a.txt", "stashed\n");
    repo.git("stash", "--quiet");
    repo.write("a.txt", "in the way\n");
    repo.commitAll("in the way");
    repo.gitFails("stash", "pop");
  }

  test("while another git holds the index", async () => {
    withChanges();
    repo.write(".git/index.lock", "");

    expect(await reasonOf()).toBe("another git process holds the index");
    expect(await reasonOf({ mode: "commit" })).toBe("another git process holds the index");
  });

  test("before the first commit", async () => {
    repo.write("a.txt", "a\n");
    repo.git("add", "a.txt");

    expect(await reasonOf()).toBe("the repository has no commit yet");
    expect(await reasonOf({ mode: "commit" })).toBe("the repository has no commit yet");
  });

  test("in a bare repository, outside git, without git, and in a folder that is gone", async () => {
    withChanges();
    const [bare, plain] = [makeRepository({ bare: true }), makeRepository({ git: false })];

    expect(await reasonOf({}, bare)).toBe("a bare repository has no files");
    expect(await reasonOf({}, plain)).toBe("not in a git repository");
    expect(await reasonOf({ env: { ...repo.env, PATH: plain.folder } })).toBe(
      "git is not installed",
    );
    expect(await reasonOf({ env: {} })).toBe("git is not installed");
    bare.remove();
    plain.remove();
    expect(await reasonOf({}, plain)).toBe("not in a git repository");
  });

  test("where git refuses the repository", async () => {
    withChanges();
    appendFileSync(join(repo.folder, ".git/config"), "[core\n");

    const result = await take();

    expect(result).toEqual({ kind: "skipped", reason: expect.stringContaining("bad config") });
  });
});

test("the mode off starts nothing, and clean files make no snapshot", async () => {
  withChanges();
  expect(await take({ mode: "off" })).toEqual({ kind: "off" });

  repo.write("a.txt", "a\n");
  expect(await reasonOf()).toBe('{"kind":"clean"}');
  expect(await reasonOf({ mode: "commit" })).toBe('{"kind":"clean"}');
});

test("a dry run says what would be done and leaves not even an object", async () => {
  withChanges();
  const objects = () => repo.git("count-objects", "-v");
  const before = objects();

  expect(await reasonOf({ dryRun: true })).toBe(
    '{"kind":"planned","mode":"snapshot","files":1,"leftOut":0}',
  );
  expect(await reasonOf({ dryRun: true, mode: "commit" })).toBe(
    '{"kind":"planned","mode":"commit","files":1,"leftOut":0}',
  );
  expect(objects()).toBe(before);
  expect(repo.git("for-each-ref", "refs/session-buddy")).toBe("");
});

function refs(): string[] {
  const listed = repo.git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/session-buddy");
  return listed === "" ? [] : listed.split("\n");
}

describe("snapshots over time", () => {
  test("the same state again is not stored again", async () => {
    withChanges();
    const first = await takeSafely();

    expect(await take({ now: NOW + DAY_MS })).toEqual({
      kind: "unchanged",
      commit: first.commit,
      ref: first.ref,
      files: 1,
      leftOut: 0,
    });
    expect(refs()).toHaveLength(1);
  });

  test("the same files on top of another commit are", async () => {
    withChanges();
    await takeSafely();
    repo.git("commit", "--quiet", "--allow-empty", "-m", "moved on");

    expect((await takeSafely()).files).toBe(1);
    expect(refs()).toHaveLength(2);
  });

  test("two at the same moment both stay", async () => {
    withChanges();
    await take();
    repo.write("a.txt", "changed again\n");
    await take();

    expect(refs()).toHaveLength(2);
  });

  test("the newest 20 stay, and all of the last 30 days; others go, and only ours", async () => {
    withChanges();
    repo.git("update-ref", "refs/session-buddy/mine", "HEAD");
    const old = Array.from({ length: 25 }, (_, i) => NOW - (60 - i) * DAY_MS);
    for (const [i, now] of old.entries()) {
      repo.write("a.txt", `old ${i}\n`);
      await take({ now });
    }
    repo.git("pack-refs", "--all");
    expect(refs()).toHaveLength(26); // none was 30 days older than the one that followed it

    repo.write("a.txt", "newest\n");
    await take({ now: NOW });

    expect(refs()).toHaveLength(21);
    expect(refs()).toContain("mine");
    expect(refs()[0]).toStartWith("20251109T"); // 54 days before
  });

  test("a temporary folder that a killed run left goes after an hour", async () => {
    withChanges();
    const [stale, fresh] = ["stale", "fresh"].map((name) => `.git/session-buddy-${name}`);
    repo.write(`${stale}/index`, "");
    repo.write(`${fresh}/index`, "");
    const hoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    utimesSync(join(repo.folder, stale ?? ""), hoursAgo, hoursAgo);

    await take();

    const left = readdirSync(join(repo.folder, ".git")).filter((n) => n.startsWith("session-"));
    expect(left).toEqual(["session-buddy-fresh"]);
  });
});
