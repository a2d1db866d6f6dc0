import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { HookEvent, HookInput } from "../../core/hook/model.ts";
import type { HookAnswer } from "../../core/hook/service.ts";
import { SbError } from "../../core/kernel/errors.ts";
import { type Paths, resolvePaths } from "../../core/kernel/paths.ts";
import type { Logger } from "../../core/kernel/ports.ts";
import { debugLog } from "../../mcp/debug-log.ts";
import type { Invocation } from "../command.ts";
import type { Host } from "../io.ts";

/**
 * Longest input read, in UTF-8 bytes. The client cuts tool output far below; a tool that wrote a
 * larger file than this is not looked at. Each byte may cost ten of memory: test/bench/README.md.
 */
const MOST_BYTES = 2 * 1024 * 1024;

/** After this a hook ends, whatever it waits for: the client waits for it. In milliseconds. */
const DEADLINE_MS = 3_000;

/** How long a hook waits for another process's lock. */
const PATIENCE_MS = 150;

/** How much of the log is looked at for an earlier failure. */
const LOG_CHARS = 16_000;

/** Set for everything a hook starts, so that a client among it is left alone. */
const GUARD = "SB_HOOK";

/**
 * `sb hook EVENT`: answers one hook of Claude Code. Whatever happens it prints nothing but its
 * answer, notes a failure in the log, and ends with 0: a memory must never stop the work.
 */
export async function answerHook(invocation: Invocation): Promise<undefined> {
  const { host, input } = invocation;
  if (host.env[GUARD]) return undefined;
  const log = hookLog(host);
  const deadline = setTimeout(() => host.control.exit(0), DEADLINE_MS);
  try {
    const answer = await answerTo(String(input["event"] ?? ""), invocation, log);
    if (answer) host.io.out(`${JSON.stringify(answer)}\n`);
  } catch (error) {
    if (input["strict"] === true) throw error;
    const notice = noticeOf(error, invocation);
    if (notice) host.io.out(`${JSON.stringify({ systemMessage: notice })}\n`);
    log.warn(`hook ${String(input["event"])}: ${error instanceof Error ? error.message : error}`);
  } finally {
    clearTimeout(deadline);
  }
  return undefined;
}

/** The log of hooks: a file, since nobody sees a hook's standard error. */
export function hookLog({ env }: Pick<Host, "env">): Logger {
  const silent = { debug() {}, warn() {}, error() {} };
  return debugLog(hookLogPath(resolvePaths(env)), silent);
}

export function hookLogPath({ logs }: Pick<Paths, "logs">): string {
  return join(logs, "session-buddy-hooks.log");
}

/**
 * What a person is told of a failure: nothing the first time, which may have its reason in the moment;
 * one line when a session before could not start recording either.
 */
function noticeOf(error: unknown, { host, input }: Invocation): string | undefined {
  const isStart = input["event"] === "SessionStart";
  if (!isStart || !(error instanceof SbError) || /locked/.test(error.message)) return undefined;
  try {
    const before = readFileSync(hookLogPath(resolvePaths(host.env)), "utf8").slice(-LOG_CHARS);
    if (!before.includes(" warn hook SessionStart: ")) return undefined;
  } catch {
    return undefined;
  }
  return `sb does not record: ${error.message}: run sb doctor`;
}

async function answerTo(name: string, { host, open }: Invocation, log: Logger) {
  const { isHookEvent, readHookInput } = await import("../../core/hook/model.ts");
  if (!isHookEvent(name)) {
    log.debug(`hook ${name.slice(0, 40)}: an event that sb does not use`);
    return undefined;
  }
  const text = await readUpTo(host.control.stdin, MOST_BYTES);
  if (text === undefined) {
    log.warn(`hook ${name}: the input is longer than ${MOST_BYTES} bytes`);
    return undefined;
  }
  const input = readHookInput(text, name);
  if ("refused" in input) {
    log.warn(`hook ${name}: ${input.refused}`);
    return undefined;
  }
  return outputOf(name, await answered(input, { open, log }));
}

async function answered(
  input: HookInput,
  { open, log }: Pick<Invocation, "open"> & { log: Logger },
): Promise<HookAnswer> {
  const world = await open("write", {
    cwd: input.cwd,
    env: { [GUARD]: "1" },
    log,
    patienceMs: PATIENCE_MS,
  });
  return (await world.services()).hook.handle(input);
}

/** The answer as the client reads it: what goes into the model's context, and a line for the person. */
function outputOf(hookEventName: HookEvent, { context: additionalContext, notice }: HookAnswer) {
  const output = {
    ...(notice === undefined ? {} : { systemMessage: notice }),
    ...(additionalContext === undefined
      ? {}
      : { hookSpecificOutput: { hookEventName, additionalContext } }),
  };
  return Object.keys(output).length > 0 ? output : undefined;
}

/** All of a stream as text, or undefined where it is longer; the rest of it is not read. */
async function readUpTo(stream: Readable, bytes: number): Promise<string | undefined> {
  const held = Buffer.allocUnsafeSlow(bytes);
  let length = 0;
  for await (const chunk of stream) {
    const piece = chunk as Uint8Array;
    if (length + piece.length > bytes) return undefined;
    held.set(piece, length);
    length += piece.length;
  }
  return held.toString("utf8", 0, length);
}
