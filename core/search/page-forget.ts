import type { Database } from "bun:sqlite";
import { TEXT_INDEXES } from "../storage/scrub.ts";
import { isThere, unpack, withoutRows } from "./page-pack.ts";
import { type KeptSet, pageStore } from "./page-store.ts";
import { matchExpression, queryTerms } from "./terms.ts";
import type { View } from "./view.ts";

/**
 * Takes forgotten documents out of what is kept for cursors; the rest is paged through as before.
 * Call it when they are gone from the store, in the same transaction: the numbers of their rows may
 * be given anew. A question may tell what was to be forgotten: a word of it goes that no memory
 * holds any more, and all of it where it found what was forgotten and no other memory holds its
 * words together.
 */
export function forgetFromPages(db: Database, rowids: ReadonlySet<number>): void {
  const store = pageStore(db);
  const left = wordsLeft(db);
  for (const set of store.all()) {
    const hits = withoutRows(set.hits, rowids);
    const query = hits === undefined ? left.single(set.query) : left.together(set.query);
    const view = viewLeft({ ...set, hits: hits ?? set.hits }, left.single);
    const isSame = query === set.query && view === set.view;
    if (hits === undefined && isSame) continue;
    // Whoever knows the checksums of a question can tell whether it was this one.
    store.replace({
      ...set,
      query,
      view,
      ...(hits ? { hits } : {}),
      ...(isSame ? {} : { asked: null }),
    });
  }
}

/** How the hits of `set` are shown, without texts that tell what was forgotten. */
function viewLeft({ view, hits }: KeptSet, single: (text: string) => string): string | null {
  if (view === null) return null;
  const shown = JSON.parse(view) as View;
  const isHeld = (text: string) => single(text) === text;
  if (shown.by === "file") {
    // What is left answers to the path as it was asked for.
    return unpack(hits)?.some(isThere) ? view : null;
  }
  if (shown.by !== "error" || shown.messages.every(isHeld)) return view;
  return JSON.stringify({ ...shown, messages: shown.messages.filter(isHeld) });
}

/** What of a text the memory still holds. */
function wordsLeft(db: Database) {
  const found = new Map<string, boolean>();
  const holds = (expression: string): boolean => {
    const known = found.get(expression);
    if (known !== undefined) return known;
    const isHeld = TEXT_INDEXES.some((index) =>
      db.query(`SELECT 1 FROM ${index} WHERE ${index} MATCH ? LIMIT 1`).get(expression),
    );
    found.set(expression, isHeld);
    return isHeld;
  };

  return {
    /** `text`, or the words of it that some memory holds. */
    single(text: string): string {
      const terms = queryTerms(text);
      const held = terms.filter((term) => holds(matchExpression([term])));
      return held.length === terms.length ? text : held.flatMap(({ words }) => words).join(" ");
    },

    /** `text` if one memory holds all its words, else nothing. */
    together(text: string): string {
      const all = queryTerms(text).map((term) => matchExpression([term]));
      return all.length > 0 && holds(all.join(" AND ")) ? text : "";
    },
  };
}
