import { statSync } from "node:fs";
import { join } from "node:path";
import type { Env } from "../../kernel/paths.ts";
import { readText } from "../git.ts";
import { type Manager, type SyncState, type Toolchain, unknown } from "./model.ts";
import { cargoState, goState } from "./native.ts";
import { berryState, bunState, npmState, pnpmState, yarnState } from "./node.ts";
import { pipState, poetryState, uvState } from "./python.ts";

/** Longest lock file that is read while someone waits: about 20 ms. In bytes. */
const MOST_BYTES = 8 * 1024 * 1024;

type Look = (root: string, lock: string, env: Env) => SyncState;

const LOOKS: Readonly<Record<Manager, Look>> = {
  uv: uvState,
  poetry: poetryState,
  bun: bunState,
  pnpm: pnpmState,
  yarn: yarnState,
  npm: npmState,
  cargo: cargoState,
  go: goState,
  pip: pipState,
};

/**
 * Whether what is installed is what the lock file says, told from files: no manager is run. Never
 * throws: a lock file that cannot be read is a state that is not known.
 */
export function syncState(toolchain: Toolchain, env: Env): SyncState {
  const { manager, root, file, isBerry } = toolchain;
  if (!toolchain.isLocked && manager !== "pip") return unknown("there is no lock file");
  if (file === "bun.lockb") return unknown("bun.lockb is binary: bun install writes a bun.lock");
  const path = join(root, file);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MOST_BYTES) return unknown(`${file} is longer than ${MOST_BYTES} bytes`);
  const text = readText(path);
  if (text === undefined) return unknown(`${file} cannot be read`);
  if (/^(?:<{7}|>{7}) /m.test(text)) return unknown(`${file} holds a merge conflict`);
  try {
    return (isBerry ? berryState : LOOKS[manager])(root, text, env);
  } catch (error) {
    return unknown(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}
