import type { Database } from "bun:sqlite";
import type { CodeBlock, CodeKind } from "./code.ts";
import { conditions, type Filter } from "./filter.ts";
import type { Weighed } from "./find-rank.ts";

/** Column weights of names, code, hidden words in BM25. */
const WEIGHTS = "3.0, 1.0, 0.7";

/** Materialised, since bm25() works only where the index itself is read, not in a grouped query. */
const FOUND = `WITH f AS MATERIALIZED (
  SELECT rowid, bm25(code_fts, ${WEIGHTS}) AS score FROM code_fts WHERE code_fts MATCH ?)`;

/** What narrows a search for code. */
export interface CodeFilter {
  readonly language?: string | undefined;
  readonly kind?: CodeKind | undefined;
}

interface CandidateRow {
  rowid: number;
  kind: string;
  project_key: string;
  session_id: string | null;
  at: number;
  hash: string;
  bm25: number;
}

interface BlockRow extends Omit<CodeBlock, "kinds" | "names"> {
  kinds: string;
  names: string;
}

export type CodeStore = ReturnType<typeof codeStore>;

/** All SQL that reads `code_block`. */
export function codeStore(db: Database) {
  const termCount = db.query<{ doc: number }, [string]>("SELECT doc FROM code_term WHERE term = ?");

  return {
    /** How many blocks there are. */
    count(): number {
      return db.query<{ n: number }, []>("SELECT count(*) AS n FROM code_block").get()?.n ?? 0;
    },

    /** How many blocks hold `term`, spelt as the index spells it. */
    frequency: (term: string): number => termCount.get(term)?.doc ?? 0,

    /** Whether any block is in `language`. */
    has(language: string): boolean {
      return db.query("SELECT 1 FROM code_block WHERE language = ? LIMIT 1").get(language) !== null;
    },

    /** Documents with a block that matches, by their best one; without `match` all, newest first. */
    candidates(match: string | undefined, code: CodeFilter, where: Filter): Weighed[] {
      const { sql, values } = conditions(where, narrowed(code));
      const found =
        match === undefined
          ? "code_block c"
          : `f
             JOIN code_block c ON c.rowid = f.rowid`;
      return db
        .query<CandidateRow, (string | number)[]>(
          `${match === undefined ? "" : FOUND}
           SELECT d.rowid, d.kind, d.project_key, d.session_id, d.at, d.hash,
             ${match === undefined ? "0" : "min(f.score)"} AS bm25
           FROM ${found} JOIN document d ON d.rowid = c.document_rowid ${sql}
           GROUP BY d.rowid ORDER BY d.at DESC, d.rowid DESC`,
        )
        .all(...(match === undefined ? values : [match, ...values]))
        .map(({ project_key, session_id, ...row }) => ({
          ...row,
          projectKey: project_key,
          sessionId: session_id,
        }));
    },

    /** The blocks of one document that `code` lets through. */
    ofDocument(rowid: number, code: CodeFilter): CodeBlock[] {
      const { sql, values } = conditions({}, narrowed(code));
      return db
        .query<BlockRow, (string | number)[]>(
          `SELECT source, place, start, stop, language, kinds, names FROM code_block c
           ${sql} AND c.document_rowid = ? ORDER BY c.rowid`,
        )
        .all(...values, rowid)
        .map((row) => ({
          ...row,
          kinds: row.kinds.split(" ").filter(Boolean) as CodeKind[],
          names: row.names.split(" ").filter(Boolean),
        }));
    },
  };
}

function narrowed({ language, kind }: CodeFilter) {
  const parts = ["1"];
  const values: string[] = [];
  if (language !== undefined) {
    parts.push("c.language = ?");
    values.push(language);
  }
  if (kind !== undefined) {
    parts.push("instr(c.kinds, ?) > 0");
    values.push(` ${kind} `);
  }
  return { sql: parts.join(" AND "), values };
}
