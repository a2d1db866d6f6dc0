import type { Database } from "bun:sqlite";

/** Documents of every kind. Apart from the store, whose modules a status line need not load. */
export function countDocuments(db: Database): number {
  return db.query<{ n: number }, []>("SELECT count(*) AS n FROM document").get()?.n ?? 0;
}
