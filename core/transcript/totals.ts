import type { Database } from "bun:sqlite";

/** Sums over every transcript read so far. */
export interface FileTotals {
  readonly files: number;
  readonly rows: number;
  readonly badRows: number;
  readonly unknownRows: number;
  /** Epoch ms; null when no file was ever read. */
  readonly lastReadAt: number | null;
}

/** Apart from the store, whose modules a status line need not load. */
export function fileTotals(db: Database): FileTotals {
  const row = db
    .query<FileTotals, []>(
      `SELECT count(*) AS files, coalesce(sum(rows), 0) AS rows,
         coalesce(sum(bad_rows), 0) AS badRows, coalesce(sum(unknown_rows), 0) AS unknownRows,
         max(read_at) AS lastReadAt
       FROM transcript_file`,
    )
    .get();
  return row ?? { files: 0, rows: 0, badRows: 0, unknownRows: 0, lastReadAt: null };
}
