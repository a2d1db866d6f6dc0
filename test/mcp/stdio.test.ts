import { Database } from "bun:sqlite";
import { afterEach, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CAPABILITIES, entriesOf } from "../../core/capabilities.ts";
import { binary } from "../support/binary.ts";
import {
  connectBinary,
  type Home,
  INITIALIZE,
  makeHome,
  type RawServer,
  type Reply,
  startRaw,
} from "../support/mcp.ts";
import { makeRepository } from "../support/repository.ts";

const sb = binary();

/** Longest a server may outlive its end here: a multiple of what is promised, for a busy machine. */
const GONE_WITHIN_MS = 5_000;

const servers: RawServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.kill("SIGKILL");
});

function start(home = makeHome(), args: string[] = []): RawServer {
  const server = startRaw([sb, "mcp", ...args], home);
  servers.push(server);
  return server;
}

/** A server past its hand-shake, its session started and its store open. */
async function startReady(home = makeHome()): Promise<RawServer> {
  const server = start(home);
  await server.request("initialize", INITIALIZE);
  server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  await server.request("tools/call", { name: "status" });
  return server;
}

function within<T>(promise: Promise<T>): Promise<T | "still there"> {
  return Promise.race([promise, Bun.sleep(GONE_WITHIN_MS).then(() => "still there" as const)]);
}

test("the SDK's client finds tools, prompts and resources and calls a tool", async () => {
  const client = await connectBinary(sb, makeHome(), ["--profile", "full"]);

  const { tools } = await client.listTools();
  const { prompts } = await client.listPrompts();
  const { resources } = await client.listResources();
  const status = await client.callTool({ name: "status" });
  await client.close();

  expect(client.getServerVersion()?.name).toBe("session-buddy");
  expect(client.getInstructions()).toContain("quick_search");
  expect(tools.map(({ name }) => name)).toEqual(CAPABILITIES.map(({ name }) => name));
  expect(prompts.map(({ name }) => name)).toContain("checkpoint");
  expect(resources.map(({ uri }) => uri)).toContain("sb://session/current");
  expect(status.isError).toBeUndefined();
  expect(status.structuredContent).toMatchObject({ recording: { ok: expect.any(Boolean) } });
});

test("it speaks with a client that behaves as Claude Code does", async () => {
  const server = start();

  const probe = await server.request("server/discover", { _meta: {} });
  const hello = await server.request("initialize", INITIALIZE);
  server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  const lists = await Promise.all([
    server.request("tools/list"),
    server.request("prompts/list"),
    server.request("resources/list"),
  ]);

  expect(probe.error?.code).toBe(-32601);
  expect(hello.result).toMatchObject({
    protocolVersion: "2025-11-25",
    capabilities: { tools: {}, prompts: {}, resources: {} },
    serverInfo: { name: "session-buddy" },
  });
  expect(lists.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
  expect(lists[0]?.result).toMatchObject({
    tools: entriesOf("standard").map(({ name }) => ({ name })),
  });
});

test("the hand-shake and the lists leave the disk alone", async () => {
  const home = makeHome();
  const server = start(home);

  await server.request("initialize", INITIALIZE);
  await server.request("tools/list");
  server.closeInput();

  expect(await within(server.exited)).toBe(0);
  expect(existsSync(home.env["CLAUDE_CONFIG_DIR"] ?? "")).toBe(false);
});

test.each([
  ["an end in good order", "SIGINT", "left"],
  ["a kill", "SIGKILL", "active"],
] as const)(
  "in a git repository the session starts by itself; what %s by %s leaves of it is %s",
  async (_case, signal, state) => {
    const repository = makeRepository();
    const home = { ...makeHome(), folder: repository.folder };

    const server = await startReady(home);
    expect(statesIn(home)).toEqual(["active"]);
    server.kill(signal);
    await server.exited;

    expect(statesIn(home)).toEqual([state]);
    repository.remove();
  },
);

test("garbage of every kind neither ends it nor reaches standard output", async () => {
  const server = start();
  await server.request("initialize", INITIALIZE);

  server.send("hello\n\n\r\n{\n[]\n42\n\u0000\u0000\n");
  server.send(new Uint8Array([0xff, 0xfe, 0x0a, 0xc3, 0x28, 0x0a]));
  server.send(`${"x".repeat(20_000_000)}\n`);
  server.send(`[${JSON.stringify({ jsonrpc: "2.0", id: 500, method: "ping" })}]\n`);
  server.send({ jsonrpc: "2.0", id: 501 });
  server.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 9 } });
  server.send({ jsonrpc: "2.0", method: "notifications/unheard", params: { of: true } });
  server.send({ jsonrpc: "2.0", id: 502, result: {} });
  const pong = await server.request("ping");

  expect(pong.result).toEqual({});
  const replies = server.lines.map((line) => JSON.parse(line) as Reply);
  expect(replies.map(({ jsonrpc, id }) => [jsonrpc, id])).toEqual([
    ["2.0", 1],
    ["2.0", 501],
    ["2.0", 2],
  ]);
});

test("requests before the hand-shake are answered, bad ones with a reason", async () => {
  const server = start();

  const [unknown, bad, key] = await Promise.all([
    server.request("tools/call", { name: "weather" }),
    server.request("tools/call", { name: "quick_search", arguments: { limit: 5 } }),
    server.request("tools/call", { name: "quick_search", arguments: { query: "x", limt: 5 } }),
  ]);

  const why = (reply: Reply | undefined) => reply?.result as { isError: boolean; content: unknown };
  const failure = (text: RegExp) => ({
    isError: true,
    content: [{ type: "text", text: expect.stringMatching(text) }],
  });
  expect(why(unknown)).toEqual(failure(/^invalid_input: unknown tool weather/));
  expect(why(bad)).toEqual(failure(/^invalid_input: query is missing$/));
  expect(why(key)).toEqual(failure(/^invalid_input: .*limt/));
});

test("what a pipe asks before it ends is answered whole", async () => {
  const server = start();
  const requests = Array.from({ length: 300 }, (_, index) => [
    { jsonrpc: "2.0", id: 1000 + index, method: "tools/list" },
  ]).flat();

  for (const request of requests) server.send(request);
  server.send({ jsonrpc: "2.0", id: 999, method: "tools/call", params: { name: "status" } });
  server.closeInput();

  expect(await within(server.exited)).toBe(0);
  const ids = server.lines.map((line) => (JSON.parse(line) as Reply).id);
  expect(new Set(ids).size).toBe(requests.length + 1);
});

test("the end of its input ends it", async () => {
  const server = await startReady();

  server.closeInput();

  expect(await within(server.exited)).toBe(0);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends it, its input open",
  async (signal) => {
    const server = await startReady();

    server.kill(signal);

    expect(await within(server.exited)).toBe(0);
  },
);

test("SIGINT, SIGTERM and the end of input in one go end it once", async () => {
  const server = await startReady();

  server.kill("SIGINT");
  server.kill("SIGTERM");
  server.closeInput();

  expect(await within(server.exited)).toBe(0);
});

test("it does not outlive a parent that is killed while the pipe is held open", async () => {
  // The shell is the parent; `sleep` holds the other end of the pipe and goes on.
  const script = `mkfifo pipe
    { echo "$2"; exec sleep 60; } > pipe & holder=$!
    "$1" mcp < pipe &
    echo "{\\"id\\":0,\\"result\\":[$!,$holder]}"; wait`;
  const hello = { jsonrpc: "2.0", id: 1, method: "initialize", params: INITIALIZE };
  const shell = startRaw(["sh", "-c", script, "sh", sb, JSON.stringify(hello)], makeHome());
  while (shell.lines.length < 2) await Bun.sleep(10);
  const replies = shell.lines.map((line) => JSON.parse(line) as { id: number; result: number[] });
  const [pid = 0, holder = 0] = replies.find(({ id }) => id === 0)?.result ?? [];
  expect([isRunning(pid), isRunning(holder)]).toEqual([true, true]);

  shell.kill("SIGKILL");
  const deadline = Date.now() + GONE_WITHIN_MS;
  while (isRunning(pid) && Date.now() < deadline) await Bun.sleep(20);

  expect([isRunning(pid), isRunning(holder)]).toEqual([false, true]);
  process.kill(holder);
}, 15_000);

test("ten servers at once on one cold folder all answer", async () => {
  const home = makeHome();

  const started = await Promise.all(Array.from({ length: 10 }, () => startReady(home)));
  const stored = await Promise.all(
    started.map((server, index) =>
      server.request("tools/call", {
        name: "store_reflection",
        arguments: { content: `Server ${index} was here.` },
      }),
    ),
  );
  const found = await started[0]?.request("tools/call", {
    name: "quick_search",
    arguments: { query: "server was here", limit: 20 },
  });
  for (const server of started) server.closeInput();

  expect(stored.map(({ result }) => result?.["isError"])).toEqual(Array(10).fill(undefined));
  expect(found?.result?.["structuredContent"]).toMatchObject({ total: 10 });
  expect(await within(Promise.all(started.map(({ exited }) => exited)))).toEqual(Array(10).fill(0));
}, 30_000);

test("--debug writes what was done to a log, and no text that was sent", async () => {
  const home = makeHome();
  const server = start(home, ["--debug"]);
  await server.request("initialize", INITIALIZE);
  await server.request("tools/call", {
    name: "quick_search",
    arguments: { query: "zebra crossing" },
  });
  server.closeInput();
  await server.exited;

  const folder = join(home.env["CLAUDE_CONFIG_DIR"] ?? "", "logs");
  const [file = ""] = [...new Bun.Glob("*.log").scanSync(folder)];
  const text = readFileSync(join(folder, file), "utf8");
  expect(text).toContain("debug tools/call ok in ");
  expect(text).not.toContain("zebra");
});

/** The states of the sessions in the store of `home`. */
function statesIn(home: Home): string[] {
  const path = join(home.env["CLAUDE_CONFIG_DIR"] ?? "", "data", "session-buddy.db");
  const db = new Database(path, { readonly: true });
  const rows = db.query<{ state: string }, []>("SELECT state FROM session").all();
  db.close();
  return rows.map(({ state }) => state);
}

function isRunning(pid: number): boolean {
  const stat = Bun.spawnSync(["ps", "-o", "stat=", "-p", String(pid)], { env: Bun.env })
    .stdout.toString()
    .trim();
  return stat !== "" && !stat.startsWith("Z");
}
