import type { Database } from "bun:sqlite";
import { beginnings, TELLING_CHARS } from "./error-signature.ts";
import { conditions, type Filter } from "./filter.ts";
import type { Weighed } from "./find-rank.ts";

/** Where candidates come from: a table `f` with a `score`, and how errors `e` are joined to it. */
interface From {
  /** Materialised, since bm25() works only where the index itself is read, not in a grouped query. */
  readonly found: string;
  readonly join: string;
  readonly values: readonly string[];
}

/** What an error is looked for by. */
export interface ErrorFilter {
  /** In any case: `TypeError`, `ENOENT`, `exit code`. */
  readonly type?: string | undefined;
}

interface Row {
  rowid: number;
  kind: string;
  project_key: string;
  session_id: string | null;
  at: number;
  hash: string;
  bm25: number;
}

export type ErrorStore = ReturnType<typeof errorStore>;

/** All SQL that reads `document_error`. */
export function errorStore(db: Database) {
  const termCount = db.query<{ doc: number }, [string]>(
    "SELECT doc FROM error_term WHERE term = ?",
  );

  function candidates(from: From, by: ErrorFilter, where: Filter): Weighed[] {
    const filter = conditions(where, {
      sql: by.type === undefined ? "1" : "e.type = ? COLLATE NOCASE",
      values: by.type === undefined ? [] : [by.type],
    });
    return db
      .query<Row, (string | number)[]>(
        `WITH f AS MATERIALIZED (${from.found})
         SELECT d.rowid, d.kind, d.project_key, d.session_id, d.at, d.hash, min(f.score) AS bm25
         FROM ${from.join} JOIN document d ON d.rowid = e.document_rowid ${filter.sql}
         GROUP BY d.rowid ORDER BY d.at DESC, d.rowid DESC`,
      )
      .all(...from.values, ...filter.values)
      .map(({ project_key, session_id, ...row }) => ({
        ...row,
        projectKey: project_key,
        sessionId: session_id,
      }));
  }

  return {
    count(): number {
      return db.query<{ n: number }, []>("SELECT count(*) AS n FROM document_error").get()?.n ?? 0;
    },

    /** How many error lines hold `term`, spelt as the index spells it. */
    frequency: (term: string): number => termCount.get(term)?.doc ?? 0,

    /** Documents that tell an error of one of these messages, or of one that goes on behind it. */
    saying(messages: readonly string[], by: ErrorFilter, where: Filter): Weighed[] {
      const asked = messages.map((message) => [message, beginnings(message)]);
      // From a blank up to the character behind it: the same message with something more said.
      const found = `
        SELECT e.rowid, 0 AS score FROM json_each(?1) a JOIN document_error e
          ON e.message IN (SELECT value FROM json_each(a.value, '$[1]'))
        UNION SELECT e.rowid, 0 FROM json_each(?1) a JOIN document_error e
          ON length(a.value ->> '$[0]') >= ${TELLING_CHARS}
         AND e.message >= (a.value ->> '$[0]') || ' ' AND e.message < (a.value ->> '$[0]') || '!'`;
      const from = { found, join: "f JOIN document_error e ON e.rowid = f.rowid" };
      return candidates({ ...from, values: [JSON.stringify(asked)] }, by, where);
    },

    /** Documents with an error line that matches. `match` is an FTS5 expression. */
    matching(match: string, by: ErrorFilter, where: Filter): Weighed[] {
      const found = "SELECT rowid, bm25(error_fts) AS score FROM error_fts WHERE error_fts MATCH ?";
      const from = { found, join: "f JOIN document_error e ON e.rowid = f.rowid" };
      return candidates({ ...from, values: [match] }, by, where);
    },

    /** Documents that tell of any error. */
    any(by: ErrorFilter, where: Filter): Weighed[] {
      const from = { found: "SELECT 0 AS score", join: "f JOIN document_error e" };
      return candidates({ ...from, values: [] }, by, where);
    },
  };
}
