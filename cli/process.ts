import { fstatSync } from "node:fs";
import type { Host, Io } from "./io.ts";
import { streamLogger } from "./logger.ts";
import { leaveQuietly, processFacts, writeAll } from "./own-process.ts";
import { openPorts } from "./ports.ts";
import { run } from "./run.ts";

/** Signals that end the process, with their numbers. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** Runs one command line over this process: its streams, signals, variables and folder. */
export async function runProcess(argv: readonly string[], version: string): Promise<void> {
  process.exitCode = await run(argv, await makeHost(version));
}

async function makeHost(version: string): Promise<Host> {
  const { env } = process;
  const log = streamLogger(env, () => process.stderr);
  return {
    io: processIo(),
    env,
    cwd: process.cwd(),
    version,
    log,
    async open(request) {
      return openPorts(request, { log, version, processes: processFacts() });
    },
    control: {
      get stdin() {
        return process.stdin;
      },
      get stdout() {
        process.stdout.on("error", leaveQuietly);
        return process.stdout;
      },
      ...handleSignals(),
      pid: process.pid,
      program: process.execPath,
      atExit: (clean) => void process.once("exit", clean),
      parentPid: () => process.ppid,
      exit: (code) => process.exit(code),
    },
  };
}

function processIo(): Io {
  const { env } = process;
  const isTty = isTerminal(1);
  return {
    isTty,
    get canAsk() {
      return isTty && process.stdin.isTTY === true;
    },
    get showsProgress() {
      return isTerminal(2);
    },
    color: isTty && !env["NO_COLOR"] && env["TERM"] !== "dumb",
    columns: (isTty && process.stdout.columns) || 80,
    out: (text) => writeAll(1, text),
    err: (text) => writeAll(2, text),
    readAll: () => Bun.stdin.text(),
    async readLine() {
      const { createInterface } = await import("node:readline/promises");
      const lines = createInterface({ input: process.stdin });
      for await (const line of lines) return line;
      return undefined;
    },
  };
}

/**
 * SIGINT, SIGTERM and SIGHUP end the process with 128 + their number until a server takes them
 * over. A hard exit, since the work in progress is what is to end; the store survives it.
 */
function handleSignals(): Pick<Host["control"], "signals"> {
  let takenOver: (() => void) | undefined;
  for (const [name, number] of Object.entries(SIGNALS)) {
    process.on(name, () => (takenOver ? takenOver() : process.exit(128 + number)));
  }
  return {
    signals(handler) {
      takenOver = handler;
    },
  };
}

/**
 * Whether a descriptor is a terminal. `process.stdout` and `node:tty` would tell, and cost more
 * than the rest of the start: a pipe or a file is told apart without them.
 */
function isTerminal(fd: number): boolean {
  try {
    if (!fstatSync(fd).isCharacterDevice()) return false;
  } catch {
    return false;
  }
  return (fd === 1 ? process.stdout : process.stderr).isTTY === true;
}
