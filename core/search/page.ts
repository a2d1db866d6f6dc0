import type { Database } from "bun:sqlite";
import type { Question } from "../capability.ts";
import { SbError } from "../kernel/errors.ts";
import type { Clock, IdSource } from "../kernel/ports.ts";
import { redact } from "../kernel/redact.ts";
import { written } from "../storage/patience.ts";
import { pack, packIds, type RankedRow, unpack, unpackIds } from "./page-pack.ts";
import { type KeptSet, MOST_SETS, pageStore } from "./page-store.ts";
import type { View } from "./view.ts";

/** What a cursor belongs to: a tool, and what it was asked. */
export interface Origin extends Question {
  readonly tool: string;
}

/** A search's results as they stood at its first page. */
export interface ResultSet {
  readonly query: string;
  readonly rows: readonly RankedRow[];
  /** How its hits are shown; missing for hits of the plain search. */
  readonly view?: View | undefined;
}

/** Where a page begins in which results. */
export interface Position<S = ResultSet> {
  readonly set: S;
  readonly offset: number;
  readonly cursorAt: (offset: number) => string;
}

/**
 * Remembers results, so that a cursor fixes them and their order at the first page: what is stored
 * later neither shifts nor repeats one. What is forgotten later is taken out (page-forget.ts).
 */
export function pages({ db, clock, ids }: { db: Database; clock: Clock; ids: IdSource }) {
  const store = pageStore(db);

  /** The cursor of `offset` in what is kept: none where the store takes no write. */
  function keep(
    set: Pick<KeptSet, "query" | "hits" | "view">,
    { offset, origin }: { offset: number; origin: Origin | undefined },
  ): { cursor?: string } {
    const id = ids.next();
    const tool = origin?.tool ?? "";
    const asked = origin ? JSON.stringify(origin.asked) : null;
    const isKept = written(db, () => store.add({ id, ...set, tool, asked }, clock.now()));
    return isKept ? { cursor: cursorMaker(id)(offset) } : {};
  }

  /** @throws SbError `invalid_input` for a cursor of no form of ours or of something else, `not_found`. */
  function open(cursor: string, origin: Origin | undefined) {
    const [id, offset] = decode(cursor);
    const kept = store.get(id, clock.now());
    if (!kept) throw gone();
    if (origin) needSame(kept, origin);
    return { kept, offset, cursorAt: cursorMaker(id) };
  }

  return {
    /**
     * Remembers `set`, its texts redacted, and gives the cursor of `offset` in it: as a property
     * to spread, none where the store takes no write. A reader is answered all the same.
     */
    keep({ query, rows, view }: ResultSet, offset: number, origin?: Origin): { cursor?: string } {
      const texts = view && JSON.stringify(view, (_key, value) => redacted(value));
      const set = { query: redact(query).text, hits: pack(rows), view: texts ?? null };
      return keep(set, { offset, origin });
    },

    /** What `cursor` fixes; of any search where no `origin` is named. @throws SbError, see above. */
    open(cursor: string, origin?: Origin): Position {
      const { kept, ...place } = open(cursor, origin);
      const rows = unpack(kept.hits);
      if (!rows) throw ofAnother(kept.tool, { hint: `give it to ${kept.tool}` });
      const view = kept.view ? (JSON.parse(kept.view) as View) : undefined;
      return { ...place, set: { query: kept.query, rows, ...(view ? { view } : {}) } };
    },

    /** The same for a list of other things than documents, by their ids. */
    keepIds: (list: readonly string[], offset: number, origin: Origin): { cursor?: string } =>
      keep({ query: "", hits: packIds(list), view: null }, { offset, origin }),

    openIds(cursor: string, origin: Origin): Position<readonly string[]> {
      const { kept, ...place } = open(cursor, origin);
      return { ...place, set: unpackIds(kept.hits) ?? [] };
    },
  };
}

function needSame(kept: KeptSet, { tool, asked, given }: Origin): void {
  if (kept.tool !== tool) {
    throw ofAnother(kept.tool, {
      hint: "give it to the tool that gave it, or to get_more_results",
    });
  }
  // Of a search that was forgotten nobody can tell.
  const known = kept.asked === null ? asked : (JSON.parse(kept.asked) as Origin["asked"]);
  const other = given.find((name) => known[name] !== asked[name]);
  if (other === undefined) return;
  throw ofAnother(`a search with another ${other}`, {
    hint: "ask as for the first page, or leave the cursor out to search anew",
  });
}

function ofAnother(tool: string, { hint }: { hint: string }): SbError {
  return new SbError("invalid_input", `this cursor belongs to ${tool || "another tool"}`, { hint });
}

function gone(): SbError {
  return new SbError("not_found", "nothing is kept for this cursor, or no longer", {
    hint: `search again: results are kept for 24 hours, and of the last ${MOST_SETS.toLocaleString("en")} searches at most, fewer where they are very long`,
  });
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
