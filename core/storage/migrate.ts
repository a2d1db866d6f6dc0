import type { Database } from "bun:sqlite";
import { SbError } from "../kernel/errors.ts";
import { MIGRATIONS, type Migration } from "./migrations/index.ts";

/**
 * Brings `db` to the newest schema, one transaction for all pending steps.
 *
 * Safe when several processes open a cold file at once: the version is read again
 * under the write lock, so only one of them applies anything.
 *
 * @returns the schema version now in the file.
 * @throws SbError `unavailable` when the file was written by a newer `sb`.
 */
export function migrate(db: Database, migrations: readonly Migration[] = MIGRATIONS): number {
  const newest = migrations.at(-1)?.version ?? 0;
  if (schemaVersion(db) === newest) return newest; // the usual start: no write lock taken
  const apply = db.transaction(() => {
    const found = schemaVersion(db);
    refuseNewer(found, newest);
    for (const step of migrations.filter(({ version }) => version > found)) db.run(step.sql);
    db.run(`PRAGMA user_version = ${newest}`);
  });
  apply.immediate();
  return newest;
}

/** @throws SbError `unavailable` when `found` is a schema that this `sb` does not know. */
export function refuseNewer(found: number, newest: number = newestVersion()): void {
  if (found <= newest) return;
  throw new SbError("unavailable", `the database has schema ${found}, this sb knows ${newest}`, {
    hint: "upgrade sb",
  });
}

/** `PRAGMA user_version` of the open file: 0 when nothing was ever migrated. */
export function schemaVersion(db: Database): number {
  return db.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
}

/** The schema this `sb` writes. */
export function newestVersion(): number {
  return MIGRATIONS.at(-1)?.version ?? 0;
}
