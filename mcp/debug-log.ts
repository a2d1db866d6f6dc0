import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Logger } from "../core/kernel/ports.ts";

/** Size at which the file is renamed to `<file>.1` and begun anew, in bytes. */
const ROTATE_BYTES = 5 * 1024 * 1024;

/**
 * A logger that writes every level to `path` (0600, one line a message, ISO time first) and hands
 * warnings and errors on to `under`. A file that cannot be written costs the lines, nothing else.
 */
export function debugLog(path: string, under: Logger): Logger {
  const write = (level: string, message: string) => {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      rotate(path);
      const line = `${new Date().toISOString()} ${level} ${message.replaceAll("\n", "\n  ")}\n`;
      appendFileSync(path, line, { mode: 0o600 });
    } catch (error) {
      under.warn(`debug log: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return {
    debug: (message) => write("debug", message),
    warn(message) {
      write("warn", message);
      under.warn(message);
    },
    error(message) {
      write("error", message);
      under.error(message);
    },
  };
}

function rotate(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size >= ROTATE_BYTES) renameSync(path, `${path}.1`);
}
