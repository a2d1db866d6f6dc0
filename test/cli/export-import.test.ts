import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { makeWorld, runBinary, runCli, type World } from "../support/harness.ts";
import { Transcript } from "../support/transcript.ts";

binary();

const INSIGHT = [
  "Done.",
  `\`★ Insight ${"─".repeat(37)}\``,
  "A closed pool answers with ECONNRESET, so retry only idempotent queries after a restart.",
  `\`${"─".repeat(49)}\``,
].join("\n");

/** A home with two projects that talked, a note, an insight met twice, a hand-off. */
async function lived(): Promise<World> {
  const world = makeWorld();
  const projects = join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "projects");
  const other = join(world.env["HOME"] ?? "", "auth-service");
  mkdirSync(other);
  for (const [n, cwd] of [world.project, other].entries()) {
    const talk = new Transcript({ sessionId: `0d6f1f6a-0000-4000-8000-00000000000${n}`, cwd });
    talk.prompt(`Why does the pool fail after the restart of ${n}? 漢字かな parseHTTPHeader`);
    talk.tool({
      name: "Edit",
      input: { file_path: join(cwd, "src/pool.ts"), old_string: "a", new_string: "b" },
      output: "ok",
    });
    talk.tool({
      name: "Bash",
      input: { command: "bun test pool" },
      output: "Error: ECONNRESET at pool.ts:12",
      isError: true,
    });
    talk.answer(INSIGHT);
    talk.prompt('And the \u0000 emoji 🙂 "quoted" one?');
    talk.answer("It stays.");
    talk.row({ type: "custom-title", customTitle: `Pools ${n}`, sessionId: talk.sessionId });
    talk.writeTo(projects);
  }
  await runBinary("start", world);
  await runBinary("ingest --all", world);
  await runBinary(["memory", "store", "Tokens expire after 15 minutes", "--tags", "auth"], world);
  await runBinary(["checkpoint", "before the refactoring"], world);
  await runBinary("end", world);
  return world;
}

/** Everything that can be asked of a memory, as it is answered. */
async function answers(world: World, ids: readonly string[]): Promise<string[]> {
  const lines = [
    ...["pool restart", "ECONNRESET", "tokens", "header", "漢字", "refactoring", "pools"].map(
      (query) => `search '${query}' --limit 100 --max-tokens 50000`,
    ),
    "memory summary pool",
    "insight search --limit 100",
    "insight stats",
    "session list --limit 100",
    "find file pool.ts",
    ...ids.map((id) => `memory show ${id} --max-tokens 50000`),
  ];
  const all: string[] = [];
  for (const line of lines) {
    const { stdout, exitCode } = await runBinary(line, world);
    expect([line, exitCode]).toEqual([line, 0]);
    all.push(stdout.replace(/"cursor":"[^"]*",?/g, ""));
  }
  return all;
}

/** A second, empty home whose commands run in the folder of the first. */
function emptyBeside(world: World): World {
  const claude = mkdtempSync(join(world.env["HOME"] ?? "", "claude-"));
  return { project: world.project, env: { ...world.env, CLAUDE_CONFIG_DIR: claude } };
}

function recordsOf(text: string): { type: string; [key: string]: unknown }[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("an export imported into an empty store gives the same memory, and the same export", async () => {
  const world = await lived();
  const file = join(world.project, "memory.jsonl");
  const copy = emptyBeside(world);

  const exported = await runBinary(["export", file], world);
  const imported = await runBinary(["import", file], copy);
  const again = await runBinary("export -", copy);

  expect([exported.exitCode, imported.exitCode, again.exitCode]).toEqual([0, 0, 0]);
  const text = readFileSync(file, "utf8");
  expect(again.stdout).toBe(text);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(world.project).filter((name) => name.includes(".tmp"))).toEqual([]);
  const types = new Set(recordsOf(text).map(({ type }) => type));
  expect([...types].sort()).toEqual(
    // "handoff" is both a memory and a part of its session
    [
      "checkpoint",
      "conversation",
      "exchange",
      "handoff",
      "header",
      "insight",
      "project",
      "reflection",
      "session",
    ],
  );
  const ids = recordsOf(text).flatMap(({ id, content }) => (content && id ? [String(id)] : []));
  expect(ids.length).toBeGreaterThan(6);
  expect(await answers(copy, ids)).toEqual(await answers(world, ids));
}, 120_000);

test("importing twice changes nothing, and a longer reading of an exchange replaces a shorter", async () => {
  const world = await lived();
  const copy = emptyBeside(world);
  const { stdout } = await runBinary("export -", world);
  const [head, ...rest] = stdout.split("\n");
  const cut = rest.map((line) => {
    const record = line ? JSON.parse(line) : {};
    if (record.type !== "exchange") return line;
    const { passages, ...shorter } = record;
    return JSON.stringify({ ...shorter, content: record.content.slice(0, 12), passages: [] });
  });

  const short = await runBinary("import - --json", copy, [head, ...cut].join("\n"));
  const first = await runBinary("import - --json", copy, stdout);
  const second = await runBinary("import - --json", copy, stdout);

  const exchanges = recordsOf(stdout).filter(({ type }) => type === "exchange").length;
  expect(JSON.parse(short.stdout)).toMatchObject({ updated: 0, skipped: 0 });
  expect(JSON.parse(first.stdout)).toMatchObject({ imported: 0, updated: exchanges });
  expect(JSON.parse(second.stdout)).toMatchObject({ imported: 0, updated: 0, skipped: 0 });
  expect((await runBinary("export -", copy)).stdout.split("\n").sort()).toEqual(
    stdout.split("\n").sort(),
  );
}, 60_000);

test("project, kind and since narrow an export", async () => {
  const world = await lived();

  const only = await runBinary(
    "export - --project auth-service --kind exchange --kind insight --since 2026-01-02",
    world,
  );
  const none = await runBinary("export - --since 2027-01-01", world);
  const unknown = await runBinary("export - --project nowhere", world);

  const records = recordsOf(only.stdout);
  expect(records.map(({ type }) => type).sort()).toEqual([
    "exchange",
    "exchange",
    "header",
    "insight",
    "project",
  ]);
  expect(recordsOf(none.stdout).filter(({ content }) => content)).toEqual([]);
  expect([unknown.exitCode, unknown.stdout]).toEqual([3, ""]);
}, 60_000);

test("a paused project is left out unless it is asked for, and the rest does not tell of it", async () => {
  const world = await lived();
  const other = join(world.env["HOME"] ?? "", "auth-service");
  await runBinary(["pause", "--project", other], world);

  const open = await runBinary("export -", world);
  const all = await runBinary("export - --hidden", world);

  const shared = recordsOf(open.stdout).find(({ type }) => type === "insight");
  expect(open.stderr).toContain("1 paused or ignored project left out");
  expect(open.stdout).not.toContain("auth-service");
  expect(shared?.["sightings"]).toHaveLength(1);
  expect(all.stdout).toContain("auth-service");
}, 60_000);

const NOTE =
  '{"type":"reflection","content":"Use WAL for readers","tags":["sqlite"],"project":"db"}';

describe("notes by hand", () => {
  test("need a type and a content, and are found at once", async () => {
    const world = makeWorld();
    const lines = `\uFEFF${NOTE}\r\n\r\n{"type":"insight","content":"A lock held is a lock fought for.","weight":3}`;

    const imported = await runBinary("import - --no-embed --json", world, lines);
    const found = JSON.parse((await runBinary("search 'WAL readers'", world)).stdout);

    expect(JSON.parse(imported.stdout)).toMatchObject({
      imported: 2,
      by_type: { reflection: 1, insight: 1 },
      ignored_keys: { weight: 1 },
    });
    expect(found.hits[0]).toMatchObject({ kind: "reflection", project: "db", tags: ["sqlite"] });
  });

  test("are redacted on the way in, wherever the secret stands", async () => {
    const world = makeWorld();
    const secret = `ghp_${"A1b2C3d4E5f6".repeat(3)}`;
    const record = {
      type: "exchange",
      content: `The key is ${secret}.`,
      title: secret,
      tags: [secret],
      tools: `deploy --token ${secret}`,
      branch: secret,
      project: `p ${secret}`,
      detail: { [secret]: { deep: [secret] } },
      files: [[`/srv/${secret}`, "read"]],
      [secret]: 1,
    };

    const imported = await runBinary("import - --json", world, JSON.stringify(record));
    const exported = await runBinary("export -", world);

    expect(imported.exitCode).toBe(0);
    const data = join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "data");
    const bytes = readdirSync(data).map((name) => readFileSync(join(data, name)));
    expect(bytes.some((file) => file.includes(secret))).toBe(false);
    expect(imported.stdout + exported.stdout).not.toContain(secret);
    expect(exported.stdout).toContain("[redacted:");
  });
});

describe("a bad file", () => {
  test.each([
    ["no JSON", "{oops", "line 2: not JSON"],
    ["a list", "[1]", "line 2: no JSON object"],
    ["null", "null", "line 2: no JSON object"],
    ["no type", "{}", "line 2: no type"],
    ["an unknown type", '{"type":"dream"}', 'line 2: unknown type "dream"'],
    ["a type that every object has", '{"type":"constructor"}', "line 2: unknown type"],
    ["no content", '{"type":"reflection"}', "line 2: content: "],
    ["an empty content", '{"type":"reflection","content":" \\n"}', "line 2: content: nothing"],
    ["a number for a content", '{"type":"reflection","content":7}', "line 2: content: "],
    ["text for tags", '{"type":"reflection","content":"x","tags":"a"}', "line 2: tags: "],
    ["no time", '{"type":"reflection","content":"x","created_at":"soon"}', "line 2: created_at: "],
    [
      "a 13th month",
      '{"type":"reflection","content":"x","created_at":"2026-13-01"}',
      "line 2: created_at",
    ],
    ["a rating of ten", '{"type":"insight","content":"x","rating":10}', "line 2: rating: "],
    [
      "places outside",
      '{"type":"exchange","content":"x","passages":[["u","user",0,9]]}',
      "line 2: passages: ",
    ],
    [
      "calls that are none",
      '{"type":"exchange","content":"x","detail":{"tools":[1]}}',
      "line 2: detail.tools.0: ",
    ],
    ["a NUL", "\u0000", "line 2: not JSON"],
    [
      "depth",
      `{"type":"exchange","content":"x","detail":{"a":${"[".repeat(200)}${"]".repeat(200)}}}`,
      "line 2: nested deeper",
    ],
    ["a million brackets", "[".repeat(1_000_000), "line 2: n"],
    [
      "a later format",
      '{"type":"header","format":"session-buddy","version":2}',
      "line 2: written in format 2",
    ],
  ])("with %s names the line and stores nothing", async (_what, line, says) => {
    const world = makeWorld();

    const { exitCode, stderr } = await runBinary("import -", world, `${NOTE}\n${line}\n`);

    expect([exitCode, JSON.parse(stderr).error.code]).toEqual([2, "invalid_input"]);
    expect(JSON.parse(stderr).error.message).toStartWith(says);
    const stats = JSON.parse((await runBinary("memory stats", world)).stdout);
    expect(stats.total).toBe(0);
  });

  test("is imported without its bad lines where that is asked for, and they are named", async () => {
    const world = makeWorld();
    const text = [NOTE, "{oops", '{"type":"dream"}', NOTE.replace("WAL", "STRICT")].join("\n");

    const { stdout } = await runBinary("import - --skip-bad --json", world, text);

    expect(JSON.parse(stdout)).toMatchObject({
      imported: 2,
      skipped: 2,
      bad: [
        { line: 2, problem: "not JSON" },
        { line: 3, problem: 'unknown type "dream"' },
      ],
    });
  });

  test.each([
    ["gzip", Bun.gzipSync(NOTE), "gzip"],
    ["a database", Buffer.from("SQLite format 3\0 and so on"), "a database"],
    ["UTF-16", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(NOTE, "utf16le")]), "UTF-16"],
    ["Latin-1", Buffer.from('{"type":"reflection","content":"caf\xe9"}', "latin1"), "not UTF-8"],
  ])("that is %s says so", async (_what, bytes, says) => {
    const world = makeWorld();
    const file = join(world.project, "in.jsonl");
    writeFileSync(file, bytes);

    const { exitCode, stderr } = await runBinary(["import", file], world);

    expect([exitCode, JSON.parse(stderr).error.message]).toEqual([
      2,
      expect.stringContaining(says),
    ]);
  });

  test("with a line of 100 MB is refused without holding it, and passed over on request", async () => {
    const world = makeWorld();
    const file = join(world.project, "in.jsonl");
    const long = `{"type":"reflection","content":"${"x".repeat(100_000_000)}"}`;
    writeFileSync(file, `${long}\n${NOTE}\n`);

    const refused = await runBinary(["import", file], world);
    const skipped = await runBinary(["import", file, "--skip-bad"], world);

    expect(JSON.parse(refused.stderr).error.message).toBe("line 1: longer than 64 MB");
    expect(JSON.parse(skipped.stdout)).toMatchObject({ imported: 1, skipped: 1 });
  });

  test("lone surrogates are made well-formed", async () => {
    const world = makeWorld();

    const { exitCode } = await runBinary("import -", world, NOTE.replace("WAL", "\\ud800"));
    const { stdout } = await runBinary("export -", world);

    expect(exitCode).toBe(0);
    expect(stdout).toContain("Use \ufffd for readers");
  });
});

describe("a place that cannot be", () => {
  test.each([
    ["import nowhere.jsonl", 3],
    ["import .", 2],
    ["import", 2],
    ["export .", 2],
    ["export no/such/folder/x.jsonl", 3],
    ["export", 2],
    ["export - --json", 2],
    ["export - --kind dream", 2],
    ["export - --since never", 2],
  ])("sb %s exits with %d and one line", async (line, code) => {
    const { exitCode, stdout, stderr } = await runBinary(line, makeWorld());

    expect([exitCode, stdout]).toEqual([code, ""]);
    expect(JSON.parse(stderr).error.message).not.toContain("\n");
  });

  test("an export that fails leaves the file that was there", async () => {
    const world = await lived();
    const file = join(world.project, "memory.jsonl");
    writeFileSync(file, "mine");

    const failed = await runBinary(["export", file, "--project", "nowhere"], world);

    expect(failed.exitCode).toBe(3);
    expect(readFileSync(file, "utf8")).toBe("mine");
    chmodSync(file, 0o644);
    expect((await runBinary(["export", file], world)).exitCode).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }, 30_000);
});

test("a conversation that lost one exchange is taken along without its title, one that lost all is not", async () => {
  const [world, home] = [makeWorld(), makeWorld()];
  const projects = join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "projects");
  const ids = [1, 2].map((n) => `0d6f1f6a-0000-4000-8000-00000000000${n}`);
  for (const [n, sessionId] of ids.entries()) {
    const talk = new Transcript({ sessionId, cwd: world.project });
    talk.prompt(`How is the zebra cache warmed in ${n}?`);
    talk.answer("By the warm script of the zebra.");
    if (n === 0) talk.prompt("Why is the lemur queue slow?");
    if (n === 0) talk.answer("The lemur queue blocks on its disk.");
    talk.row({ type: "custom-title", customTitle: "About the zebra", sessionId });
    talk.writeTo(projects);
  }
  const run = async (line: string, of: World) => {
    const { stdout, exitCode } = await runCli(line, of);
    return exitCode === 0 ? JSON.parse(stdout) : exitCode;
  };
  await runCli("ingest --all", world);
  await runCli("export before.jsonl", world);
  await runCli("forget --query zebra --yes", world);

  await runCli("export after.jsonl", world);
  for (const name of ["after", "before"]) {
    await runCli(["import", join(world.project, `${name}.jsonl`), "--json"], home);

    const { conversations } = await run("session list --json", home);
    expect(conversations).toMatchObject([{ conversation: ids[0] }]);
    expect(JSON.stringify(conversations)).not.toContain("zebra");
    expect(await run(`session show ${ids[0]} --json`, home)).toMatchObject({
      conversations: [ids[0]],
    });
    expect(await run(`session show ${ids[1]} --json`, home)).toBe(3);
  }
});

test("what a record says besides is counted by its key, whatever that is called", async () => {
  const world = makeWorld();
  const keys = ["constructor", "toString", "__proto__", "hasOwnProperty"];
  const extra = keys.map((key) => `"${key}":1`).join(",");
  const lines = [1, 2].map((n) => `{"type":"reflection","content":"A note ${n}",${extra}}`);

  writeFileSync(join(world.project, "notes.jsonl"), `${lines.join("\n")}\n`);
  const { stdout } = await runCli("import notes.jsonl --json", world);

  expect(Object.entries(JSON.parse(stdout).ignored_keys).sort()).toEqual(
    keys.map((key) => [key, 2] as [string, number]).sort(),
  );
});
