import type { Database } from "bun:sqlite";
import { storageFailure } from "./failure.ts";
import { settings } from "./settings.ts";

/** Every text index: deleted words stay in its segments until they are merged. */
export const TEXT_INDEXES = ["document_fts", "code_fts", "error_fts"] as const;

/** The setting that says that deleted text may still lie in the file. */
const DUE = "scrub_due";

/** How long the log is waited for that others still read, in milliseconds. */
const PATIENCE_MS = 5_000;

/** One try at emptying the log, and the pause after it: a waiting writer looks every 100. */
const TRY_MS = 20;
const PAUSE_MS = 150;

/** Whether deleted text is gone from the file; else why not. It is tried again the next time. */
export type Scrubbed = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** The file is compact, but its old log is still there. */
const LOG_IS_READ = "another process still reads the old log";

/** Notes, in the transaction that deletes, that the file must be scrubbed. */
export function requestScrub(db: Database): void {
  settings(db).put(DUE, "1");
}

export function isScrubDue(db: Database): boolean {
  return settings(db).get(DUE) !== undefined;
}

/**
 * Writes the file anew without what was deleted: SQLite leaves it in free pages, in segments of the
 * text index and in the log. Takes about as long as copying the file; writers wait meanwhile.
 */
export function scrub(db: Database): Scrubbed {
  try {
    for (const index of TEXT_INDEXES) db.run(`INSERT INTO ${index} (${index}) VALUES ('optimize')`);
    db.run("VACUUM");
    if (!truncateLog(db)) return { ok: false, reason: LOG_IS_READ };
    settings(db).drop(DUE);
    return { ok: true };
  } catch (error) {
    const failure = storageFailure(error);
    return { ok: false, reason: failure instanceof Error ? failure.message : String(failure) };
  }
}

/** Whether a scrub has left no free room in the file: what it takes now is what it needs. */
export function isCompacted(scrubbed: Scrubbed): boolean {
  return scrubbed.ok || scrubbed.reason === LOG_IS_READ;
}

/**
 * Empties the write-ahead log, waiting for its readers. SQLite waits with the right to write in its
 * hand: so each try is short, and writers have their turn between two.
 * @returns whether it is empty.
 */
function truncateLog(db: Database): boolean {
  const patience = db.query<{ timeout: number }, []>("PRAGMA busy_timeout").get()?.timeout ?? 0;
  const deadline = Date.now() + PATIENCE_MS;
  db.run(`PRAGMA busy_timeout = ${TRY_MS}`);
  try {
    for (;;) {
      const row = db.query<{ busy: number }, []>("PRAGMA wal_checkpoint(TRUNCATE)").get();
      if (row?.busy === 0) return true;
      if (Date.now() > deadline) return false;
      Bun.sleepSync(PAUSE_MS);
    }
  } finally {
    db.run(`PRAGMA busy_timeout = ${patience}`);
  }
}
