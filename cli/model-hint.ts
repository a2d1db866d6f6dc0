import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { modelState } from "../core/embedding/state.ts";
import type { Ports } from "../core/services.ts";

/** Its presence says that the hint was given on this machine. */
const MARK = ".hinted";

/**
 * What a person at a terminal is told after a search without a model, once on a machine; undefined
 * where there is nothing to say, or no way to remember that it was said.
 */
export function modelHint(ports: Ports): string | undefined {
  if (modelState(ports).state !== "absent") return undefined;
  const { models } = ports.paths;
  try {
    mkdirSync(models, { recursive: true, mode: 0o700 });
    writeFileSync(join(models, MARK), "", { flag: "wx", mode: 0o600 });
  } catch {
    return undefined;
  }
  return "sb: found by text alone; sb model pull (42 MB) adds search by meaning\n";
}
