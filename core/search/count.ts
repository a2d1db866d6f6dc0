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

/** Up to so many documents are looked through one by one: some tenths of a millisecond. */
const FEW = 2_000;

/** Rows of the model that the queue is about. */
export const CURRENT_MODEL = `(SELECT m.id FROM embedding_model m JOIN setting s ON s.value = m.name
  WHERE s.name = 'embedding_model')`;

/**
 * Those of `documents` whose text has been embedded, by the model that was there last; one without
 * a text is at once. Of many documents no more is said than that there are as many vectors: a status
 * line asks for it, and `lostVectors` looks at each.
 */
export function countEmbedded(db: Database, documents: number): number {
  if (!isModelKnown(db)) return 0;
  const done = documents - countDue(db);
  if (done <= 0) return 0;
  if (done <= FEW) return done - lostDocuments(db).length;
  return Math.min(done, vectorsOf(db));
}

/** Whether anything was ever embedded: then all that waits need not be counted. */
function isModelKnown(db: Database): boolean {
  return db.query("SELECT 1 FROM setting WHERE name = 'embedding_model'").get() !== null;
}

/** Rows of the documents that have a text, wait for nothing, and have no vector all the same. */
export function lostDocuments(db: Database): number[] {
  const sql = `SELECT d.rowid FROM (
      SELECT id FROM document_fts_docsize EXCEPT SELECT document_rowid FROM embedding_due
      EXCEPT SELECT document_rowid FROM embedding WHERE model_id = ${CURRENT_MODEL}) f
    CROSS JOIN document d ON d.rowid = f.id WHERE trim(d.body) <> ''`;
  return db
    .query<{ rowid: number }, []>(sql)
    .all()
    .map(({ rowid }) => rowid);
}

/** All vectors there are, if the model that they should be of is known: that reads no row of them. */
function vectorsOf(db: Database): number {
  const sql = `SELECT CASE WHEN ${CURRENT_MODEL} IS NULL THEN 0
    ELSE (SELECT count(*) FROM embedding) END AS n`;
  return db.query<{ n: number }, []>(sql).get()?.n ?? 0;
}

/** Documents that wait to be embedded. */
export function countDue(db: Database): number {
  return db.query<{ n: number }, []>("SELECT count(*) AS n FROM embedding_due").get()?.n ?? 0;
}
