import type { Database } from "bun:sqlite";
import { written } from "../storage/patience.ts";

/** What a vote counts beside one time that a document was opened, or met again elsewhere. */
const VOTE_POINTS = 2;

/** Points at which half of all use that there can be is reached. */
const HALF_USED = 3;

interface Row {
  rowid: number;
  opened: number;
  rating: number;
  /** Conversations besides the first in which an insight was given. */
  repeated: number;
}

export type UseStore = ReturnType<typeof useStore>;

/** What is known of how useful documents were: opened by their id, rated, given again elsewhere. */
export function useStore(db: Database) {
  const open = db.query<undefined, [number]>(
    `INSERT INTO document_use (document_rowid, opened) VALUES (?, 1)
     ON CONFLICT (document_rowid) DO UPDATE SET opened = opened + 1`,
  );
  const used = db.query<Row, [string]>(
    `SELECT f.value AS rowid, ifnull(u.opened, 0) AS opened, ifnull(i.rating, 0) AS rating,
            ifnull((SELECT count(DISTINCT s.session_id) - 1 FROM insight_sighting s
                    WHERE s.insight_id = i.id), 0) AS repeated
     FROM json_each(?) f
     LEFT JOIN document_use u ON u.document_rowid = f.value
     LEFT JOIN insight i ON i.document_rowid = f.value
     WHERE u.document_rowid IS NOT NULL OR i.id IS NOT NULL`,
  );
  return {
    /** Notes that a document was opened; a store that takes no write now does without. */
    opened: (rowid: number): boolean => written(db, () => open.run(rowid)),

    /** How useful each of `rowids` was, in -1..1; those of which nothing is known are left out. */
    of(rowids: readonly number[]): Map<number, number> {
      const rows = used.all(JSON.stringify(rowids));
      return new Map(
        rows.flatMap((row) => {
          const worth = usefulness(row);
          return worth === 0 ? [] : [[row.rowid, worth] as const];
        }),
      );
    },
  };
}

/**
 * In -1..1, 0 for what nobody has used: a vote against outweighs all, of votes for, openings and
 * repeats each further one counts less.
 */
export function usefulness({ opened, rating, repeated }: Omit<Row, "rowid">): number {
  if (rating < 0) return -1;
  const points = Math.max(0, opened) + VOTE_POINTS * rating + Math.max(0, repeated);
  return points / (points + HALF_USED);
}
