import { constants, Database } from "bun:sqlite";
import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { storageFailure } from "./failure.ts";
import { migrate, newestVersion, refuseNewer, schemaVersion } from "./migrate.ts";

/** How long a writer waits for another process, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

/** Most documents are longer than SQLite's usual page of 4 KiB and would lie in chains of them. */
const PAGE_BYTES = 16 * 1024;

/** Pages of the write-ahead log that are moved into the file at a time: some 16 MiB. */
const CHECKPOINT_PAGES = 1_000;

/** Page cache of a writing connection, in KiB. */
const WRITE_CACHE_KB = 32 * 1024;

/** What the caller is going to do: `read` neither makes a file nor takes a lock. */
export type Purpose = "read" | "write";

/**
 * Opens the database at `path`, `:memory:` for a private one, and migrates it where that is due.
 *
 * For `read`, a file that is not there is an empty store, and one on a read-only disk is read
 * as it lies. Another process's lock is waited for `patienceMs` milliseconds.
 *
 * @throws SbError `unavailable` (locked, not permitted, full, newer schema) or `corrupt`.
 */
export function openDatabase(
  path: string,
  purpose: Purpose = "write",
  patienceMs: number = BUSY_TIMEOUT_MS,
): Database {
  try {
    if (path === ":memory:" || (purpose === "read" && isMissing(path))) return openPrivate();
    return purpose === "read" ? openForRead(path, patienceMs) : openForWrite(path, patienceMs);
  } catch (error) {
    throw storageFailure(error, path);
  }
}

/** Whether there is no such file. @throws what the system says when it does not let us look. */
function isMissing(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw error;
  }
}

function openPrivate(): Database {
  const db = new Database(":memory:", { strict: true });
  db.run("PRAGMA foreign_keys = ON");
  migrate(db);
  return db;
}

function openForWrite(path: string, patienceMs: number): Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const isNew = !existsSync(path);
  const db = new Database(path, { create: true, readwrite: true, strict: true });
  try {
    db.run(`PRAGMA busy_timeout = ${patienceMs}`);
    refuseNewer(schemaVersion(db));
    if (isNew) chmodSync(path, 0o600);
    if (isNew) db.run(`PRAGMA page_size = ${PAGE_BYTES}`);
    enterWal(db, Date.now() + patienceMs);
    db.run(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    // WAL with NORMAL survives a killed process whole; a power cut may lose the last commits.
    db.run("PRAGMA synchronous = NORMAL");
    // The text index rewrites its segments: with SQLite's 2 MB it reads each page again and again.
    db.run(`PRAGMA cache_size = -${WRITE_CACHE_KB}`);
    db.run("PRAGMA foreign_keys = ON");
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Reads without a write where the schema is current; an old schema is migrated first. */
function openForRead(path: string, patienceMs: number): Database {
  const db = openExisting(path, patienceMs);
  const found = schemaVersion(db);
  refuseNewer(found);
  if (found === newestVersion()) return db;
  db.close();
  return openForWrite(path, patienceMs);
}

/**
 * A writable handle where the file allows it (a page of results is remembered), else a read-only
 * one, else an immutable one: SQLite cannot read a WAL file in a folder where it may not write.
 */
function openExisting(path: string, patienceMs: number): Database {
  const attempts: (() => Database)[] = [
    () => new Database(path, { readwrite: true, create: false, strict: true }),
    () => new Database(path, { readonly: true, strict: true }),
    () =>
      new Database(
        `${Bun.pathToFileURL(path).href}?immutable=1`,
        constants.SQLITE_OPEN_READONLY | constants.SQLITE_OPEN_URI,
      ),
  ];
  let failure: unknown;
  for (const attempt of attempts) {
    try {
      const db = attempt();
      db.run(`PRAGMA busy_timeout = ${patienceMs}`);
      schemaVersion(db); // the first look at the file: this is where a bad handle fails
      return db;
    } catch (error) {
      failure = error;
      if (!/CANTOPEN|READONLY|IOERR/.test(String((error as { code?: unknown }).code))) throw error;
    }
  }
  throw failure;
}

/**
 * Switches to WAL, trying again until `deadline` (epoch ms). The switch takes an exclusive lock
 * without consulting `busy_timeout`, so processes opening a cold file together would fail.
 */
function enterWal(db: Database, deadline: number): void {
  for (;;) {
    try {
      if (journalMode(db, "PRAGMA journal_mode") === "wal") return;
      journalMode(db, "PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!String(error).includes("locked") || Date.now() > deadline) throw error;
      Bun.sleepSync(10);
    }
  }
}

function journalMode(db: Database, sql: string): string | undefined {
  return db.query<{ journal_mode: string }, []>(sql).get()?.journal_mode;
}
