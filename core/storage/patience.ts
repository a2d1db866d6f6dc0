import type { Database } from "bun:sqlite";

/** How long a reader waits for a writer before it goes without its write, in milliseconds. */
const PATIENCE_MS = 250;

/** A store that takes no write now: another's lock, a full or broken disk, no permission. */
const NOT_WRITABLE = /^SQLITE_(?:BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN)/;

/**
 * Does `write` in a transaction of its own where the store takes it soon: for a reader, who is
 * answered all the same.
 * @returns whether it was done.
 */
export function written(db: Database, write: () => unknown): boolean {
  const patience = db.query<{ timeout: number }, []>("PRAGMA busy_timeout").get()?.timeout ?? 0;
  try {
    db.run(`PRAGMA busy_timeout = ${Math.min(patience, PATIENCE_MS)}`);
    db.transaction(write).immediate();
    return true;
  } catch (error) {
    if (NOT_WRITABLE.test(String((error as { code?: unknown }).code))) return false;
    throw error;
  } finally {
    db.run(`PRAGMA busy_timeout = ${patience}`);
  }
}
