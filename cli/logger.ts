import type { Writable } from "node:stream";
import type { ConsolaInstance } from "consola";
import type { Env } from "../core/kernel/paths.ts";
import type { Logger } from "../core/kernel/ports.ts";

/** consola's numbers (`LogLevels` in its core), so that nothing is loaded for a silent line. */
const LEVELS: Readonly<Record<string, number>> = {
  silent: -1,
  error: 0,
  warn: 1,
  info: 3,
  debug: 4,
};

/**
 * Logs to `stream`, standard error, from the level `SB_LOG` on: `silent`, `error`, `warn`
 * (the default), `info` or `debug`. consola is loaded by the first line that is shown.
 */
export function streamLogger(env: Env, stream: () => Writable): Logger {
  const level = LEVELS[env["SB_LOG"] ?? "warn"] ?? 1;
  let consola: Promise<ConsolaInstance> | undefined;

  function show(kind: "debug" | "warn" | "error", message: string): void {
    if ((LEVELS[kind] ?? 0) > level) return;
    consola ??= load(level, stream());
    // Nothing waits for a log line; the lines keep their order, as they wait for the same load.
    consola.then((loaded) => loaded[kind](message)).catch(() => undefined);
  }

  return {
    debug: (message) => show("debug", message),
    warn: (message) => show("warn", message),
    error: (message) => show("error", message),
  };
}

/** Both streams are standard error: consola's own choice puts `info` on standard output. */
async function load(level: number, stream: Writable): Promise<ConsolaInstance> {
  const { createConsola } = await import("consola/basic");
  const out = stream as NodeJS.WriteStream; // it is written to and asked for its width, no more
  return createConsola({ level, stdout: out, stderr: out });
}
