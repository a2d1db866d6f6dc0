import type { Database } from "bun:sqlite";
import { SbError } from "../kernel/errors.ts";
import { DATABASE_NAME, type Paths } from "../kernel/paths.ts";
import type { Clock } from "../kernel/ports.ts";
import { PAUSE_ALL } from "../project/finder.ts";
import { type Backup, backUp } from "../storage/backup.ts";
import { requestScrub, type Scrubbed, scrub, TEXT_INDEXES } from "../storage/scrub.ts";

/** How often a backup is made anew because somebody wrote while it was made. */
const MOST_BACKUPS = 3;

/** What is kept of a table when the rest is emptied: choices of a person, and what still runs. */
const KEPT: Readonly<Record<string, string>> = {
  tombstone: "1",
  project: "paused = 1",
  setting: `name = '${PAUSE_ALL}'`,
  session: "state IN ('active', 'left')",
  embedding_model: "1",
  client: "1",
  hook_event: "1",
  hook_seen: "1",
};

export interface ResetReport {
  readonly backup: Backup;
  readonly documents: number;
  readonly scrubbed: Scrubbed;
}

/**
 * Empties the store after a backup that holds all of it. Tombstones, pauses and running sessions stay.
 * @throws SbError `forbidden` without the database's name, `conflict` where others keep writing.
 */
export function resetDatabase(
  ports: { db: Database; clock: Clock; paths: Paths },
  name: string | undefined,
): ResetReport {
  if (name !== DATABASE_NAME) {
    throw new SbError("forbidden", "the database's name must be given back to empty it", {
      hint: `its name is ${DATABASE_NAME}; a backup is made first`,
    });
  }
  const { db } = ports;
  const folder = ports.paths.backups;
  db.run("PRAGMA secure_delete = ON");
  for (let attempt = 1; attempt <= MOST_BACKUPS; attempt += 1) {
    const before = version(db);
    const backup = backUp(db, folder, ports.clock.now());
    const documents = emptyAt(db, before);
    if (documents !== undefined) return { backup, documents, scrubbed: scrub(db) };
  }
  throw new SbError("conflict", "others write to the database: no backup holds all of it", {
    hint: `end other sb processes and try again; nothing was emptied, the backups are in ${folder}`,
  });
}

/** Changes whenever another connection has written. */
function version(db: Database): number {
  return db.query<{ data_version: number }, []>("PRAGMA data_version").get()?.data_version ?? 0;
}

/** Empties the store if nobody has written since `expected`. @returns how many documents went. */
function emptyAt(db: Database, expected: number): number | undefined {
  return db
    .transaction(() => {
      if (version(db) !== expected) return undefined;
      db.run("PRAGMA defer_foreign_keys = ON");
      const documents = db.query<{ n: number }, []>("SELECT count(*) AS n FROM document").get()?.n;
      for (const index of TEXT_INDEXES) {
        db.run(`INSERT INTO ${index} (${index}) VALUES ('delete-all')`);
      }
      for (const table of ordinaryTables(db)) {
        const kept = KEPT[table];
        if (kept !== "1") db.run(`DELETE FROM "${table}"${kept ? ` WHERE NOT (${kept})` : ""}`);
      }
      requestScrub(db);
      return documents ?? 0;
    })
    .immediate();
}

/** Every table that is neither SQLite's own nor a part of a text index. */
function ordinaryTables(db: Database): string[] {
  return db
    .query<{ name: string }, []>(
      `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
         AND name NOT LIKE 'sqlite_%'`,
    )
    .all()
    .map(({ name }) => name);
}
