import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, runCli, type World } from "../support/harness.ts";
import { connectBinary } from "../support/mcp.ts";
import { repositoryAt, type TestRepository } from "../support/repository.ts";
import { Transcript } from "../support/transcript.ts";

const sb = binary();

/** Each test starts a dozen processes. */
setDefaultTimeout(20_000);

/** A world whose project is a repository with one commit and a branch `v1.2/x.y`. */
function makeRepository(): World & {
  readonly repository: TestRepository;
  beside(name: string): string;
} {
  const world = makeWorld();
  const env = { PATH: Bun.env["PATH"] ?? "", HOME: world.env["HOME"] ?? "" };
  const repository = repositoryAt(world.project, env);
  repository.git("init", "--quiet", "--initial-branch=main");
  repository.write("a.txt", "a\n");
  repository.commitAll("first");
  repository.git("branch", "v1.2/x.y");
  return { ...world, repository, beside: (name) => join(dirname(world.project), name) };
}

async function call(world: World, tool: string, input: object) {
  const { stdout, stderr, exitCode } = await runBinary(
    ["call", tool, JSON.stringify(input)],
    world,
  );
  return exitCode === 0 ? JSON.parse(stdout) : { ...JSON.parse(stderr).error, exitCode };
}

/** `sb mcp` in the world's project, and how its tools are used. */
async function serve({ project, env }: World) {
  const texts = Object.entries(env).flatMap(([key, value]) => (value ? [[key, value]] : []));
  const home = { folder: project, env: Object.fromEntries(texts) };
  const client = await connectBinary(sb, home, ["--profile", "full"]);
  const use = async (name: string, input: Record<string, unknown> = {}) => {
    const { structuredContent } = await client.callTool({ name, arguments: input });
    return JSON.parse(JSON.stringify(structuredContent));
  };
  return { client, use };
}

test("a branch with dots and slashes is added beside the repository, and listed", async () => {
  const world = makeRepository();

  const added = await call(world, "git_worktree_add", { branch: "v1.2/x.y", path: "wt ünï" });
  const { total, worktrees } = await call(world, "git_worktree_list", {});

  expect(added).toMatchObject({
    path: world.beside("wt ünï"),
    branch: "v1.2/x.y",
    created_branch: false,
  });
  expect(total).toBe(2);
  const facts = { exists: true, dirty: 0, locked: null, prunable: null, has_session: false };
  expect(worktrees).toMatchObject([
    { path: world.project, branch: "main", is_main: true, is_current: true, ...facts },
    {
      path: world.beside("wt ünï"),
      branch: "v1.2/x.y",
      is_main: false,
      is_current: false,
      ...facts,
    },
  ]);
});

test("a new branch is made from HEAD, a remote's is followed, a commit is checked out detached", async () => {
  const world = makeRepository();
  const { repository } = world;
  const head = repository.git("rev-parse", "HEAD");
  repository.git("update-ref", "refs/remotes/origin/topic/one", head);
  repository.git("remote", "add", "origin", world.beside("nowhere"));

  const created = await call(world, "git_worktree_add", {
    branch: "feature/new-1.0",
    path: "new",
    create_branch: true,
  });
  const remote = await call(world, "git_worktree_add", { branch: "topic/one", path: "topic" });
  const detached = await call(world, "git_worktree_add", { branch: head, path: "old" });

  expect(created).toMatchObject({ branch: "feature/new-1.0", head, created_branch: true });
  expect(remote).toMatchObject({ branch: "topic/one", tracking: "origin/topic/one" });
  expect(detached).toMatchObject({ branch: null, head, created_branch: false });
  expect(existsSync(join(world.beside("new"), "a.txt"))).toBe(true);
});

test.each<[string, object, string, RegExp]>([
  [
    "an option as the branch",
    { branch: "--force", path: "x", create_branch: true },
    "invalid_input",
    /no name of a branch/,
  ],
  ["HEAD", { branch: "HEAD", path: "x" }, "invalid_input", /no name of a branch/],
  ["two dots", { branch: "a..b", path: "x", create_branch: true }, "invalid_input", /no name/],
  ["an unknown branch", { branch: "nope", path: "x" }, "not_found", /^there is no branch nope$/],
  [
    "a branch that is there",
    { branch: "main", path: "x", create_branch: true },
    "conflict",
    /a branch main already/,
  ],
  ["a branch in use", { branch: "main", path: "x" }, "conflict", /^main is checked out at /],
  [
    "a path that is there",
    { branch: "v1.2/x.y", path: "user-service" },
    "conflict",
    /is there already/,
  ],
  [
    "a folder outside git",
    { branch: "main", path: "x", working_directory: "/" },
    "not_found",
    /in no git repository/,
  ],
  [
    "a folder that is gone",
    { branch: "main", path: "x", working_directory: "nope" },
    "not_found",
    /there is no folder/,
  ],
])("%s is refused in one line, and nothing is made", async (_case, input, code, message) => {
  const world = makeRepository();

  const answer = await call(world, "git_worktree_add", input);

  expect(answer.code).toBe(code);
  expect(answer.message).toMatch(message);
  expect(answer.message).not.toContain("\n");
  expect(world.repository.git("worktree", "list").split("\n")).toHaveLength(1);
});

test("a path that looks like an option is a path", async () => {
  const world = makeRepository();

  const added = await call(world, "git_worktree_add", { branch: "v1.2/x.y", path: "--force" });

  expect(added.path).toBe(world.beside("--force"));
});

test("remove refuses to lose changed files and lone commits, and says which", async () => {
  const world = makeRepository();
  const { repository } = world;
  repository.git("worktree", "add", "--quiet", world.beside("wt"), "v1.2/x.y");
  repository.git("worktree", "add", "--quiet", "--detach", world.beside("lone"));
  writeFileSync(join(world.beside("wt"), "a.txt"), "changed\n");
  writeFileSync(join(world.beside("wt"), "new.txt"), "new\n");
  repositoryAt(world.beside("lone"), repository.env).commitAll("only here");

  const dirty = await call(world, "git_worktree_remove", { path: "wt" });
  const lone = await call(world, "git_worktree_remove", { path: world.beside("lone") });
  const forced = await call(world, "git_worktree_remove", { path: "wt", force: true });

  expect(dirty).toMatchObject({ code: "conflict", exitCode: 4 });
  expect(dirty.message).toEndWith("2 changed or untracked: a.txt, new.txt");
  expect(lone.message).toMatch(/1 commits on no branch: [0-9a-f]+ only here$/);
  expect(existsSync(world.beside("lone"))).toBe(true);
  expect(forced).toMatchObject({ branch: "v1.2/x.y", lost: { files: ["a.txt", "new.txt"] } });
  expect(existsSync(world.beside("wt"))).toBe(false);
  expect(repository.git("show", `${forced.snapshot}:a.txt`)).toBe("changed");
  expect(repository.git("branch", "--list", "v1.2/x.y")).toContain("v1.2/x.y");
});

test("remove takes a clean tree and one that is gone, and neither a locked nor the main one", async () => {
  const world = makeRepository();
  const { repository } = world;
  repository.git("worktree", "add", "--quiet", world.beside("clean"), "v1.2/x.y");
  for (const name of ["gone", "locked"]) {
    repository.git("worktree", "add", "--quiet", "--detach", world.beside(name));
  }
  rmSync(world.beside("gone"), { recursive: true });
  repository.git("worktree", "lock", "--reason", "on a stick", world.beside("locked"));

  const listed = await call(world, "git_worktree_list", {});
  const answers = {
    clean: await call(world, "git_worktree_remove", { path: "clean" }),
    gone: await call(world, "git_worktree_remove", { path: "gone" }),
    locked: await call(world, "git_worktree_remove", { path: "locked", force: true }),
    main: await call(world, "git_worktree_remove", { path: world.project, force: true }),
    unknown: await call(world, "git_worktree_remove", { path: "nowhere" }),
  };

  expect(listed.worktrees).toMatchObject([
    {},
    { prunable: null },
    { exists: false, prunable: expect.stringContaining("non-existent"), dirty: null },
    { locked: "on a stick" },
  ]);
  expect(answers).toMatchObject({
    clean: { path: world.beside("clean"), lost: { total: 0 } },
    gone: { path: world.beside("gone") },
    locked: { code: "conflict", message: expect.stringContaining("locked: on a stick") },
    main: { code: "conflict", message: expect.stringContaining("main work tree") },
    unknown: { code: "not_found" },
  });
});

test("a session goes along: its context is saved, and given back on return; tools mean the target", async () => {
  const world = makeRepository();
  const { repository, project, env } = world;
  const talk = new Transcript({ cwd: project, sessionId: "11111111-2222-4333-8444-555555555555" });
  talk.prompt("Make the pool close its sockets before the process exits");
  talk.answer("We decided to use a shutdown hook instead of a timer.");
  talk.writeTo(join(env["CLAUDE_CONFIG_DIR"] ?? "", "projects"));
  repository.git("worktree", "add", "--quiet", world.beside("wt"), "v1.2/x.y");
  const there = world.beside("wt");
  const { use, client } = await serve(world);

  const started = await use("start");
  const switched = await use("git_worktree_switch", { from_path: project, to_path: there });
  const status = await use("status");
  const { worktrees } = await use("git_worktree_list");
  const back = await use("git_worktree_switch", { from_path: there, to_path: project });
  const home = await use("status");
  await client.close();

  expect(switched).toMatchObject({
    session_id: started.session_id,
    branch: "v1.2/x.y",
    restored_context: null,
  });
  expect(status.project).toEqual({ name: "user-service", root: there, branch: "v1.2/x.y" });
  expect(worktrees[1]).toMatchObject({ path: there, is_current: true, has_session: true });
  expect(back.restored_context).toBe(switched.saved_context);
  expect(back.brief).toContain("Make the pool close its sockets");
  expect(home.project.root).toBe(project);
});

test("a prompt from another work tree takes the session there", async () => {
  const world = makeRepository();
  const { repository, project } = world;
  const there = world.beside("wt");
  repository.git("worktree", "add", "--quiet", there, "v1.2/x.y");
  const { use, client } = await serve(world);
  const place = async () => (await use("status")).project.root;

  const before = await place();
  const input = { session_id: "c-1", cwd: there, prompt: "Go on with the pool there" };
  await runBinary(
    "hook UserPromptSubmit",
    world,
    JSON.stringify({ ...input, hook_event_name: "UserPromptSubmit" }),
  );
  const after = await place();
  rmSync(there, { recursive: true });
  const gone = await place();
  await client.close();

  expect([before, after, gone]).toEqual([project, there, project]);
});

test("switch refuses the same tree, a tree that is gone, and another repository", async () => {
  const world = makeRepository();
  const { repository, project } = world;
  repository.git("worktree", "add", "--quiet", world.beside("wt"), "v1.2/x.y");
  rmSync(world.beside("wt"), { recursive: true });
  mkdirSync(world.beside("other"));

  const switchTo = (to_path: string) =>
    call(world, "git_worktree_switch", { from_path: project, to_path });

  expect(await switchTo(project)).toMatchObject({ code: "invalid_input" });
  expect(await switchTo("wt")).toMatchObject({
    code: "conflict",
    message: expect.stringContaining("is gone"),
  });
  expect(await switchTo("other")).toMatchObject({ code: "not_found" });
});

test("prints a line per work tree on a terminal", async () => {
  const world = makeRepository();
  world.repository.git("worktree", "add", "--quiet", world.beside("wt"), "v1.2/x.y");
  world.repository.write("b.txt", "b");
  const head = world.repository.git("rev-parse", "--short=8", "HEAD");

  const { stdout } = await runCli("worktree list", world, { isTty: true });

  expect(stdout.replaceAll(dirname(world.project), "~").replaceAll(/\s*\n\s+(?=~)/g, "  ")).toBe(
    `*  main      ${head}  main, 1 changed  ~/user-service\n   v1.2/x.y  ${head}                   ~/wt\n`,
  );
});
