import type { Database } from "bun:sqlite";

/** Rows of transcripts: all of them, those that are no JSON object, those of unknown types. */
export interface RowCounts {
  readonly rows: number;
  readonly badRows: number;
  readonly unknownRows: number;
}

/** Sums over every transcript read so far. */
export interface FileTotals extends RowCounts {
  readonly files: number;
  /** Over the files that were read last. */
  readonly recent: RowCounts;
  /** Epoch ms; null when no file was ever read. */
  readonly lastReadAt: number | null;
}

/** Files that tell how it stands now: a client that writes otherwise shows in them at once. */
const RECENT_FILES = 10;

const SUMS = `coalesce(sum(rows), 0) AS rows, coalesce(sum(bad_rows), 0) AS badRows,
  coalesce(sum(unknown_rows), 0) AS unknownRows`;
const NONE = { rows: 0, badRows: 0, unknownRows: 0 };

/** Apart from the store, whose modules a status line need not load. */
export function fileTotals(db: Database): FileTotals {
  const recent = db
    .query<RowCounts, [number]>(
      `SELECT ${SUMS} FROM (SELECT rows, bad_rows, unknown_rows FROM transcript_file
         ORDER BY read_at DESC LIMIT ?)`,
    )
    .get(RECENT_FILES);
  const all = db
    .query<Omit<FileTotals, "recent">, []>(
      `SELECT count(*) AS files, ${SUMS}, max(read_at) AS lastReadAt FROM transcript_file`,
    )
    .get();
  return { ...(all ?? { files: 0, ...NONE, lastReadAt: null }), recent: recent ?? NONE };
}
