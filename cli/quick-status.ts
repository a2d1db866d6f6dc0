import type { Env } from "../core/kernel/paths.ts";
import { statusOf } from "../core/session/status.ts";
import { processFacts, writeAll } from "./own-process.ts";
import { openPorts } from "./ports.ts";

const SILENT = { debug() {}, warn() {}, error() {} };

/**
 * `sb status --json` without the command tree, which takes a twentieth of its time.
 * @returns false, with nothing printed, where there is no answer: the usual way tells why.
 */
export async function printStatus(version: string, env: Env): Promise<boolean> {
  const text = await statusText(version, env).catch(() => undefined);
  if (text !== undefined) writeAll(1, text);
  return text !== undefined;
}

async function statusText(version: string, env: Env): Promise<string> {
  const request = { purpose: "read", cwd: process.cwd(), env } as const;
  const world = { log: SILENT, version, processes: processFacts() };
  const { ports, close } = await openPorts(request, world);
  try {
    return `${JSON.stringify(statusOf(ports))}\n`;
  } finally {
    close();
  }
}
