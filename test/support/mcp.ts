import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import type { Profile } from "../../core/kernel/config.ts";
import { DEFAULT_CONFIG } from "../../core/kernel/config.ts";
import { uuidSource } from "../../core/kernel/ids.ts";
import { resolvePaths } from "../../core/kernel/paths.ts";
import type { Logger } from "../../core/kernel/ports.ts";
import { VERSION } from "../../core/kernel/version.ts";
import { createServices, type Services } from "../../core/services.ts";
import { openDatabase } from "../../core/storage/database.ts";
import { createMcpServer } from "../../mcp/server.ts";

/** One JSON-RPC answer as it came over the wire. */
export interface Reply {
  readonly jsonrpc: string;
  readonly id?: string | number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** What a client of 2025-11-25 says first. */
export const INITIALIZE = {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
};

/** A logger whose lines can be read: `level message`. */
export function recordingLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const write = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  return { lines, debug: write("debug"), warn: write("warn"), error: write("error") };
}

/** The real services over a store in memory, in an empty folder that is no repository. */
export function makeServices(): Services {
  const { folder, env } = makeHome();
  return createServices({
    db: openDatabase(":memory:"),
    clock: { now: () => Date.now() },
    ids: uuidSource(),
    log: recordingLogger(),
    paths: resolvePaths(env),
    config: DEFAULT_CONFIG,
    embedder: undefined,
    env,
    cwd: folder,
    processes: {
      self: () => ({ pid: 2, startedAt: 0 }),
      owner: () => ({ pid: 1, startedAt: 0 }),
      isAlive: () => true,
    },
    version: VERSION,
    serves: true,
  });
}

/** The SDK's client, connected in process to a server over `services`. */
export async function connectMcp(
  services: () => Services | Promise<Services>,
  options: { profile?: Profile; log?: Logger } = {},
): Promise<Client> {
  const server = createMcpServer({
    services: async () => services(),
    profile: options.profile ?? "full",
    log: options.log ?? recordingLogger(),
  });
  const client = new Client({ name: "test", version: "1" });
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(serverSide), client.connect(clientSide)]);
  return client;
}

/** A home of its own for a started `sb`: an empty folder, which is the work folder too. */
export interface Home {
  readonly folder: string;
  readonly env: Record<string, string>;
}

/** Lies in the test run's own home, which is removed after the run. */
export function makeHome(): Home {
  const folder = mkdtempSync(join(Bun.env["HOME"] ?? tmpdir(), "sb-mcp-"));
  const env = {
    PATH: Bun.env["PATH"] ?? "",
    HOME: folder,
    CLAUDE_CONFIG_DIR: join(folder, "claude"),
    // A server fetches the model by itself; a test that wants that says so.
    SB_MODEL: "off",
  };
  return { folder, env };
}

/** The SDK's client, connected over stdio to `sb mcp` started in `home`. */
export async function connectBinary(sb: string, home: Home, args: string[] = []): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  const { folder: cwd, env } = home;
  const server = { command: sb, args: ["mcp", ...args], env, cwd, stderr: "ignore" as const };
  await client.connect(new StdioClientTransport(server));
  return client;
}

/** A started `sb mcp` that is spoken to line by line. */
export interface RawServer {
  readonly pid: number;
  readonly exited: Promise<number>;
  /** Every line of standard output so far. */
  readonly lines: readonly string[];
  /** Writes bytes as they are; a value that is no text goes as one line of JSON. */
  send(what: string | Uint8Array | object): void;
  /** Sends a request and waits for the answer with its id. */
  request(method: string, params?: object): Promise<Reply>;
  closeInput(): void;
  kill(signal: NodeJS.Signals): void;
}

/** Starts `command` in `home` with its standard streams in the test's hands. */
export function startRaw(command: readonly string[], home: Home): RawServer {
  const { folder: cwd, env } = home;
  const child = Bun.spawn([...command], {
    cwd,
    env,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  const lines: string[] = [];
  const waiting = new Map<number, (reply: Reply) => void>();
  const finished = readLines(child.stdout, (line) => {
    lines.push(line);
    const reply = JSON.parse(line) as Reply;
    if (typeof reply.id === "number") waiting.get(reply.id)?.(reply);
  });
  let id = 0;
  const send = (what: string | Uint8Array | object) => {
    const isBytes = typeof what === "string" || what instanceof Uint8Array;
    child.stdin.write(isBytes ? what : `${JSON.stringify(what)}\n`);
    void child.stdin.flush();
  };
  return {
    pid: child.pid,
    exited: finished.then(() => child.exited),
    lines,
    send,
    request(method, params) {
      id += 1;
      const reply = Promise.withResolvers<Reply>();
      waiting.set(id, reply.resolve);
      send({ jsonrpc: "2.0", id, method, ...(params ? { params } : {}) });
      return reply.promise;
    },
    closeInput: () => void child.stdin.end(),
    kill: (signal) => child.kill(signal),
  };
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) onLine(line);
  }
  if (rest !== "") onLine(rest);
}
