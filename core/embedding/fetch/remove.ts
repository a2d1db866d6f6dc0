import { readdirSync, rmSync } from "node:fs";
import { SbError } from "../../kernel/errors.ts";
import { type ModelPlace, modelFolder, modelState, sweep } from "../state.ts";
import { LOCK, tryLock } from "./lock.ts";
import { placeFailure } from "./place.ts";

/**
 * Removes the model and every piece of one.
 * @returns the bytes that were freed: 0 when nothing was there.
 * @throws SbError `conflict` while a process fetches it, `unavailable` when it cannot be removed.
 */
export function removeModel(place: ModelPlace): number {
  const folder = modelFolder(place.paths);
  const bytes = bytesIn(folder);
  if (bytes === undefined) return 0;
  const lock = tryLock(folder);
  if (!lock) {
    const state = modelState(place);
    const who = state.state === "fetching" ? `process ${state.pid}` : "another process";
    throw new SbError("conflict", `${who} is fetching the model`, {
      hint: "wait until it is done, or end it",
    });
  }
  try {
    sweep(folder, (name) => name === LOCK);
    lock.release();
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    throw placeFailure(error, folder);
  } finally {
    lock.release();
  }
  return bytes;
}

/** Bytes of the files in a folder; undefined when there is no folder. */
function bytesIn(folder: string): number | undefined {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .reduce((sum, { parentPath, name }) => sum + Bun.file(`${parentPath}/${name}`).size, 0);
  } catch {
    return undefined;
  }
}
