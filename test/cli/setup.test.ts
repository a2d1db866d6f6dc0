import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { withHooks, withoutHooks, withoutServer, withServer } from "../../cli/setup/claude-json.ts";
import { binary } from "../support/binary.ts";
import { type CliResult, makeWorld, runBinary, type World } from "../support/harness.ts";

binary();

const SETTINGS = `{
  "model": "opus",
  "permissions": { "deny": ["Bash(rm *)"] },
  "hooks": {
    "Stop": [{ "hooks": [{ "type": "command", "command": "say done" }] }]
  }
}
`;
const STATE = JSON.stringify(
  { numStartups: 3, projects: { "/x": { hasTrustDialogAccepted: true } }, mcpServers: {} },
  null,
  2,
);

/** A home as Claude Code leaves it: no variable moves its folder. */
function home(files: Record<string, string> = {}): World & { home: string } {
  const world = makeWorld();
  const place = world.env["HOME"] ?? "";
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), text);
  }
  return {
    project: world.project,
    env: { ...world.env, CLAUDE_CONFIG_DIR: undefined },
    home: place,
  };
}

const usual = () => home({ ".claude/settings.json": SETTINGS, ".claude.json": STATE });

/** Every file below the home with its bytes, and every folder. */
function photograph(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    entries.map((path) => {
      const full = join(folder, path);
      const stat = lstatSync(full);
      const mode = stat.mode.toString(8);
      return [path, stat.isFile() ? `${mode} ${readFileSync(full, "latin1")}` : mode];
    }),
  );
}

function json({ home: place }: { home: string }, path: string) {
  return JSON.parse(readFileSync(join(place, path), "utf8"));
}

const setup = (world: World, ...args: string[]): Promise<CliResult> =>
  runBinary(["setup", "--json", ...args], world);

test("setup registers server, hooks and commands, and keeps what was there in its order", async () => {
  const world = usual();

  const { exitCode, stdout } = await setup(world);

  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout).notes).toEqual([
    "claude is not on PATH: everything is written, and works once it is there",
  ]);
  const state = json(world, ".claude.json");
  expect(Object.keys(state)).toEqual(["numStartups", "projects", "mcpServers"]);
  expect(state.projects).toEqual({ "/x": { hasTrustDialogAccepted: true } });
  const { command, args } = state.mcpServers["session-buddy"];
  expect([realpathSync(command), args]).toEqual([realpathSync(binary()), ["mcp"]]);
  const settings = json(world, ".claude/settings.json");
  expect(settings.permissions).toEqual({ deny: ["Bash(rm *)"] });
  expect(settings.hooks.Stop).toEqual([
    { hooks: [{ type: "command", command: "say done" }] },
    { hooks: [{ type: "command", command, args: ["hook", "Stop"], timeout: 10 }] },
  ]);
  expect(Object.keys(settings.hooks)).toContain("SessionStart");
  expect(settings.hooks.PostToolUse[0].matcher).toContain("Bash|Edit");
  const start = readFileSync(join(world.home, ".claude/commands/session-buddy/start.md"), "utf8");
  expect(start).toContain(
    "mcp__session-buddy__start, mcp__plugin_session-buddy_session-buddy__start",
  );
  const started = JSON.parse((await runBinary("start --json", world)).stdout);
  expect(started.shortcuts).toEqual(["/start", "/checkpoint", "/end"]);
});

test.each([
  ["a usual home", usual],
  ["an empty home", () => home()],
  ["one line without a newline at its end", () => home({ ".claude/settings.json": '{"a":1}' })],
  ["Windows line ends", () => home({ ".claude/settings.json": SETTINGS.replaceAll("\n", "\r\n") })],
  [
    "comments and a byte order mark",
    () => home({ ".claude/settings.json": '\uFEFF{\n\t// mine\n\t"a": 1,\n}\n' }),
  ],
  ["an empty file", () => home({ ".claude/settings.json": "" })],
])("set up twice and taken back, %s is what it was, to the byte", async (_case, make) => {
  const world = make();
  const before = photograph(world.home);

  await setup(world);
  const again = await setup(world);
  const removed = await setup(world, "--remove");

  expect(JSON.parse(again.stdout).changes).toEqual([]);
  expect(removed.exitCode).toBe(0);
  expect(photograph(world.home)).toEqual(before);
});

test("what was changed since stays when setup is taken back", async () => {
  const world = usual();
  await setup(world);
  const path = join(world.home, ".claude/settings.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('"opus"', '"sonnet"'));

  await setup(world, "--remove");

  expect(json(world, ".claude/settings.json")).toEqual({
    ...JSON.parse(SETTINGS),
    model: "sonnet",
  });
});

test("a dry run shows what would change and changes nothing", async () => {
  const world = usual();
  const before = photograph(world.home);

  const { stdout } = await runBinary(["setup", "--dry-run", "--no-json"], world);

  expect(stdout).toContain('+    "session-buddy": {');
  expect(stdout).toContain("would change.");
  expect(photograph(world.home)).toEqual(before);
});

test("a line of any length is kept as it is, and a dry run shows what differs in it", async () => {
  const history = Array.from({ length: 4_000 }, (_, n) => ({ display: `question ${n} of many` }));
  const state = JSON.stringify({ projects: { "/x": { history } }, numStartups: 3 });
  const world = home({ ".claude.json": state });
  const shown = await runBinary(["setup", "--dry-run", "--no-json"], world);

  await setup(world);
  const after = readFileSync(join(world.home, ".claude.json"), "utf8");

  expect(after).toStartWith(state.slice(0, -1));
  expect(after).not.toContain("\n");
  expect(JSON.parse(after).mcpServers["session-buddy"].args).toEqual(["mcp"]);
  expect(shown.stdout).toContain('"session-buddy":{"type":"stdio"');
  expect(Math.max(...shown.stdout.split("\n").map(({ length }) => length))).toBeLessThan(1_000);
  await setup(world, "--remove");
  expect(readFileSync(join(world.home, ".claude.json"), "utf8")).toBe(state);
});

test("a command of the user's own is left alone, also when setup is taken back", async () => {
  const world = home({ ".claude/commands/start.md": "Start my own thing.\n" });

  const { stdout } = await setup(world);
  await setup(world, "--remove");

  expect(JSON.parse(stdout).notes.join()).toContain("is a command of your own");
  const own = readFileSync(join(world.home, ".claude/commands/start.md"), "utf8");
  expect(own).toBe("Start my own thing.\n");
});

test("a command of an older sb is renewed, one that the user changed is not", async () => {
  const world = home();
  await setup(world);
  const [old, own] = ["start", "end"].map((n) => join(world.home, `.claude/commands/${n}.md`));
  writeFileSync(old ?? "", "Old.\n<!-- session-buddy command, version 0 -->\n");
  writeFileSync(own ?? "", `${readFileSync(own ?? "", "utf8")}\nAnd say goodbye.\n`);

  await setup(world);

  expect(readFileSync(old ?? "", "utf8")).toContain("Call the tool `start`");
  expect(readFileSync(own ?? "", "utf8")).toContain("And say goodbye.");

  const { stdout } = await setup(world, "--remove");

  expect(JSON.parse(stdout).notes).toEqual([`${own} was changed by you: it stays`]);
  expect(readFileSync(own ?? "", "utf8")).toContain("And say goodbye.");
});

test("a moved program is registered anew, once", async () => {
  const world = usual();
  await setup(world);
  const settings = join(world.home, ".claude/settings.json");
  const moved = readFileSync(settings, "utf8").replaceAll(/"[^"]*\/sb"/g, '"/old/place/sb"');
  writeFileSync(settings, moved);

  await setup(world);

  const { hooks } = json(world, ".claude/settings.json");
  expect(hooks.SessionStart).toHaveLength(1);
  expect(hooks.SessionStart[0].hooks[0].command).not.toBe("/old/place/sb");
});

test("a program in a folder with blanks, quotes and umlauts is named as it is", async () => {
  const world = home();
  const folder = join(world.home, `my "tools" für 'alles'`);
  mkdirSync(folder);
  copyFileSync(binary(), join(folder, "sb"));
  chmodSync(join(folder, "sb"), 0o755);

  const child = Bun.spawnSync([join(folder, "sb"), "setup"], { env: { ...world.env } });

  expect(child.exitCode).toBe(0);
  expect(json(world, ".claude.json").mcpServers["session-buddy"].command).toBe(join(folder, "sb"));
});

test("with the plugin on, server and hooks are the plugin's", async () => {
  const world = home({
    ".claude/settings.json": JSON.stringify({ enabledPlugins: { "session-buddy@team": true } }),
  });

  const { stdout } = await setup(world);

  expect(JSON.parse(stdout).notes.join()).toContain("plugin is on");
  expect(existsSync(join(world.home, ".claude.json"))).toBe(false);
  expect(json(world, ".claude/settings.json").hooks).toBeUndefined();
  expect(readdirSync(join(world.home, ".claude/commands")).sort()).toEqual([
    "checkpoint.md",
    "end.md",
    "start.md",
  ]);
});

test("a plugin that is switched on after setup doubles nothing, and all can be taken back", async () => {
  const world = home({ ".claude/settings.json": "{}" });
  const settings = join(world.home, ".claude/settings.json");
  const plugin = JSON.stringify({ enabledPlugins: { "session-buddy@team": true } });
  await setup(world);
  writeFileSync(settings, plugin);

  await setup(world);
  const again = await setup(world);
  const long = join(world.home, ".claude/commands/session-buddy/start.md");
  const isDoubled = existsSync(long);
  await setup(world, "--remove");

  expect(isDoubled).toBe(false);
  expect(JSON.parse(again.stdout).changes).toEqual([]);
  expect(readFileSync(settings, "utf8")).toBe(plugin);
  expect(readdirSync(join(world.home, ".claude"))).toEqual(["settings.json"]);
});

test("two configuration folders are set up side by side", async () => {
  const world = usual();
  const other = { ...world, env: { ...world.env, CLAUDE_CONFIG_DIR: join(world.home, "work") } };

  await setup(world);
  await setup(other);
  await setup(world, "--remove");

  expect(json(world, "work/.claude.json").mcpServers["session-buddy"]).toBeDefined();
  expect(json(world, ".claude.json").mcpServers).toEqual({});
});

test("behind a symbolic link the file itself is changed, and the link stays", async () => {
  const world = home({ "dotfiles/settings.json": SETTINGS });
  mkdirSync(join(world.home, ".claude"));
  symlinkSync("../dotfiles/settings.json", join(world.home, ".claude/settings.json"));

  await setup(world);

  expect(lstatSync(join(world.home, ".claude/settings.json")).isSymbolicLink()).toBe(true);
  expect(json(world, "dotfiles/settings.json").hooks.SessionStart).toHaveLength(1);
});

test("behind a symbolic link to nothing, what was made is removed, and the link stays", async () => {
  const world = home({ "dotfiles/other": "" });
  mkdirSync(join(world.home, ".claude"));
  symlinkSync("../dotfiles/settings.json", join(world.home, ".claude/settings.json"));
  const before = photograph(world.home);

  await setup(world);
  const isMade = existsSync(join(world.home, "dotfiles/settings.json"));
  await setup(world, "--remove");

  expect(isMade).toBe(true);
  expect(photograph(world.home)).toEqual(before);
});

test("a hook that the user put beside ours stays alone, and ours is there once", async () => {
  const world = home({ ".claude/settings.json": "{}" });
  await setup(world);
  const settings = json(world, ".claude/settings.json");
  const mine = { type: "command", command: "say done" };
  settings.hooks.Stop[0].hooks.push(mine);
  writeFileSync(join(world.home, ".claude/settings.json"), JSON.stringify(settings));

  await setup(world);
  const stop = json(world, ".claude/settings.json").hooks.Stop;
  await setup(world, "--remove");

  expect(stop).toMatchObject([{ hooks: [mine] }, { hooks: [{ args: ["hook", "Stop"] }] }]);
  expect(json(world, ".claude/settings.json")).toEqual({ hooks: { Stop: [{ hooks: [mine] }] } });
});

test("--purge leaves nothing where nothing was", async () => {
  const world = home();
  const before = photograph(world.home);

  await setup(world);
  await runBinary(["memory", "store", "a note"], world);
  await setup(world, "--purge", "--yes");

  expect(photograph(world.home)).toEqual(before);
});

describe("bad input", () => {
  test.each([
    ["broken JSON", ".claude/settings.json", '{"hooks": {', "no valid JSON at line 1"],
    ["a list", ".claude/settings.json", "[]", "holds no JSON object"],
    ["hooks that are no object", ".claude/settings.json", '{"hooks": 3}', "hooks is no object"],
    ["an event that is no list", ".claude/settings.json", '{"hooks": {"Stop": {}}}', "is no list"],
    ["servers that are no object", ".claude.json", '{"mcpServers": []}', "mcpServers is no object"],
  ])("%s is refused, and nothing is changed", async (_case, path, text, why) => {
    const world = home({ ".claude/settings.json": "{}", [path]: text });
    const before = photograph(world.home);

    const { exitCode, stderr } = await setup(world);

    expect([exitCode, JSON.parse(stderr).error.code]).toEqual([4, "conflict"]);
    expect(stderr).toContain(why);
    expect(photograph(world.home)).toEqual(before);
  });

  test.each([
    "{",
    '{"version":1,"files":[null],"folders":[]}',
    '{"version":1,"files":[],"folders":[7]}',
  ])(
    "without a sound note of what setup did (%s), what is ours is taken all the same",
    async (note) => {
      const world = home({ ".claude/settings.json": "{}" });
      await setup(world);
      writeFileSync(join(world.home, ".claude/data/backups/setup.json"), note);

      const { exitCode } = await setup(world, "--remove");

      expect(exitCode).toBe(0);
      expect(json(world, ".claude/settings.json")).toEqual({});
    },
  );

  test("a place that cannot be written is named, and nothing is changed", async () => {
    const world = home({ ".claude.json": STATE, ".claude/commands": "a file, not a folder" });
    const before = photograph(world.home);

    const { exitCode, stderr } = await setup(world);

    expect(exitCode).toBe(6);
    expect(stderr).toContain("cannot be written");
    expect(photograph(world.home)).toEqual(before);
  });

  test("--purge asks, and without anybody to ask needs --yes", async () => {
    const world = usual();
    await setup(world);
    await runBinary(["memory", "store", "a note"], world);
    const data = join(world.home, ".claude/data/session-buddy.db");

    const asked = await setup(world, "--purge");
    const isKept = existsSync(data);
    const agreed = await setup(world, "--purge", "--yes");

    expect([asked.exitCode, isKept, agreed.exitCode]).toEqual([2, true, 0]);
    expect(existsSync(dirname(data))).toBe(false);
    expect(statSync(join(world.home, ".claude/settings.json")).isFile()).toBe(true);
  });
});

/** Settings as people have them: any keys, hooks of their own. */
const anySettings = fc.record(
  {
    model: fc.string(),
    env: fc.dictionary(fc.string(), fc.string()),
    hooks: fc.dictionary(
      fc.constantFrom("Stop", "SessionStart", "PreToolUse"),
      fc.array(
        fc.record({
          matcher: fc.string(),
          hooks: fc.array(fc.record({ type: fc.constant("command"), command: fc.string() })),
        }),
        { minLength: 1 },
      ),
      { minKeys: 1 },
    ),
    mcpServers: fc.dictionary(fc.string({ minLength: 1 }), fc.record({ command: fc.string() }), {
      minKeys: 1,
    }),
  },
  { requiredKeys: [] },
);

test("what is put in and taken out again leaves the same settings", () => {
  fc.assert(
    fc.property(anySettings, fc.constantFrom(0, 2, "\t"), (settings, indent) => {
      const text = JSON.stringify(settings, null, indent);
      const source = { path: "settings.json", text };

      const hooked = withoutHooks({ ...source, text: withHooks(source, "/usr/local/bin/sb") });
      const served = withoutServer({ ...source, text: withServer(source, "/usr/local/bin/sb") });

      expect([hooked, served].map((back) => JSON.parse(back))).toEqual([
        JSON.parse(text),
        JSON.parse(text),
      ]);
    }),
  );
});
