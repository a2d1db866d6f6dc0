import type { Database } from "bun:sqlite";
import { conditions, type Filter } from "./filter.ts";

export type FacetStore = ReturnType<typeof facetStore>;

/** A word in more documents than so many need not be counted to be suggested. */
const MOST_COUNTED = 1_000;

type Counts = (readonly [value: string, count: number])[];

/** All SQL that counts what documents have in common. Nothing of a hidden project is counted. */
export function facetStore(db: Database) {
  function counts(sql: string, values: readonly (string | number)[]): Counts {
    return db
      .query<{ value: string; n: number }, (string | number)[]>(sql)
      .all(...values)
      .map(({ value, n }) => [value, n]);
  }

  return {
    /** How many of `rowids` have each value of a column, the most frequent first. */
    count: (column: "kind" | "project_key" | "branch", rowids: readonly number[]): Counts =>
      counts(
        `SELECT ${column} AS value, count(*) AS n FROM document
         WHERE rowid IN (SELECT value FROM json_each(?)) AND ${column} IS NOT NULL
         GROUP BY 1 ORDER BY 2 DESC, 1`,
        [JSON.stringify(rowids)],
      ),

    tags: (rowids: readonly number[]): Counts =>
      counts(
        `SELECT t.value, count(*) AS n FROM document d, json_each(d.tags) t
         WHERE d.rowid IN (SELECT value FROM json_each(?)) AND d.tags <> '[]'
         GROUP BY 1 ORDER BY 2 DESC, 1`,
        [JSON.stringify(rowids)],
      ),

    /** Tags that begin with `start`, in whatever case, of documents that the filter lets through. */
    tagsBeginning(start: string, where: Filter, limit: number): Counts {
      const { sql, values } = conditions(where, {
        sql: "d.tags <> '[]' AND lower(substr(t.value, 1, ?)) = ?",
        values: [start.length, start],
      });
      return counts(
        `SELECT t.value, count(*) AS n FROM document d, json_each(d.tags) t ${sql}
         GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?`,
        [...values, limit],
      );
    },

    /** Titles that begin with `start` or have a word that does. */
    titlesBeginning(start: string, where: Filter, limit: number): Counts {
      const { sql, values } = conditions(where, {
        sql: "d.title <> '' AND instr(' ' || lower(d.title), ' ' || ?) > 0",
        values: [start],
      });
      return counts(
        `SELECT d.title AS value, count(*) AS n FROM document d ${sql}
         GROUP BY 1 ORDER BY max(d.at) DESC LIMIT ?`,
        [...values, limit],
      );
    },

    /** How many documents hold `term`, spelt as the index spells it. */
    frequency: (term: string): number =>
      db.query<{ doc: number }, [string]>("SELECT doc FROM document_term WHERE term = ?").get(term)
        ?.doc ?? 0,

    /** Terms of the index from `low` up to `high`, as the index spells them, the most frequent first. */
    termsBetween: (low: string, high: string, limit: number): string[] =>
      db
        .query<{ term: string }, [string, string, number]>(
          "SELECT term FROM document_term WHERE term >= ? AND term <= ? ORDER BY doc DESC LIMIT ?",
        )
        .all(low, high, limit)
        .map(({ term }) => term),

    /** How many documents that the filter lets through match, counted to 1,000, and the newest's text. */
    holding(match: string, where: Filter): { count: number; text: string } {
      const { sql, values } = conditions(where, { sql: "document_fts MATCH ?", values: [match] });
      const rows = db
        .query<{ rowid: number }, (string | number)[]>(
          `SELECT d.rowid FROM document_fts f JOIN document d ON d.rowid = f.rowid ${sql}
           ORDER BY f.rowid DESC LIMIT ${MOST_COUNTED}`,
        )
        .all(...values);
      const text = db
        .query<{ text: string }, [number]>(
          "SELECT title || ' ' || body || ' ' || tools AS text FROM document WHERE rowid = ?",
        )
        .get(rows[0]?.rowid ?? 0)?.text;
      return { count: rows.length, text: text ?? "" };
    },

    /** How many of `rowids` the filter lets through. */
    visible(rowids: readonly number[], where: Filter): number {
      const { sql, values } = conditions({ ...where, rowids });
      return (
        db
          .query<{ n: number }, (string | number)[]>(`SELECT count(*) AS n FROM document d ${sql}`)
          .get(...values)?.n ?? 0
      );
    },
  };
}
