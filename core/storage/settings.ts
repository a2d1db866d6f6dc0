import type { Database } from "bun:sqlite";

/** Facts about the store itself, by name. */
export function settings(db: Database) {
  return {
    /** The value of `name`; undefined when it was never set. */
    get(name: string): string | undefined {
      return db
        .query<{ value: string }, [string]>("SELECT value FROM setting WHERE name = ?")
        .get(name)?.value;
    },
    put(name: string, value: string): void {
      db.query(
        `INSERT INTO setting (name, value) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      ).run(name, value);
    },
    drop(name: string): void {
      db.query("DELETE FROM setting WHERE name = ?").run(name);
    },
  };
}
