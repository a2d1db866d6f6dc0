import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeWorld, runCli, type World } from "../support/harness.ts";

describe("results", () => {
  test("are text on a terminal and one line of JSON in a pipe", async () => {
    const world = makeWorld();

    const person = await runCli("ping", world, { isTty: true });
    const program = await runCli("ping", world);

    expect(person).toEqual({ stdout: "pong from sb 0.1.0\n", stderr: "", exitCode: 0 });
    expect(program).toEqual({
      stdout: '{"pong":true,"version":"0.1.0"}\n',
      stderr: "",
      exitCode: 0,
    });
  });

  test("follow --json and --no-json, the last of them, wherever they stand", async () => {
    const world = makeWorld();

    const json = await runCli("--json ping", world, { isTty: true });
    const text = await runCli("ping --json --no-json", world);

    expect(json.stdout).toBe('{"pong":true,"version":"0.1.0"}\n');
    expect(text.stdout).toBe("pong from sb 0.1.0\n");
  });

  test("hold colour only where the terminal has it", async () => {
    const world = makeWorld();

    const plain = await runCli("info", world, { isTty: true });
    const colored = await runCli("info", world, { isTty: true, color: true });

    expect(plain.stdout).not.toContain("\u001b");
    expect(colored.stdout).toStartWith("\u001b[1msb 0.1.0\u001b[22m");
  });

  test("lose what would move a terminal's cursor, which a pipe gets as it is", async () => {
    const world = makeWorld();
    await runCli(["memory", "store", "red \u001b[31malert\u0007 \u202egnp.exe"], world);

    const person = await runCli("search red", world, { isTty: true });
    const program = await runCli("search red", world);

    expect(person.stdout).toContain("  red [31malert gnp.exe\n");
    expect(JSON.parse(program.stdout).hits[0].snippet).toBe(
      "red \u001b[31malert\u0007 \u202egnp.exe",
    );
  });
});

describe("failures", () => {
  test("are a line and a hint on a terminal, one JSON object in a pipe", async () => {
    const world = makeWorld();

    const person = await runCli("serch token", world, { isTty: true });
    const program = await runCli("serch token", world);

    expect(person).toEqual({
      stdout: "",
      stderr: 'sb: unknown command "serch"; did you mean "search"?\n  hint: sb --help\n',
      exitCode: 2,
    });
    expect(program).toEqual({
      stdout: "",
      stderr:
        '{"error":{"code":"invalid_input","message":"unknown command \\"serch\\"; did you mean \\"search\\"?","hint":"sb --help"}}\n',
      exitCode: 2,
    });
  });

  test.each([
    ["an unknown command", "nope", 'unknown command "nope"'],
    ["an unknown verb", "insight serch", 'unknown command "insight serch"; did you mean "search"?'],
    ["a tool's name", "quick_search x", 'unknown command "quick_search"; did you mean "search"?'],
    ["an unknown option", "ping --loud", "unknown option --loud"],
    ["an option of no command", "--loud", "unknown option --loud"],
    ["a surplus word", "search use wal", 'unexpected argument "wal"'],
    ["a missing word", "memory store", "missing CONTENT"],
    ["half a number", "search x --limit 5x", '--limit needs a whole number, not "5x"'],
    ["a number out of bounds", "search x --limit 0", "limit: "],
    ["a choice that is none", "search x --scope here", '--scope cannot be "here"'],
    ["-C without a folder", "ping -C", "-C needs a folder"],
  ])("%s is exit 2", async (_case, line, message) => {
    const { stdout, stderr, exitCode } = await runCli(line, makeWorld());

    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(JSON.parse(stderr).error).toMatchObject({ code: "invalid_input" });
    expect(JSON.parse(stderr).error.message).toStartWith(message);
  });

  test.each([
    ["a memory that is not there", "memory show nothing", 3, "not_found"],
    ["a folder that is not there", "-C nowhere ping", 3, "not_found"],
    ["no open session", "checkpoint", 3, "not_found"],
  ])("%s has an exit code of its own", async (_case, line, exitCode, code) => {
    const result = await runCli(line, makeWorld());

    expect(result).toMatchObject({ stdout: "", exitCode });
    expect(JSON.parse(result.stderr).error.code).toBe(code);
  });

  test("a store that is no database is exit 7, and a clock that is none exit 2", async () => {
    const world = makeWorld();
    put(world, "claude/data/session-buddy.db", "This is no database. ".repeat(100));
    const skewed = makeWorld({ SB_NOW: "soon" });

    expect(await runCli("memory store x", world)).toMatchObject({ stdout: "", exitCode: 7 });
    expect(await runCli("ping", skewed)).toMatchObject({ stdout: "", exitCode: 2 });
  });

  test.skipIf(process.platform === "win32")(
    "a project's configuration that leads to a device is not read",
    async () => {
      const world = makeWorld();
      mkdirSync(join(world.project, ".claude"));
      symlinkSync("/dev/zero", join(world.project, ".claude/session-buddy.json"));

      const { recording } = JSON.parse((await runCli("status", world)).stdout);

      expect(recording.ok).toBe(false);
      expect(recording.links[0]).toMatchObject({
        name: "settings",
        detail: expect.stringContaining(".claude/session-buddy.json: cannot be read"),
      });
    },
  );

  test("a configuration that begins with a byte order mark is read", async () => {
    const world = makeWorld();
    mkdirSync(join(world.project, ".claude"));
    const path = join(world.project, ".claude/session-buddy.json");
    writeFileSync(path, `\uFEFF${JSON.stringify({ ignore: [world.project] })}`);

    const { stdout } = await runCli("status --line", world);

    expect(stdout).toContain("not recording");
  });

  test("what needs a setting that cannot be read is exit 2 and says which file", async () => {
    const world = makeWorld();
    put(world, "claude/session-buddy.json", "{");

    const result = await runCli("search token", world);

    expect(JSON.parse(result.stderr).error).toEqual({
      code: "invalid_input",
      message: `${world.env["CLAUDE_CONFIG_DIR"]}/session-buddy.json: not JSON`,
      hint: "mend or remove it",
    });
    expect(result.exitCode).toBe(2);
  });
});

describe("the folder", () => {
  test.each(["-C ../api status", "status -C ../api", "status -C=../api", "-C../api status"])(
    "of sb %s is the one named",
    async (line) => {
      const world = makeWorld();
      mkdirSync(join(dirname(world.project), "api"));

      const { stdout } = await runCli(line, world);

      expect(JSON.parse(stdout).project.name).toBe("api");
    },
  );

  test("is not looked for after --", async () => {
    const world = makeWorld();

    const { exitCode } = await runCli("memory store -- -Cnowhere", world);

    expect(exitCode).toBe(0);
    expect(JSON.parse((await runCli("memory stats", world)).stdout).total).toBe(1);
  });
});

test("the version is told wherever it is asked for without a command", async () => {
  const world = makeWorld();

  expect(await runCli("--version", world)).toMatchObject({ stdout: "0.1.0\n", exitCode: 0 });
  expect(await runCli("-v --json", world)).toMatchObject({ stdout: "0.1.0\n", exitCode: 0 });
});

test("on a terminal, too, a search says why it finds nothing", async () => {
  const { stdout } = await runCli("search ***", makeWorld(), { isTty: true });

  expect(stdout).toBe("Nothing found.\nthe query holds no word to look for\n");
});

test("in a paused project a search says why it finds nothing", async () => {
  const world = makeWorld();
  await runCli(["memory", "store", "The wombat sleeps"], world);
  await runCli("pause", world);

  const { stdout } = await runCli("search wombat", world);

  expect(JSON.parse(stdout)).toMatchObject({
    total: 0,
    note: "user-service is paused or ignored: nothing of it is recalled",
  });
});

test("outside a repository the status says how a session is opened", async () => {
  const { stdout } = await runCli("status", makeWorld(), { isTty: true });

  expect(stdout).toContain("none: sb start opens one");
});

test("a command that only reads makes no store", async () => {
  const world = makeWorld();

  const { stdout, exitCode } = await runCli("search token", world, { isTty: true });

  expect({ stdout, exitCode }).toEqual({ stdout: "Nothing found.\n", exitCode: 0 });
  expect(existsSync(join(world.env["HOME"] ?? "", "claude"))).toBe(false);
});

function put({ env }: World, path: string, text: string): void {
  const full = join(env["HOME"] ?? "", path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
}
