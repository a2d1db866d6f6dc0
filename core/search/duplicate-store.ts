import type { Database } from "bun:sqlite";
import { conditions, type Filter } from "./filter.ts";

/** A document as it is compared: its content's hash, and its sketch where it has one. */
export interface Sketched {
  readonly rowid: number;
  readonly hash: string;
  readonly sketch: Uint32Array | undefined;
}

export type DuplicateStore = ReturnType<typeof duplicateStore>;

/** All SQL on `document_sketch`. An empty sketch stands for a text too short to have one. */
export function duplicateStore(db: Database) {
  const save = db.query<undefined, [number, Uint8Array]>(
    "INSERT OR REPLACE INTO document_sketch (document_rowid, sketch) VALUES (?, ?)",
  );
  return {
    /** Documents without a sketch, the newest first. */
    unsketched(limit: number): { rowid: number; body: string }[] {
      return db
        .query<{ rowid: number; body: string }, [number]>(
          `SELECT rowid, body FROM document d
           WHERE NOT EXISTS (SELECT 1 FROM document_sketch s WHERE s.document_rowid = d.rowid)
           ORDER BY rowid DESC LIMIT ?`,
        )
        .all(limit);
    },

    countUnsketched(): number {
      return (
        db
          .query<{ n: number }, []>(
            "SELECT (SELECT count(*) FROM document) - (SELECT count(*) FROM document_sketch) AS n",
          )
          .get()?.n ?? 0
      );
    },

    save(rowid: number, sketch: Uint32Array | undefined): void {
      save.run(rowid, sketch ? new Uint8Array(sketch.buffer) : new Uint8Array());
    },

    /** Every document that the filter lets through, oldest first. */
    all(where: Filter): Sketched[] {
      const { sql, values } = conditions(where);
      return db
        .query<{ rowid: number; hash: string; sketch: Uint8Array | null }, (string | number)[]>(
          `SELECT d.rowid, d.hash, s.sketch FROM document d
           LEFT JOIN document_sketch s ON s.document_rowid = d.rowid ${sql} ORDER BY d.rowid`,
        )
        .all(...values)
        .map(({ rowid, hash, sketch }) => ({
          rowid,
          hash,
          sketch: sketch?.length ? new Uint32Array(sketch.slice().buffer) : undefined,
        }));
    },
  };
}
