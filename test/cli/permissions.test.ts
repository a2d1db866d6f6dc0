import { expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, runCli, type World } from "../support/harness.ts";
import { repositoryAt } from "../support/repository.ts";
import { Transcript } from "../support/transcript.ts";

binary();

/** Each test starts a handful of processes. */
setDefaultTimeout(20_000);

const FILE = "sessions/trusted_permissions.json";

function pathOf({ env }: World, file = FILE): string {
  return join(env["CLAUDE_CONFIG_DIR"] ?? "", file);
}

function put(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

async function ask(world: World, line: string) {
  const { stdout, stderr, exitCode } = await runBinary(`permissions ${line}`, world);
  return exitCode === 0 ? JSON.parse(stdout) : { ...JSON.parse(stderr).error, exitCode };
}

/** Whether each operation is trusted: dependency_sync, model_download. */
async function trusted(world: World): Promise<boolean[]> {
  const { operations } = await ask(world, "status");
  return operations.map((one: { trusted: boolean }) => one.trusted);
}

test("only the model may be fetched at first; a project is trusted by itself, with the time", async () => {
  const world = makeWorld();
  const other = { ...world, project: join(world.env["HOME"] ?? "", "other") };
  mkdirSync(other.project);

  const before = await ask(world, "status");
  const after = await ask(world, "trust dependency_sync");

  expect(before.file).toEqual({ path: pathOf(world), state: "absent", unknown: [] });
  expect(before.operations).toMatchObject([
    { operation: "dependency_sync", trusted: false, by_default: false, grants: [] },
    { operation: "model_download", trusted: true, by_default: true, grants: [] },
  ]);
  expect(after.operations[0].grants).toEqual([
    { where: world.project, trusted: true, at: expect.stringMatching(/^2026-01-02T03:04:/) },
  ]);
  expect(await trusted(world)).toEqual([true, true]);
  expect(await trusted(other)).toEqual([false, true]);
});

test("all work trees of a repository are trusted with it, a clone is not", async () => {
  const world = makeWorld();
  const env = { PATH: Bun.env["PATH"] ?? "", HOME: world.env["HOME"] ?? "" };
  const repository = repositoryAt(world.project, env);
  repository.git("init", "--quiet");
  repository.commitAll("first");
  repository.git("worktree", "add", "--quiet", "--detach", "../tree");
  repository.git("clone", "--quiet", ".", "../clone");

  await ask(world, "trust dependency_sync");

  const at = (name: string) => ({ ...world, project: join(world.env["HOME"] ?? "", name) });
  expect(await trusted(at("tree"))).toEqual([true, true]);
  expect(await trusted(at("clone"))).toEqual([false, true]);
});

test("revoking takes one back, here or everywhere, or all after a yes", async () => {
  const world = makeWorld();

  await ask(world, "trust dependency_sync --everywhere");
  await ask(world, "revoke dependency_sync");
  const here = await trusted(world);
  await ask(world, "trust dependency_sync");
  await ask(world, "revoke model_download");
  const one = await trusted(world);
  const unasked = await ask(world, "revoke");
  const tool = await runBinary(["call", "permissions", '{"action":"revoke"}'], world);
  await ask(world, "revoke --yes");
  const none = await trusted(world);
  await ask(world, "trust model_download");

  expect([here, one, none]).toEqual([
    [false, true],
    [true, false],
    [false, false],
  ]);
  expect(unasked).toMatchObject({ code: "invalid_input", exitCode: 2 });
  expect(JSON.parse(tool.stderr).error.code).toBe("invalid_input");
  expect(await trusted(world)).toEqual([false, true]);
});

test("what hands and the original wrote stays, and an unknown name allows nothing", async () => {
  const world = makeWorld();
  const text = `{
  // mine
  "trusted_operations": ["uv_package_management", "dependency_sync"],
  "session_id": "0123456789ab",
  "note": { "keep": 1 }
}`;
  put(pathOf(world), text);

  const before = await ask(world, "status");
  await ask(world, "revoke dependency_sync --everywhere");
  const after = readFileSync(pathOf(world), "utf8");

  expect(before.operations[0]).toMatchObject({
    trusted: true,
    grants: [{ where: "everywhere", at: null }],
  });
  expect(before.file.unknown).toEqual(["uv_package_management"]);
  expect(after).toContain("// mine");
  expect(after).toContain('"uv_package_management"');
  expect(after).not.toContain('"dependency_sync"');
  expect(after).toContain('"note": { "keep": 1 }');
});

test.each([
  ["no JSON", "{ trusted"],
  ["a list", "[]"],
  ["a list that is none", '{"trusted_operations": "all"}'],
  ["a line without an operation", '{"revoked_operations": [{"project": "/x"}]}'],
])(
  "with %s nothing is trusted, the reason is told, and nothing is written",
  async (_case, text) => {
    const world = makeWorld();
    put(pathOf(world), text);

    const status = await ask(world, "status");
    const trust = await ask(world, "trust dependency_sync");

    expect(status.file).toMatchObject({
      state: "unusable",
      problem: expect.stringContaining(FILE),
    });
    expect(await trusted(world)).toEqual([false, false]);
    expect(trust).toMatchObject({ code: "conflict", exitCode: 4 });
    expect(readFileSync(pathOf(world), "utf8")).toBe(text);
  },
);

test("a symbolic link is written through, and a folder in its place is told", async () => {
  const world = makeWorld();
  const real = put(join(world.env["HOME"] ?? "", "dotfiles/trust.json"), "{}");
  chmodSync(real, 0o640);
  mkdirSync(dirname(pathOf(world)), { recursive: true });
  symlinkSync(real, pathOf(world));
  const blocked = makeWorld();
  mkdirSync(pathOf(blocked), { recursive: true });

  await ask(world, "trust dependency_sync");
  const refused = await ask(blocked, "trust dependency_sync");

  expect(lstatSync(pathOf(world)).isSymbolicLink()).toBe(true);
  expect(readFileSync(real, "utf8")).toContain('"dependency_sync"');
  expect(lstatSync(real).mode & 0o777).toBe(0o640);
  expect(refused).toMatchObject({ code: "unavailable", exitCode: 6 });
});

test.each([
  ["an unknown operation", "trust everything", /OPERATION cannot be "everything"/],
  ["no operation", "trust", /trust needs an operation/],
  ["--write without suggest", "status --write", /belong to suggest/],
])("%s is refused", async (_case, line, message) => {
  const answer = await ask(makeWorld(), line);

  expect(answer.message).toMatch(message);
  expect(answer.exitCode).toBe(2);
});

/** A world in whose project a person was asked some times. */
function asked(): World {
  const world = makeWorld();
  const talk = new Transcript({ cwd: world.project });
  const decide = (name: string, input: Record<string, string>, [decision, source]: string[]) => {
    const id = `toolu_${Math.abs(Bun.hash.crc32(`${talk.text().length}`))}`;
    talk.message([{ type: "tool_use", id, name, input }]);
    talk.chain("user", {
      message: { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "ok" }] },
      toolUseResult: "ok",
      permissionDecision: { decision, source, reasonType: "other" },
    });
  };
  talk.prompt("Look around");
  const yes = ["accept", "user_temporary"];
  for (const name of ["quick_search", "quick_search", "store_reflection"]) {
    decide(`mcp__session-buddy__${name}`, { query: "x" }, yes);
  }
  decide("Bash", { command: "git status && npm test" }, yes);
  decide("Bash", { command: "npm test" }, yes);
  decide("Bash", { command: "ls" }, ["accept", "config"]);
  decide("Bash", { command: "rm -rf x" }, yes);
  decide("Bash", { command: "rm -rf x" }, ["reject", "user_reject"]);
  decide("Bash", { command: "echo $(date)" }, yes);
  decide("Edit", { file_path: join(world.project, "src/a.ts") }, yes);
  decide("WebFetch", { url: "https://example.org/a?b" }, yes);
  talk.writeTo(join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "projects"));
  return world;
}

test("suggest counts the prompts that exact rules would have saved", async () => {
  const world = asked();

  const { suggestions } = await ask(world, "suggest");
  const text = await runCli("permissions suggest", world, { isTty: true });

  expect(suggestions).toEqual({
    transcripts: 1,
    skipped: 0,
    prompts: 10,
    unsuited: 2,
    total: 6,
    rules: [
      { rule: "Bash(npm test)", count: 2, ours: false },
      { rule: "mcp__session-buddy__quick_search", count: 2, ours: true },
      { rule: "Bash(git status)", count: 1, ours: false },
      { rule: "Edit(/src/a.ts)", count: 1, ours: false },
      { rule: "WebFetch(domain:example.org)", count: 1, ours: false },
      { rule: "mcp__session-buddy__store_reflection", count: 1, ours: true },
    ],
  });
  expect(text.stdout).toContain("10 prompts in 1 transcript");
});

test("--write adds the rules of our read-only tools and nothing else, and keeps a copy", async () => {
  const world = asked();
  const path = join(world.project, ".claude/settings.local.json");
  const before =
    '{\r\n\t"env": {"A": "1"},\r\n\t"permissions": {"deny": ["Bash(rm:*)"], "allow": ["Bash(ls)"]}\r\n}\r\n';
  put(path, before);

  const refused = await ask(world, "suggest --write");
  const untouched = readFileSync(path, "utf8");
  const written = await ask(world, "suggest --write --yes");
  const again = await ask(world, "suggest --write --yes");
  const after = readFileSync(path, "utf8");

  expect([refused.code, untouched]).toEqual(["invalid_input", before]);
  expect(written).toEqual({ path, added: ["mcp__session-buddy__quick_search"], left_out: 5 });
  expect(again.added).toEqual([]);
  expect(JSON.parse(after)).toEqual({
    env: { A: "1" },
    permissions: { deny: ["Bash(rm:*)"], allow: ["Bash(ls)", "mcp__session-buddy__quick_search"] },
  });
  expect(after.startsWith('{\r\n\t"env": {"A": "1"},\r\n\t"permissions"')).toBe(true);
  const backups = [...new Bun.Glob("settings-*.json").scanSync(pathOf(world, "data/backups"))];
  expect(
    backups.map((name) => readFileSync(pathOf(world, `data/backups/${name}`), "utf8")),
  ).toEqual([before]);
});

test("--user writes to the user's settings, a no to none, and a broken file is left alone", async () => {
  const world = asked();
  const local = join(world.project, ".claude/settings.local.json");

  const no = await runCli("permissions suggest --write", world, { isTty: true, stdin: "n\n" });
  await ask(world, "suggest --write --user --yes");
  put(local, "{ broken");
  const broken = await ask(world, "suggest --write --yes");

  expect(no.exitCode).toBe(130);
  expect(JSON.parse(readFileSync(pathOf(world, "settings.json"), "utf8"))).toEqual({
    permissions: { allow: ["mcp__session-buddy__quick_search"] },
  });
  expect(broken).toMatchObject({ code: "conflict", exitCode: 4 });
  expect(readFileSync(local, "utf8")).toBe("{ broken");
  expect(existsSync(pathOf(world, "trusted"))).toBe(false);
});
