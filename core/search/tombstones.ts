import type { Database } from "bun:sqlite";

/** What a forgotten thing is known by: see the migration. */
export type TombstoneKind = "message" | "document" | "insight" | "conversation";

export type Tombstones = ReturnType<typeof tombstoneStore>;

/** All SQL on `tombstone`. Nothing that has one is stored again, unless a person asks for it. */
export function tombstoneStore(db: Database) {
  const find = db.query<{ at: number }, [string, string]>(
    "SELECT at FROM tombstone WHERE kind = ? AND key = ?",
  );
  const any = db.query<{ n: number }, []>("SELECT EXISTS (SELECT 1 FROM tombstone) AS n");
  const add = db.query<undefined, [string, string, number]>(
    "INSERT OR IGNORE INTO tombstone (kind, key, at) VALUES (?, ?, ?)",
  );
  const remove = db.query<undefined, [string, string]>(
    "DELETE FROM tombstone WHERE kind = ? AND key = ?",
  );
  let hasNone: boolean | undefined;

  return {
    /** Looks again whether there are any: another process may have forgotten something. */
    refresh(): void {
      hasNone = undefined;
    },

    /** Most stores have none, so one look serves a whole batch. */
    isEmpty(): boolean {
      hasNone ??= any.get()?.n !== 1;
      return hasNone;
    },

    has: (kind: TombstoneKind, key: string): boolean => find.get(kind, key) !== null,

    add(kind: TombstoneKind, key: string, at: number): void {
      hasNone = false;
      add.run(kind, key, at);
    },

    lift(kind: TombstoneKind, key: string): void {
      remove.run(kind, key);
    },

    /** All of them, in the order of their keys. */
    all: (): { kind: TombstoneKind; key: string; at: number }[] =>
      db
        .query<{ kind: TombstoneKind; key: string; at: number }, []>(
          "SELECT kind, key, at FROM tombstone ORDER BY kind, key",
        )
        .all(),
  };
}
