import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, type World } from "../support/harness.ts";
import { Transcript } from "../support/transcript.ts";

binary();

const NOW = Date.parse("2026-01-02T03:04:05Z");
const DAY_MS = 86_400_000;

interface Check {
  readonly name: string;
  readonly state: string;
  readonly detail: string;
  readonly mend?: string;
}

interface Diagnosis {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly mended?: readonly { done: boolean; text: string }[];
  readonly exitCode: number;
}

const claude = ({ env }: World) => env["CLAUDE_CONFIG_DIR"] ?? "";
const data = (world: World) => join(claude(world), "data");
const database = (world: World) => join(data(world), "session-buddy.db");
const settings = (world: World) => join(claude(world), "settings.json");

/** Writes one conversation of this world's project, changed a minute before the world's clock. */
function talk(world: World, sessionId: string, words: string, ageMs = 60_000): string {
  const transcript = new Transcript({ cwd: world.project, sessionId, start: NOW - ageMs });
  transcript.prompt(words);
  transcript.answer(`About that: ${words}.`);
  const path = transcript.writeTo(join(claude(world), "projects"));
  const at = (NOW - ageMs) / 1_000;
  utimesSync(path, at, at);
  return path;
}

/** A world that is set up, with one conversation that is kept. */
async function sound(): Promise<World> {
  const world = makeWorld();
  await runBinary("setup", world);
  talk(world, "c-0", "the wombat proxy listens on port 8443");
  await runBinary("ingest --all", world);
  return world;
}

async function doctor(world: World, ...args: string[]): Promise<Diagnosis> {
  const { stdout, stderr, exitCode } = await runBinary(["doctor", "--json", ...args], world);
  expect(stderr).toBe("");
  return { ...JSON.parse(stdout), exitCode };
}

const broken = ({ checks }: Diagnosis) =>
  checks.filter(({ state }) => state === "broken").map(({ name }) => name);
const find = ({ checks }: Diagnosis, name: string) => checks.find((check) => check.name === name);

type Settings = Record<string, Record<string, unknown>>;

function edit(path: string, change: (value: Settings) => void): void {
  const value = JSON.parse(readFileSync(path, "utf8"));
  change(value);
  writeFileSync(path, JSON.stringify(value, null, 2));
}

function sql(world: World, ...statements: string[]): void {
  const db = new Database(database(world));
  for (const statement of statements) db.run(statement);
  db.close();
}

/**
 * Runs `sb` as a user whom the modes of files bind: root is bound by none of them, unless it gives up
 * the two capabilities that say so.
 */
async function bound(world: World, ...args: string[]) {
  const drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"];
  const before = process.getuid?.() === 0 ? drop : [];
  return spawned(world, [...before, binary(), ...args]);
}

async function spawned(world: World, command: string[], stdin = "") {
  const child = Bun.spawn(command, {
    cwd: world.project,
    env: { ...world.env },
    stdin: new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, exitCode] = await Promise.all([child.stdout.text(), child.exited]);
  return { stdout, exitCode };
}

test("a sound memory is said to be one, and looking at it leaves no trace in it", async () => {
  const world = await sound();
  const before = readdirSync(claude(world), { recursive: true }).toSorted();
  const stats = await runBinary("memory stats --json", world);

  const found = await doctor(world);
  const text = await runBinary("doctor", world);

  expect([broken(found), found.ok, found.exitCode]).toEqual([[], true, 0]);
  expect(found.checks.map(({ name }) => name)).toEqual([
    ...["hooks", "server", "commands", "claude", "hook log", "transcripts", "history", "parser"],
    ...["database", "index", "disk", "permissions", "leftovers", "model", "config", "canary"],
  ]);
  expect(find(found, "canary")?.detail).toMatch(
    /^hook → transcript → memory → search in \d+ ms, as registered/,
  );
  expect(text.stdout).toMatch(/^[✓!] canary +hook →/m);
  expect(text.stdout).toEndWith("Everything that is said is kept.\n");
  const after = readdirSync(claude(world), { recursive: true }).toSorted();
  expect(after.filter((path) => !/-(wal|shm)$/.test(String(path)))).toEqual(
    before.filter((path) => !/-(wal|shm)$/.test(String(path))),
  );
  const again = JSON.parse((await runBinary("memory stats --json", world)).stdout);
  const first = JSON.parse(stats.stdout);
  expect([again.total, again.by_kind, again.by_project]).toEqual([
    first.total,
    first.by_kind,
    first.by_project,
  ]);
  const bytes = readFileSync(database(world), "latin1");
  expect(bytes).not.toMatch(/trial:canary|canary[0-9a-f]{16}/);
});

test("a machine without sb is told what to do, and no store is made for it", async () => {
  const world = makeWorld();

  const found = await doctor(world);

  expect([broken(found), found.exitCode]).toEqual([["hooks", "server"], 6]);
  expect(find(found, "hooks")).toMatchObject({ mend: "sb setup" });
  expect(existsSync(claude(world))).toBe(false);
});

/** What is broken in a sound world; its check, a word of what is said, and the command that mends it. */
const BREAKS: readonly (readonly [
  what: string,
  act: (world: World) => void,
  name: string,
  detail: RegExp,
  mend: RegExp,
])[] = [
  [
    "a hook that is gone from the settings",
    (world) => edit(settings(world), (value) => void delete value["hooks"]?.["Stop"]),
    "hooks",
    /^no hook for Stop$/,
    /^sb setup$/,
  ],
  [
    "hooks that are switched off",
    (world) => edit(settings(world), (value) => Object.assign(value, { disableAllHooks: true })),
    "hooks",
    /switched off/,
    /take "disableAllHooks" out of .*settings\.json$/,
  ],
  [
    "hooks that the project switches off",
    ({ project }) => {
      mkdirSync(join(project, ".claude"));
      writeFileSync(join(project, ".claude/settings.local.json"), '{"disableAllHooks":true}');
    },
    "hooks",
    /switched off in .*settings\.local\.json/,
    /take "disableAllHooks"/,
  ],
  [
    "settings that are no JSON",
    (world) => writeFileSync(settings(world), '{"hooks": {'),
    "hooks",
    /settings\.json: it is no valid JSON at line 1/,
    /mend that file/,
  ],
  [
    "a server that is gone",
    (world) =>
      edit(join(claude(world), ".claude.json"), (value) => void delete value["mcpServers"]),
    "server",
    /no MCP server/,
    /^sb setup$/,
  ],
  [
    "rows that nobody knows",
    (world) => {
      const rows = Array.from({ length: 80 }, (_, n) => `{"type":"thought-v9","uuid":"x-${n}"}\n`);
      const path = talk(world, "c-9", "what is new in this version");
      writeFileSync(path, rows.join(""), { flag: "a" });
      const read = Bun.spawnSync([binary(), "ingest", "--all"], { env: { ...world.env } });
      expect(read.exitCode).toBe(0);
    },
    "parser",
    /% of the rows read last are of types that this sb does not know/,
    /newer sb/,
  ],
  [
    "a transcript that nobody read",
    (world) => void talk(world, "c-8", "said long ago", 3 * DAY_MS),
    "transcripts",
    /1 file not read for an hour and more/,
    /^sb ingest --all$/,
  ],
  [
    "a transcript that the client deletes before it is kept",
    (world) => void talk(world, "c-7", "said a month ago", 28 * DAY_MS),
    "history",
    /after 30 days: 1 transcript of 1 session not kept yet go within 7 days, the first 2026-01-04/,
    /^sb ingest --all$/,
  ],
  [
    "the same by the days of the settings",
    (world) => {
      edit(settings(world), (value) => Object.assign(value, { cleanupPeriodDays: 5 }));
      talk(world, "c-7", "said three days ago", 3 * DAY_MS);
    },
    "history",
    /after 5 days: 1 transcript/,
    /^sb ingest --all$/,
  ],
  [
    "a database that is none",
    (world) => {
      for (const end of ["", "-wal", "-shm"]) rmSync(`${database(world)}${end}`, { force: true });
      writeFileSync(database(world), "no database at all, by far".repeat(1_000));
    },
    "database",
    /damaged/,
    /^mkdir (\S+\.damaged) && mv \S+session-buddy\.db \1 && sb ingest --all$/,
  ],
  [
    "a memory that is not in the index",
    (world) => sql(world, "DELETE FROM document_fts WHERE rowid = 1"),
    "index",
    /^1 memories, 0 of them in the index/,
    /^sb doctor --fix$/,
  ],
  [
    "a place in a transcript that is lost",
    (world) => sql(world, "UPDATE transcript_file SET cursor = '{\"off'"),
    "index",
    /1 transcript cannot be read on/,
    /^sb doctor --fix$/,
  ],
  [
    "a configuration that is wrong",
    (world) => writeFileSync(join(claude(world), "session-buddy.json"), '{"ignore":"~/private"}'),
    "config",
    /session-buddy\.json: ignore: /,
    /session-buddy\.json$/,
  ],
];

describe("named with what mends it is", () => {
  test.each(BREAKS)("%s", async (_what, act, name, detail, mend) => {
    const world = await sound();

    act(world);
    const found = await doctor(world);
    const text = await runBinary("doctor", world);

    expect(broken(found)).toContain(name);
    expect(find(found, name)?.detail).toMatch(detail);
    expect(find(found, name)?.mend).toMatch(mend);
    expect([found.ok, found.exitCode, text.exitCode]).toEqual([false, 6, 6]);
    expect(text.stdout).toContain(`✗ ${name}`);
    expect(text.stdout).toContain(`→ ${find(found, name)?.mend}`);
  });

  test("a damaged store, and doing what is said makes it anew", async () => {
    const world = await sound();
    const open = new Database(database(world)); // its log stays behind
    open.run("UPDATE setting SET value = value");
    for (const offset of [0, 16_384, 32_768]) {
      const noise = Buffer.alloc(16_384, "noise");
      writeFileSync(database(world), noise, { flag: offset === 0 ? "w" : "a" });
    }

    const found = await doctor(world);
    const path = `${dirname(binary())}:${world.env["PATH"]}`;
    const told = { ...world, env: { ...world.env, PATH: path } };
    const mended = await spawned(told, ["sh", "-c", find(found, "database")?.mend ?? "false"]);
    const after = await doctor(world);
    const search = await runBinary("search 'wombat proxy' --json", world);
    open.close();

    expect(broken(found)).toContain("database");
    expect([mended.exitCode, broken(after)]).toEqual([0, []]);
    expect(JSON.parse(search.stdout).total).toBe(1);
  });

  test("the plugin without its program", async () => {
    const world = makeWorld();
    mkdirSync(claude(world));
    writeFileSync(settings(world), '{"enabledPlugins":{"session-buddy@market":true}}');

    const without = await doctor(world);
    const PATH = `${dirname(binary())}:${world.env["PATH"]}`;
    const found = await doctor({ ...world, env: { ...world.env, PATH } });

    expect(broken(without)).toContain("hooks");
    expect(find(without, "hooks")?.detail).toBe("sb is not on PATH");
    expect(find(without, "hooks")?.mend).toStartWith("ln -sf ");
    expect(broken(found)).toEqual([]);
    expect(find(found, "canary")?.detail).toContain("as the plugin calls it");
  });

  test("a program that was moved, and one that is not sb's", async () => {
    const world = makeWorld();
    const own = join(world.env["HOME"] ?? "", "bin", "sb");
    mkdirSync(dirname(own));
    copyFileSync(binary(), own);
    chmodSync(own, 0o755);
    await spawned(world, [own, "setup"]);

    renameSync(own, `${own}-old`);
    const moved = await doctor(world);
    const status = JSON.parse((await runBinary("status --json", world)).stdout);
    writeFileSync(own, "#!/bin/sh\nexit 3\n", { mode: 0o755 });
    const other = await doctor(world);

    expect(broken(moved)).toEqual(["hooks", "server", "canary"]);
    expect(find(moved, "hooks")).toMatchObject({ detail: `${own} is not there`, mend: "sb setup" });
    expect(find(other, "hooks")?.detail).toContain("does not run (exit 3)");
    expect(status.recording).toMatchObject({ ok: false });
    expect(status.recording.links[0].detail).toContain(`start ${own}, which is not there`);
  });

  test("transcripts that cannot be read", async () => {
    const world = await sound();
    const folder = join(claude(world), "projects");

    chmodSync(folder, 0o000);
    const { stdout, exitCode } = await bound(world, "doctor", "--json");
    const status = await bound(world, "status", "--json");
    chmodSync(folder, 0o700);

    const found = { ...JSON.parse(stdout), exitCode };
    expect([broken(found), exitCode]).toEqual([["transcripts"], 6]);
    expect(find(found, "transcripts")?.mend).toBe(`chmod -R u+rX ${folder}`);
    expect(JSON.parse(status.stdout).recording.links[1]).toMatchObject({ ok: false });
  });

  test("a store that is read-only, whose next sessions are told so", async () => {
    const world = await sound();
    const input = { session_id: "c-1", cwd: world.project, source: "startup" };
    const start = () => ["hook", "SessionStart"];

    for (const name of readdirSync(data(world))) chmodSync(join(data(world), name), 0o500);
    chmodSync(database(world), 0o400);
    chmodSync(data(world), 0o500);
    const { stdout, exitCode } = await bound(world, "doctor", "--json");
    const drop = process.getuid?.() === 0;
    const prefix = drop
      ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
      : [];
    const told = [];
    for (const _ of [1, 2]) {
      told.push(await spawned(world, [...prefix, binary(), ...start()], JSON.stringify(input)));
    }
    chmodSync(data(world), 0o700);

    const found = { ...JSON.parse(stdout), exitCode };
    expect(broken(found)).toContain("database");
    expect(find(found, "database")?.detail).toContain("read-only");
    expect(find(found, "database")?.mend).toBe(`chmod -R u+rwX ${data(world)}`);
    expect(exitCode).toBe(6);
    expect(told[0]?.stdout).toBe("");
    expect(JSON.parse(told[1]?.stdout ?? "")).toEqual({
      systemMessage: `sb does not record: the database is read-only: ${database(world)}: run sb doctor`,
    });
  });

  test("a disk that takes no more bytes", async () => {
    const world = await sound();

    const full = `ulimit -f 64; trap '' XFSZ; exec "$0" doctor --json`;
    const { stdout, exitCode } = await spawned(world, ["sh", "-c", full, binary()]);

    const found = { ...JSON.parse(stdout), exitCode };
    expect(broken(found)).toContain("database");
    expect(find(found, "database")?.detail).toContain("the disk is full");
    expect(find(found, "database")?.mend).toBe(`df -h ${data(world)}`);
    expect(exitCode).toBe(6);
  });
});

test("--fix mends what is ours, and no memory is lost", async () => {
  const world = await sound();
  edit(settings(world), (value) => void delete value["hooks"]?.["Stop"]);
  edit(join(claude(world), ".claude.json"), (value) => void delete value["mcpServers"]);
  rmSync(join(claude(world), "commands", "start.md"));
  sql(world, "DELETE FROM document_fts", "UPDATE transcript_file SET cursor = 'x'");
  talk(world, "c-7", "the marmot said this a month ago", 28 * DAY_MS);
  chmodSync(database(world), 0o644);
  const draft = join(data(world), `x.${crypto.randomUUID()}.tmp`);
  writeFileSync(draft, "half");
  utimesSync(draft, 1_000, 1_000);

  const found = await doctor(world, "--fix");
  const search = async (words: string) =>
    JSON.parse((await runBinary(["search", words, "--json"], world)).stdout).total;

  expect([broken(found), found.exitCode]).toEqual([[], 0]);
  for (const name of ["commands", "permissions", "leftovers"]) {
    expect(find(found, name)).toMatchObject({ name, state: "ok" });
  }
  expect(found.mended?.every(({ done }) => done)).toBe(true);
  expect(await search("wombat proxy")).toBe(1);
  expect(await search("marmot")).toBe(1);
  expect(existsSync(draft)).toBe(false);
  expect(statSync(database(world)).mode & 0o777).toBe(0o600);
});

test("--fix keeps a history for which there was no store yet", async () => {
  const world = makeWorld();
  talk(world, "c-0", "the wombat proxy listens on port 8443", 2 * 3_600_000);

  const { mended } = await doctor(world, "--fix");
  const found = await runBinary(["search", "wombat proxy", "--json"], world);

  expect(mended).toContainEqual({ done: true, text: "read 1 transcript: 1 memory more" });
  expect(JSON.parse(found.stdout).total).toBe(1);
});

test("what a killed canary left is removed by the next", async () => {
  const world = await sound();
  const left = join(data(world), "canary-999999-1", "projects");
  mkdirSync(left, { recursive: true });

  const found = await doctor(world);

  expect(broken(found)).toEqual([]);
  expect(readdirSync(data(world)).filter((name) => name.startsWith("canary"))).toEqual([]);
});

describe("status tells the hook's link", () => {
  const link = async (world: World) => {
    const { recording } = JSON.parse((await runBinary("status --json", world)).stdout);
    return { ok: recording.ok, ...recording.links[0] };
  };
  const start = (world: World, id: string) =>
    runBinary(
      ["hook", "SessionStart"],
      world,
      JSON.stringify({ session_id: id, cwd: world.project, source: "startup" }),
    );

  test("as it is: never set up, set up, fired, gone", async () => {
    const world = makeWorld();

    const never = await link(world);
    await runBinary("setup", world);
    const set = await link(world);
    await start(world, "c-1");
    const fired = await link(world);
    edit(settings(world), (value) => void delete value["hooks"]);
    const gone = await link(world);

    expect([never.ok, never.name, never.last_at]).toEqual([true, "hook", null]);
    expect(never.detail).toContain("sb setup");
    expect([set.ok, set.detail]).toEqual([true, "none has fired yet"]);
    expect(fired.detail).toStartWith("last fired: SessionStart 2026-01-02T03:04");
    expect(gone).toMatchObject({ ok: false, detail: expect.stringContaining("run sb setup") });
  });

  test("a conversation that goes on without a hook is a broken one", async () => {
    const world = await sound();
    await start(world, "c-1");
    const later = { ...world, env: { ...world.env, SB_NOW: "2026-01-05T03:04:05Z" } };
    utimesSync(settings(world), NOW / 1_000, NOW / 1_000);
    talk(world, "c-2", "nobody was told of this", -2 * DAY_MS);

    const silent = await link(later);
    const found = await doctor(later);
    const told = await start(later, "c-3");

    expect(silent).toMatchObject({ ok: false, name: "hook" });
    expect(silent.detail).toContain("went on at 2026-01-04T03:04");
    expect(find(found, "hooks")).toMatchObject({ state: "broken", detail: silent.detail });
    // The hook that tells it holds again, and what was missed is still not read.
    expect(JSON.parse(told.stdout).systemMessage).toContain(
      ": transcript: newest transcript changed",
    );
  });

  test("rows that the client writes behind the last turn break nothing", async () => {
    const world = await sound();
    const path = talk(world, "c-0", "the wombat proxy listens on port 8443");
    writeFileSync(path, '{"type":"cost-state","sessionId":"c-0"}\n', { flag: "a" });
    utimesSync(path, NOW / 1_000 + 5, NOW / 1_000 + 5);
    const later = { ...world, env: { ...world.env, SB_NOW: "2026-01-04T03:04:05Z" } };

    const { recording } = JSON.parse((await runBinary("status --json", later)).stdout);
    const found = await doctor(later);
    const monthLater = await doctor({
      ...world,
      env: { ...world.env, SB_NOW: "2026-01-29T00:00:00Z" },
    });

    expect(recording.links[1]).toMatchObject({ name: "transcript", ok: true });
    expect([broken(found), find(found, "transcripts")?.state]).toEqual([[], "ok"]);
    expect(find(monthLater, "history")?.state).toBe("warn");
  });

  test("a session is told that what is read is of no known format, and nothing when all is well", async () => {
    const world = await sound();

    const well = await start(world, "c-1");
    sql(world, "UPDATE transcript_file SET rows = 100, unknown_rows = 80");
    const broken = await start(world, "c-2");

    expect(well.stdout).not.toContain("systemMessage");
    expect(JSON.parse(broken.stdout).systemMessage).toMatch(/^sb does not record: parser: \d+ %/);
  });
});
