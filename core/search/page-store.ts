import type { Database } from "bun:sqlite";

/** How long a result set can be paged through, in milliseconds. */
const KEPT_MS = 24 * 3_600_000;

/** So many of the newest result sets are kept, and so many bytes of them: paging costs no more. */
export const MOST_SETS = 1_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** A result set as it is stored. */
export interface KeptSet {
  readonly id: string;
  readonly query: string;
  /** Packed: see page-pack.ts. */
  readonly hits: string;
  /** JSON. */
  readonly view: string | null;
  readonly tool: string;
  readonly asked: string | null;
}

/** All SQL on `result_set`. */
export function pageStore(db: Database) {
  /** Makes room for one more of `bytes`: the oldest go. */
  function makeRoom(now: number, bytes: number): void {
    db.query("DELETE FROM result_set WHERE created_at < ?").run(now - KEPT_MS);
    const all = db
      .query<{ n: number; bytes: number }, []>(
        "SELECT count(*) AS n, total(bytes) AS bytes FROM result_set",
      )
      .get();
    if (!all) return;
    if (all.n >= MOST_SETS) {
      db.query(
        `DELETE FROM result_set WHERE rowid IN
           (SELECT rowid FROM result_set ORDER BY created_at, rowid LIMIT ?)`,
      ).run(all.n - MOST_SETS + 1);
    }
    if (all.bytes + bytes <= MOST_BYTES) return;
    db.query(
      `DELETE FROM result_set WHERE rowid IN (SELECT rowid FROM
         (SELECT rowid, sum(bytes) OVER (ORDER BY created_at DESC, rowid DESC) AS bytes
          FROM result_set)
       WHERE bytes + ? > ${MOST_BYTES})`,
    ).run(bytes);
  }

  return {
    add(set: KeptSet, now: number): void {
      const bytes = set.hits.length + set.query.length + (set.view?.length ?? 0);
      makeRoom(now, bytes);
      db.query(
        `INSERT INTO result_set (id, created_at, query, hits, view, tool, asked, bytes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(set.id, now, set.query, set.hits, set.view, set.tool, set.asked, bytes);
    },

    get: (id: string, now: number): KeptSet | null =>
      db
        .query<KeptSet, [string, number]>(
          `SELECT id, query, hits, view, tool, asked FROM result_set
           WHERE id = ? AND created_at >= ?`,
        )
        .get(id, now - KEPT_MS),

    /** Every one, however old: what is no longer given may still lie in the file. */
    all: () =>
      db.query<KeptSet, []>("SELECT id, query, hits, view, tool, asked FROM result_set").all(),

    replace(set: KeptSet): void {
      db.query("UPDATE result_set SET query = ?, hits = ?, view = ?, asked = ? WHERE id = ?").run(
        set.query,
        set.hits,
        set.view,
        set.asked,
        set.id,
      );
    },
  };
}
