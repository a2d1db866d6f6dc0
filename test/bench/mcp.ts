import { join } from "node:path";
import {
  atMost,
  type Figure,
  type GroupReport,
  megabytes,
  milliseconds,
  times,
  told,
} from "./figure.ts";
import { cpuOf, inTurn, median, memoryOf, type Program, p95, spawn } from "./measure.ts";
import { type Place, ROOT, STORE_DOCUMENTS } from "./place.ts";

const ROUNDS = 20;
/** Longest wait for an answer before the server counts as broken, in milliseconds. */
const ANSWER_MS = 20_000;
/** What a server may still do after the hand-shake before it counts as idle. */
const SETTLE_MS = 6_000;
/** Long enough for a clock tick of 10 ms to be little of it. */
const IDLE_MS = 30_000;

const INITIALIZE = {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "bench", version: "1" },
};

/** A server, and the call by which it is seen to have its store open. */
interface Server {
  readonly program: Program;
  readonly call: { readonly name: string; readonly arguments: object };
}

/** The hand-shake of `sb mcp` against another server's, and what it costs when nothing happens. */
export async function mcp(place: Place): Promise<GroupReport> {
  const store = await place.store();
  const sb: Server = {
    program: place.program(["mcp", "--profile", "full"], store),
    call: { name: "status", arguments: {} },
  };
  const peer: Server = {
    program: {
      command: [
        "node",
        join(ROOT, "node_modules/@modelcontextprotocol/server-memory/dist/index.js"),
      ],
      cwd: place.folder,
      env: { ...place.env(store), MEMORY_FILE_PATH: join(place.folder, "memory.jsonl") },
    },
    call: { name: "read_graph", arguments: {} },
  };
  return {
    group: "mcp",
    notes: [
      `medians of ${ROUNDS} hand-shakes each, in turn; sb mcp --profile full over ${STORE_DOCUMENTS} documents`,
      `idle: ${IDLE_MS / 1000} s that begin ${SETTLE_MS / 1000} s after the hand-shake`,
    ],
    figures: [...(await handshakes(sb, peer)), ...(await idle(sb))],
  };
}

async function handshakes(sb: Server, peer: Server): Promise<Figure[]> {
  const own: Shake[] = [];
  const other: Shake[] = [];
  const timed = (server: Server, into: Shake[]) => async () => {
    const shake = await handshake(server);
    into.push(shake);
    return shake.listedMs;
  };
  const [listed = [], peerListed = []] = await inTurn(ROUNDS, [timed(sb, own), timed(peer, other)]);
  const called = own.slice(1).map(({ calledMs }) => calledMs);
  const peerCalled = other.slice(1).map(({ calledMs }) => calledMs);
  const spread = (values: readonly number[]) =>
    `${milliseconds(median(values))}, p95 ${milliseconds(p95(values))}`;
  const ratio = (a: readonly number[], b: readonly number[]) => median(a) / median(b);
  return [
    told("server-memory: initialize + tools/list", spread(peerListed)),
    told("sb mcp: initialize + tools/list", spread(listed)),
    atMost("sb mcp / server-memory", { value: ratio(listed, peerListed), bar: 0.4 }, times),
    atMost(
      "the same and one call that opens the store",
      { value: ratio(called, peerCalled), bar: 0.4 },
      times,
    ),
  ];
}

/** Milliseconds from the start of the process to the tool list, and to the answer of a call. */
interface Shake {
  readonly listedMs: number;
  readonly calledMs: number;
}

async function handshake(server: Server): Promise<Shake> {
  const started = performance.now();
  const client = connect(server.program);
  try {
    await client.open();
    const listedMs = performance.now() - started;
    await client.request("tools/call", server.call);
    return { listedMs, calledMs: performance.now() - started };
  } finally {
    await client.close();
  }
}

async function idle(server: Server): Promise<Figure[]> {
  const client = connect(server.program);
  try {
    await client.open();
    await client.request("tools/call", server.call);
    await Bun.sleep(SETTLE_MS);
    const before = cpuOf(client.pid);
    await Bun.sleep(IDLE_MS);
    const after = cpuOf(client.pid);
    const memory = memoryOf(client.pid);
    if (before === undefined || after === undefined || !memory) {
      return [told("sb mcp idle", "not measured: no /proc here")];
    }
    const share = ((after - before) / IDLE_MS) * 100;
    return [
      atMost("sb mcp idle: resident", { value: memory.bytes, bar: 100e6 }, megabytes),
      told("sb mcp idle: resident at its highest", megabytes(memory.peakBytes)),
      // Transcripts are looked for every few seconds, more and more seldom, and the parent every one.
      atMost("sb mcp idle: processor", { value: share, bar: 0.5 }, (v) => `${v.toFixed(2)} %`),
    ];
  } finally {
    await client.close();
  }
}

/** A client that knows just enough of MCP to be no part of what is measured. */
export function connect(program: Program) {
  const child = spawn(program, "pipe");
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let buffered = "";
  let id = 0;

  function send(message: object): void {
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    void child.stdin.flush();
  }

  async function answer(to: number): Promise<void> {
    for (;;) {
      const end = buffered.indexOf("\n");
      if (end >= 0) {
        const line = buffered.slice(0, end);
        buffered = buffered.slice(end + 1);
        const message = JSON.parse(line) as { id?: unknown; result?: unknown };
        if (message.id !== to) continue;
        if (message.result === undefined) throw new Error(`refused: ${line.slice(0, 200)}`);
        return;
      }
      const { done, value } = await reader.read();
      if (done) throw new Error(`${program.command.join(" ")} ended without an answer`);
      buffered += decoder.decode(value, { stream: true });
    }
  }

  async function request(method: string, params: object): Promise<void> {
    id += 1;
    send({ id, method, params });
    const late = setTimeout(() => child.kill("SIGKILL"), ANSWER_MS);
    await answer(id);
    clearTimeout(late);
  }

  return {
    pid: child.pid,
    request,
    async open(): Promise<void> {
      await request("initialize", INITIALIZE);
      send({ method: "notifications/initialized" });
      await request("tools/list", {});
    },
    async close(): Promise<void> {
      child.kill();
      await child.exited;
    },
  };
}
