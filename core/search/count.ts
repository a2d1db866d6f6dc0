import type { Database } from "bun:sqlite";

/**
 * Documents of every kind, by the text index, which keeps a short row for each: a third of the pages
 * that SQLite would read. Apart from the store, whose modules a status line need not load.
 */
export function countDocuments(db: Database): number {
  return (
    db.query<{ n: number }, []>("SELECT count(*) AS n FROM document_fts_docsize").get()?.n ?? 0
  );
}

/** Documents whose text has been embedded, by the model that was there last. */
export function countEmbedded(db: Database): number {
  return countDocuments(db) - countDue(db);
}

/** Documents that wait to be embedded. */
export function countDue(db: Database): number {
  return db.query<{ n: number }, []>("SELECT count(*) AS n FROM embedding_due").get()?.n ?? 0;
}
