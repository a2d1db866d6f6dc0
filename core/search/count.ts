import type { Database } from "bun:sqlite";

/** Documents of every kind. Apart from the store, whose modules a status line need not load. */
export function countDocuments(db: Database): number {
  // Left to itself SQLite walks the ids, which fill twice the pages.
  const row = db
    .query<{ n: number }, []>("SELECT count(*) AS n FROM document INDEXED BY document_by_kind")
    .get();
  return row?.n ?? 0;
}
