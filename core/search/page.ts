import type { Database } from "bun:sqlite";
import { SbError } from "../kernel/errors.ts";
import type { Clock, IdSource } from "../kernel/ports.ts";
import { redact } from "../kernel/redact.ts";
import { written } from "../storage/patience.ts";
import type { View } from "./view.ts";

/** How long a result set can be paged through, in milliseconds. */
const KEPT_MS = 24 * 3_600_000;

/** Of older result sets than so many the first is forgotten: what paging costs has a bound. */
const MOST_SETS = 100;

/** Shares are kept in ten-thousandths, as `share` in rank.ts rounds them. */
const SHARE_STEPS = 10_000;

/** Bytes of one packed result: a rowid and a place of four, and six shares of two. */
const PACKED_BYTES = 20;

/** Stands before what is packed so: until schema 10 there were four shares, until 16 five. */
const PACKED_AS = "6:";

/** In place of a share or a place that is missing. */
const NO_SHARE = 0xffff;
const NO_PLACE = 0xffff_ffff;

/** One remembered result: the document and the parts of its score, to four decimals. */
export type RankedRow = readonly [
  rowid: number,
  score: number,
  text: number,
  recency: number,
  proximity: number,
  /** Missing where no model told. */
  semantic?: number | undefined,
  /** Where in the body the chunk most like the query begins, in UTF-16 units. */
  start?: number | undefined,
  /** In -1..1; missing where nothing is known of its use. */
  use?: number | undefined,
];

/** A search's results as they stood at its first page. */
export interface ResultSet {
  readonly query: string;
  readonly rows: readonly RankedRow[];
  /** How its hits are shown; missing for hits of the plain search. */
  readonly view?: View | undefined;
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

  const write = (id: string, set: ResultSet) => {
    db.query(
      `DELETE FROM result_set WHERE created_at < ? OR rowid NOT IN
         (SELECT rowid FROM result_set ORDER BY rowid DESC LIMIT ${MOST_SETS - 1})`,
    ).run(clock.now() - KEPT_MS);
    db.query(
      "INSERT INTO result_set (id, created_at, query, hits, view) VALUES (?, ?, ?, ?, ?)",
    ).run(
      id,
      clock.now(),
      redact(set.query).text,
      pack(set.rows),
      set.view ? JSON.stringify(set.view, (_key, value) => redacted(value)) : null,
    );
  };

  return {
    /**
     * Remembers `set`, its query redacted, and gives the cursor of `offset` in it: as a property
     * to spread, none where the store takes no write. A reader is answered all the same.
     */
    keep(set: ResultSet, offset: number): { cursor?: string } {
      const id = ids.next();
      return written(db, () => write(id, set)) ? { cursor: cursorMaker(id)(offset) } : {};
    },

    /** @throws SbError `invalid_input` for a cursor of no form of ours, `not_found` for an old one. */
    open(cursor: string): Position {
      const [id, offset] = decode(cursor);
      const row = db
        .query<{ query: string; hits: string; view: string | null }, [string, number]>(
          "SELECT query, hits, view FROM result_set WHERE id = ? AND created_at >= ?",
        )
        .get(id, clock.now() - KEPT_MS);
      if (!row) {
        throw new SbError("not_found", "this cursor has expired", {
          hint: "run the search again; a cursor is kept for 24 hours",
        });
      }
      const view = row.view ? (JSON.parse(row.view) as View) : undefined;
      const set = { query: row.query, rows: unpack(row.hits), view };
      return { set, offset, cursorAt: cursorMaker(id) };
    },
  };
}

function redacted(value: unknown): unknown {
  return typeof value === "string" ? redact(value).text : value;
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

/**
 * Base64 of zstd of the results in columns: all rowids, all scores and so on, little-endian.
 * Neighbours in a column are alike: 11,000 results took 89 KB, where JSON took 326.
 */
function pack(rows: readonly RankedRow[]): string {
  const count = rows.length;
  const bytes = Buffer.alloc(count * PACKED_BYTES);
  rows.forEach(([rowid, score, text, recency, proximity, semantic, start, use], index) => {
    bytes.writeUInt32LE(rowid, index * 4);
    bytes.writeUInt32LE(start ?? NO_PLACE, (count + index) * 4);
    const useShare = use === undefined ? undefined : (use + 1) / 2;
    [score, text, recency, proximity, semantic, useShare].forEach((value, column) => {
      const steps = value === undefined ? NO_SHARE : Math.round(value * SHARE_STEPS);
      bytes.writeUInt16LE(steps, placeOf(count, column, index));
    });
  });
  return PACKED_AS + Bun.zstdCompressSync(bytes).toString("base64");
}

function unpack(packed: string): RankedRow[] {
  if (!packed.startsWith(PACKED_AS)) return [];
  const encoded = packed.slice(PACKED_AS.length);
  const bytes = Bun.zstdDecompressSync(Buffer.from(encoded, "base64"));
  const count = bytes.length / PACKED_BYTES;
  const stepsAt = (column: number, index: number) =>
    bytes.readUInt16LE(placeOf(count, column, index));
  return Array.from({ length: count }, (_, index): RankedRow => {
    const [score = 0, text = 0, recency = 0, proximity = 0] = [0, 1, 2, 3].map(
      (column) => stepsAt(column, index) / SHARE_STEPS,
    );
    const [semantic, use] = [4, 5].map((column) => {
      const steps = stepsAt(column, index);
      return steps === NO_SHARE ? undefined : steps / SHARE_STEPS;
    });
    const shares = [bytes.readUInt32LE(index * 4), score, text, recency, proximity] as const;
    if (semantic === undefined && use === undefined) return shares;
    const place = bytes.readUInt32LE((count + index) * 4);
    const start = place === NO_PLACE ? undefined : place;
    if (use === undefined) return [...shares, semantic, start];
    return [...shares, semantic, start, use * 2 - 1];
  });
}

/** Where the share of result `index` lies in the share column `column` of `count` results. */
function placeOf(count: number, column: number, index: number): number {
  return count * 8 + (column * count + index) * 2;
}
