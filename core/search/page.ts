import type { Database } from "bun:sqlite";
import { SbError } from "../kernel/errors.ts";
import type { Clock, IdSource } from "../kernel/ports.ts";

/** How long a result set can be paged through, in milliseconds. */
const KEPT_MS = 24 * 3_600_000;

/** One remembered result: the document and the parts of its score. */
export type RankedRow = readonly [
  rowid: number,
  score: number,
  text: number,
  recency: number,
  proximity: number,
];

/** A search's results as they stood at its first page. */
export interface ResultSet {
  readonly query: string;
  readonly rows: readonly RankedRow[];
}

/** Where a page begins in which result set. */
export interface Position {
  readonly set: ResultSet;
  readonly offset: number;
  readonly cursorAt: (offset: number) => string;
}

/**
 * Remembers result sets, so that a cursor fixes the results and their order at the first page:
 * what is stored later neither shifts nor repeats one.
 */
export function pages(ports: { db: Database; clock: Clock; ids: IdSource }) {
  const { db, clock, ids } = ports;

  function write(id: string, set: ResultSet): void {
    db.query("DELETE FROM result_set WHERE created_at < ?").run(clock.now() - KEPT_MS);
    db.query("INSERT INTO result_set (id, created_at, query, hits) VALUES (?, ?, ?, ?)").run(
      id,
      clock.now(),
      set.query,
      JSON.stringify(set.rows),
    );
  }

  return {
    /**
     * Remembers `set` and gives the cursor of `offset` in it: as a property to spread, none where
     * the store cannot be written.
     */
    keep(set: ResultSet, offset: number): { cursor?: string } {
      const id = ids.next();
      try {
        write(id, set);
      } catch (error) {
        if (String((error as { code?: unknown }).code).startsWith("SQLITE_READONLY")) return {};
        throw error;
      }
      return { cursor: cursorMaker(id)(offset) };
    },

    /** @throws SbError `invalid_input` for a cursor of no form of ours, `not_found` for an old one. */
    open(cursor: string): Position {
      const [id, offset] = decode(cursor);
      const row = db
        .query<{ query: string; hits: string }, [string, number]>(
          "SELECT query, hits FROM result_set WHERE id = ? AND created_at >= ?",
        )
        .get(id, clock.now() - KEPT_MS);
      if (!row) {
        throw new SbError("not_found", "this cursor has expired", {
          hint: "run the search again; a cursor is kept for 24 hours",
        });
      }
      const rows = JSON.parse(row.hits) as RankedRow[];
      return { set: { query: row.query, rows }, offset, cursorAt: cursorMaker(id) };
    },
  };
}

function cursorMaker(id: string): (offset: number) => string {
  return (offset) => Buffer.from(`${id}:${offset}`).toString("base64url");
}

function decode(cursor: string): [id: string, offset: number] {
  const match = /^([0-9a-z-]{1,64}):(\d{1,9})$/.exec(Buffer.from(cursor, "base64url").toString());
  if (match?.[1] && match[2]) return [match[1], Number(match[2])];
  throw new SbError("invalid_input", "this is no cursor of ours", {
    hint: "give the cursor of an earlier answer, unchanged",
  });
}
