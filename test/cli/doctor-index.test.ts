import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeWorld, runCli, type World } from "../support/harness.ts";
import { Transcript } from "../support/transcript.ts";

const database = ({ env }: World) =>
  join(env["CLAUDE_CONFIG_DIR"] ?? "", "data", "session-buddy.db");

/** A world with a note, and a conversation whose transcript the client has deleted since. */
async function remembered(): Promise<World> {
  const world = makeWorld();
  const transcript = new Transcript({ cwd: world.project, sessionId: "c-1" });
  transcript.prompt("the wombat proxy does not start");
  transcript.answer(
    "It lacks a port:\n```ts\nfunction startWombat() { return listen(8443); }\n```",
  );
  const output = "TypeError: wombatPort is undefined";
  transcript.tool({ name: "Bash", input: { command: "bun wombat.ts" }, output, isError: true });
  const words = Array.from({ length: 3_000 }, (_, n) => `a${n * 7_919}`).join(" ");
  transcript.answer(`Mended: ${words}`); // more than a page of the index
  const path = transcript.writeTo(join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "projects"));
  await runCli("ingest --all", world);
  writeFileSync(path, "");
  await runCli(["memory", "store", "The marmot gateway wants two tokens"], world);
  expect(await found(world)).toEqual([1, 1, 1, 1]);
  return world;
}

/** How many results searches have for: the conversation, the note, its code, its error. */
async function found(world: World): Promise<unknown[]> {
  const total = async (...argv: string[]) => {
    const { stdout, stderr, exitCode } = await runCli([...argv, "--json"], world);
    return exitCode === 0 ? JSON.parse(stdout).total : JSON.parse(stderr).error;
  };
  return [
    await total("search", "wombat proxy"),
    await total("search", "marmot gateway"),
    await total("find", "code", "startWombat"),
    await total("find", "errors", "TypeError: wombatPort is undefined"),
  ];
}

/** Where a table begins in the file. */
function rootOf(world: World, table: string): { start: number; size: number } {
  const db = new Database(database(world));
  db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  const sql = `SELECT rootpage, page_size AS size FROM sqlite_schema, pragma_page_size
    WHERE name = ?`;
  const row = db.query<{ rootpage: number; size: number }, [string]>(sql).get(table);
  db.close();
  const { rootpage, size } = row ?? { rootpage: 0, size: 0 };
  return { start: (rootpage - 1) * size, size };
}

/** Writes over blocks of a text index where they lie in the file, as a failing disk does. */
function damage(world: World, index: string, harm: (block: Buffer, id: number) => void): void {
  const { start } = rootOf(world, `${index}_data`);
  const db = new Database(database(world));
  const blocks = db
    .query<{ id: number; block: Uint8Array }, []>(`SELECT id, block FROM ${index}_data`)
    .all();
  db.close();
  const file = readFileSync(database(world));
  const isLeaf = file[start] === 13; // else its rows lie on other pages
  for (const { id, block } of blocks) {
    let at = file.indexOf(block, isLeaf ? start : 0);
    expect(at).toBeGreaterThan(0);
    for (; at > 0; at = isLeaf ? -1 : file.indexOf(block, at + 1)) {
      harm(file.subarray(at, at + block.length), id);
    }
  }
  writeFileSync(database(world), file);
}

/** Puts an empty page in the place of the one on which `table` begins. */
function emptied(world: World, table: string): void {
  const { start, size } = rootOf(world, table);
  const file = readFileSync(database(world));
  const page = file.subarray(start, start + size);
  page.fill(0, 1);
  page.writeUInt16BE(size, 5); // where its cells begin: at its end, and there are none
  writeFileSync(database(world), file);
}

/** The record of an index's structure, and the least id of its pages. */
const STRUCTURE = 10;
const FIRST_PAGE = 100;

const HARMS: Readonly<Record<string, (world: World, index: string) => void>> = {
  "pages of zeros": (world, index) =>
    damage(world, index, (block, id) => void (id > FIRST_PAGE && block.fill(0))),
  "a structure of no pages": (world, index) =>
    damage(world, index, (block, id) => void (id === STRUCTURE && block.fill(0, 8))),
  "a structure of noise": (world, index) =>
    damage(world, index, (block, id) => void (id === STRUCTURE && block.fill(0x7f, 8))),
};

const NO_LIST = (world: World) => emptied(world, "document_fts_idx");

async function doctor(world: World, ...args: string[]) {
  const { stdout } = await runCli(["doctor", "--json", ...args], world);
  const { checks, mended } = JSON.parse(stdout) as {
    checks: { name: string; state: string; detail: string; mend?: string }[];
    mended?: { done: boolean; text: string }[];
  };
  const broken = checks.filter(
    ({ state, name }) => state === "broken" && /^(?:database|index)$/.test(name),
  );
  return { broken, mended };
}

test.each([...Object.entries(HARMS), ["no list of its pages", NO_LIST] as const])(
  "an index of words with %s is seen, and --fix makes it anew without loss",
  async (_how, act) => {
    const world = await remembered();

    act(world, "document_fts");
    const { broken } = await doctor(world);
    const { broken: left, mended } = await doctor(world, "--fix");

    expect(broken.map(({ name }) => name)).toContain("index");
    expect(new Set(broken.map(({ mend }) => mend))).toEqual(new Set(["sb doctor --fix"]));
    expect(mended).toContainEqual({ done: true, text: "the index of words is made anew" });
    expect(left).toEqual([]);
    expect(await found(world)).toEqual([1, 1, 1, 1]);
  },
);

test.each(
  ["code", "error"].flatMap((name) =>
    Object.entries(HARMS).map((harm) => [name, ...harm] as const),
  ),
)("so is the index of %s with %s", async (name, _how, act) => {
  const world = await remembered();

  act(world, `${name}_fts`);
  const { broken } = await doctor(world);
  const { broken: left, mended } = await doctor(world, "--fix");

  expect(broken.map(({ name }) => name)).toContain("index");
  expect(broken.find(({ name }) => name === "index")?.detail).toContain(`index of ${name}`);
  expect(new Set(broken.map(({ mend }) => mend))).toEqual(new Set(["sb doctor --fix"]));
  expect(mended).toContainEqual({
    done: true,
    text: "the indexes of code and errors are made anew",
  });
  expect(left).toEqual([]);
  expect(await found(world)).toEqual([1, 1, 1, 1]);
});

test("who meets a damaged index is sent to what loses nothing, never to moving the file away", async () => {
  const world = await remembered();

  HARMS["pages of zeros"]?.(world, "document_fts");
  const { stderr, exitCode } = await runCli("search 'wombat proxy' --json", world);

  const { error } = JSON.parse(stderr);
  expect([exitCode, error.code]).toEqual([7, "corrupt"]);
  expect(error.hint).toMatch(/^sb doctor --fix/);
  expect(error.hint).not.toContain("away");
});

test("a search does not say that nothing is there where the index has lost everything", async () => {
  const world = await remembered();
  const nothing = await runCli("search unheardof --json", world);

  HARMS["a structure of no pages"]?.(world, "document_fts");
  const { stderr, exitCode } = await runCli("search 'wombat proxy' --json", world);

  expect([nothing.exitCode, JSON.parse(nothing.stdout).total]).toEqual([0, 0]);
  expect(exitCode).toBe(7);
  expect(JSON.parse(stderr).error).toMatchObject({ code: "corrupt" });
  expect(JSON.parse(stderr).error.hint).toMatch(/^sb doctor --fix/);
});

test("texts of every kind are found by what the proof takes from them", async () => {
  const world = makeWorld();
  const texts = [
    "🎉 🎉",
    "数据库连接池设置为二十",
    "サーバーを再起動する",
    "настройка сервера",
    "Ünïcödé näïve",
    "𞤀𞤣𞤤𞤢𞤥", // letters that SQLite does not know yet
    "a b c 1 2",
    "x".repeat(5_000),
    "HTTPServer_userName-v2.0.1",
    "İstanbul ẞ ﬁ ① Ⅷ",
    "-- ** --",
  ];
  for (const text of texts) await runCli(["memory", "store", text], world);

  expect((await doctor(world)).broken).toEqual([]);
});

test("a file that is no database any more is put aside whole, its log too, beside an older one", async () => {
  const world = await remembered();
  const folder = join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "data");
  mkdirSync(`${database(world)}.damaged`);
  const open = new Database(database(world)); // its log stays behind
  open.run("UPDATE setting SET value = value");
  writeFileSync(database(world), Buffer.alloc(16_384 * 3, "noise"));

  const { broken } = await doctor(world);
  const mend = broken.find(({ name }) => name === "database")?.mend ?? "";
  const aside = mend.replace(/&& sb ingest --all$/, "");
  const { exitCode } = Bun.spawnSync(["sh", "-c", aside], { env: { ...world.env } });
  open.close();

  expect(mend).toMatch(/^mkdir .* && mv .* && sb ingest --all$/);
  expect(exitCode).toBe(0);
  const left = readdirSync(folder).filter((name) => /^session-buddy\.db/.test(name));
  expect(left.sort()).toEqual(["session-buddy.db.damaged", "session-buddy.db.damaged-2"]);
  expect(readdirSync(join(folder, "session-buddy.db.damaged-2")).sort()).toEqual([
    "session-buddy.db",
    "session-buddy.db-shm",
    "session-buddy.db-wal",
  ]);
});
