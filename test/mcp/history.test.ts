import { Database } from "bun:sqlite";
import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";
import { openDatabase } from "../../core/storage/database.ts";
import { binary } from "../support/binary.ts";
import { type Home, INITIALIZE, makeHome, type RawServer, startRaw } from "../support/mcp.ts";
import { Transcript } from "../support/transcript.ts";

const sb = binary();
const FILES = 12;
/** Longest that reading may take here: a multiple, for a busy machine. */
const READ_WITHIN_MS = 30_000;

const servers: RawServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.kill("SIGKILL");
});

/** A history of other projects, some seconds of work, and one conversation of this one. */
function makeHistory({ exchanges }: { exchanges: number }): Home {
  const home = makeHome();
  for (let n = 0; n < FILES; n += 1) {
    const sessionId = `0d6f1f6a-0000-4000-8000-${String(n).padStart(12, "0")}`;
    const cwd = n === 0 ? home.folder : join(home.folder, `other-${n}`);
    const talk = new Transcript({ cwd, sessionId });
    for (let each = 0; each < exchanges; each += 1) {
      talk.prompt(`What does part ${n}.${each} cache, and for how long does it keep it?`);
      talk.answer(`Part ${n}.${each} keeps sessions for ${each} minutes. `.repeat(40));
    }
    talk.writeTo(join(home.folder, "claude", "projects"));
  }
  return home;
}

async function serve(home: Home, args: string[] = []): Promise<RawServer> {
  const server = startRaw([sb, "mcp", ...args], home);
  servers.push(server);
  await server.request("initialize", INITIALIZE);
  server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  return server;
}

interface History {
  readonly state: string;
  readonly files_done: number;
  readonly files_total: number;
}

async function historyOf(server: RawServer): Promise<History> {
  const { result } = await server.request("tools/call", { name: "status" });
  const told = result?.["structuredContent"] as { history: History } | undefined;
  return told?.history ?? { state: "unanswered", files_done: 0, files_total: 0 };
}

/** The facts in the store of `home`; none while it is not there. */
function fact(home: Home, name: string): string | undefined {
  try {
    using db = new Database(storeOf(home), { readonly: true });
    const row = db.query("SELECT value FROM setting WHERE name = ?").get(name);
    return (row as { value: string } | null)?.value;
  } catch {
    return undefined;
  }
}

const storeOf = (home: Home) => join(home.folder, "claude", "data", "session-buddy.db");

async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T | "never"> {
  const deadline = performance.now() + READ_WITHIN_MS;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) return "never";
    await Bun.sleep(5);
  }
}

const done = (server: RawServer) =>
  until(async () => {
    const history = await historyOf(server);
    return history.state === "done" ? history : undefined;
  });

test.each([
  ["killed", (server: RawServer) => server.kill("SIGKILL")],
  ["interrupted", (server: RawServer) => server.kill("SIGINT")],
  ["left", (server: RawServer) => server.closeInput()],
] as const)(
  "a server %s amidst the history leaves it to one that is started at once",
  async (_case, end) => {
    const home = makeHistory({ exchanges: 150 });
    const first = await serve(home);
    expect(await until(() => fact(home, "backfill_lease"))).toStartWith(`${first.pid}:`);

    end(first);
    await first.exited;
    expect(JSON.parse(fact(home, "backfill") ?? "{}")).not.toMatchObject({ state: "done" });
    const second = await serve(home);

    expect(await done(second)).toMatchObject({ files_done: FILES, files_total: FILES });
    using db = new Database(storeOf(home), { readonly: true });
    const rows = "SELECT sum(rows) AS rows, count(*) AS files FROM transcript_file";
    expect(db.query(rows).get()).toEqual({ rows: FILES * 150 * 2, files: FILES });
  },
  2 * READ_WITHIN_MS,
);

test(
  "a server beside the one that reads the history reads its own project, and takes over when it is killed",
  async () => {
    const home = makeHistory({ exchanges: 3 });
    // A process that has the lease and does nothing: what it leaves, the server must find.
    const holder = Bun.spawn(["sleep", "600"], { env: home.env });
    const store = openDatabase(storeOf(home));
    const lease = `${holder.pid}:0@${Date.now() + 600_000}`;
    store.run("INSERT INTO setting VALUES ('backfill_lease', ?)", [lease]);
    const server = await serve(home);

    const own = () =>
      store.query("SELECT 1 FROM transcript_file WHERE rows > 0").all().length === 1 || undefined;
    expect(await until(own)).toBe(true);
    await Bun.sleep(300);
    expect((await historyOf(server)).state).not.toBe("done");
    expect(own()).toBe(true);

    holder.kill("SIGKILL");
    await holder.exited;

    expect(await done(server)).toMatchObject({ files_done: FILES, files_total: FILES });
    store.close();
  },
  2 * READ_WITHIN_MS,
);

test.each([
  ["SIGTERM", (server: RawServer) => server.kill("SIGTERM")],
  ["the end of input", (server: RawServer) => server.closeInput()],
] as const)(
  "reading that a call asked for is cut off by %s, and the call is told",
  async (_case, end) => {
    const home = makeHistory({ exchanges: 600 });
    const server = await serve(home, ["--profile", "full"]);
    const call = server.request("tools/call", {
      name: "ingest_transcripts",
      arguments: { all: true },
    });
    const begun = () => fact(home, "backfill_lease");
    expect(await until(begun)).toStartWith(`${server.pid}:`);

    end(server);
    const { result } = await call;
    expect(await server.exited).toBe(0);

    expect(result).toMatchObject({ isError: true });
    expect(JSON.stringify(result)).toContain("unavailable: sb ends");
  },
);
