import { Database } from "bun:sqlite";
import { join } from "node:path";
import { placeFailure } from "./place.ts";

/** Pause between looks at a lock that another process holds, in milliseconds. */
const LOOK_EVERY_MS = 200;

/** The right to change a model's folder. */
export interface FetchLock {
  release(): void;
}

/**
 * Takes the right to change the model in `folder`, or returns undefined while another has it. The
 * lock is that of an empty SQLite file: the system lets go of it when its holder dies, however.
 * @throws SbError `unavailable` when the folder cannot be written.
 */
export function tryLock(folder: string): FetchLock | undefined {
  let db: Database | undefined;
  try {
    db = new Database(join(folder, LOCK), { create: true, strict: true });
    db.run("PRAGMA busy_timeout = 0");
    db.run("BEGIN IMMEDIATE");
    const held = db;
    return { release: () => held.close() };
  } catch (error) {
    db?.close();
    const code = String((error as { code?: unknown }).code ?? "");
    if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return undefined;
    if (!/^SQLITE_(CANTOPEN|READONLY|PERM|IOERR|FULL)/.test(code)) throw error;
    const disk = /FULL|IOERR/.test(code) ? "ENOSPC" : "EACCES";
    throw placeFailure(Object.assign(new Error(code), { code: disk }), join(folder, LOCK));
  }
}

/** Waits until the lock can be taken. */
export async function waitForLock(folder: string): Promise<FetchLock> {
  for (;;) {
    const lock = tryLock(folder);
    if (lock) return lock;
    await Bun.sleep(LOOK_EVERY_MS);
  }
}

/** The lock's file, which stays empty. */
export const LOCK = "lock";
