import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { SbError } from "../../kernel/errors.ts";
import type { Env } from "../../kernel/paths.ts";
import { redact } from "../../kernel/redact.ts";

/** How a command ended. */
export interface Ending {
  /** Null where it was ended by a signal. */
  readonly exitCode: number | null;
  readonly why: "exited" | "timed out" | "stopped";
  /** The end of what it printed, redacted, at most `OUTPUT_CHARS` characters. */
  readonly output: string;
  readonly ms: number;
}

export interface RunOptions {
  /** Absolute. */
  readonly folder: string;
  readonly env: Env;
  readonly limitMs: number;
  /** Ends the command and all that it started. */
  readonly signal?: AbortSignal | undefined;
}

const OUTPUT_CHARS = 4_000;

/** Bytes of output held while it runs: escapes and redaction shorten it. */
const HELD_BYTES = 64 * 1024;

/** What a command started may go on writing after its end; nobody waits longer, in milliseconds. */
const LINGER_MS = 300;

/**
 * Runs a command in a group of its own. The inner shell kills the group when its standard input
 * ends, which it does when this process dies, whatever killed it.
 */
const GUARDED =
  'exec 3<&0; (read -r _ <&3; kill -KILL -$$) >/dev/null 2>&1 & guard=$!; "$@" </dev/null 3<&- 2>&1; code=$?; kill -KILL $guard; exit $code';

/**
 * Runs `command` to its end, its limit or its signal, and nothing of it outlives that.
 * @throws SbError `unavailable` where the program is not installed.
 */
export async function runCommand(
  command: readonly string[],
  { folder, env, limitMs, signal }: RunOptions,
): Promise<Ending> {
  const program = programOf(command[0] ?? "", folder, env);
  const began = performance.now();
  const child = Bun.spawn(["/bin/sh", "-c", GUARDED, "sh", program, ...command.slice(1)], {
    cwd: folder,
    // Managers ask where they think that a person could answer.
    env: { ...env, CI: "true", NO_COLOR: "1", FORCE_COLOR: undefined },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
    detached: true,
  });
  let why: Ending["why"] = "exited";
  const end = (reason: Ending["why"]) => {
    why = reason;
    endGroup(child.pid);
  };
  const timer = setTimeout(() => end("timed out"), limitMs);
  const stop = () => end("stopped");
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  const tail = readTail(child.stdout);
  try {
    await child.exited;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    endGroup(child.pid);
  }
  await Promise.race([tail.done, Bun.sleep(LINGER_MS)]);
  const output = shown(tail.text());
  return { exitCode: child.exitCode, why, output, ms: Math.round(performance.now() - began) };
}

function programOf(name: string, folder: string, env: Env): string {
  const inFolder = name.includes("/") && !isAbsolute(name) ? join(folder, name) : undefined;
  const found = inFolder
    ? existsSync(inFolder) && inFolder
    : Bun.which(name, { PATH: env["PATH"] ?? "" });
  if (found) return found;
  throw new SbError("unavailable", `${name} is not installed`, {
    hint: inFolder ? "make the environment first" : "install it, or put it on PATH",
  });
}

/** Kills a command and all that it started; what has ended already is no failure. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it runs.
  }
}

function readTail(stream: ReadableStream<Uint8Array>) {
  let held = Buffer.alloc(0);
  const read = async () => {
    for await (const chunk of stream) held = Buffer.concat([held, chunk]).subarray(-HELD_BYTES);
  };
  return { done: read().catch(() => undefined), text: () => held.toString("utf8") };
}

/** The end of an output without colours, overwritten lines and credentials. */
function shown(text: string): string {
  const plain = Bun.stripANSI(text).replace(/\r(?!\n)/g, "\n");
  return redact(plain).text.trim().slice(-OUTPUT_CHARS);
}
