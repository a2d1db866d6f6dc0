import type { Database } from "bun:sqlite";
import { countDocuments } from "./count.ts";
import { conditions, type Filter } from "./filter.ts";
import type { PassageRow } from "./model.ts";
import type { Match } from "./rank.ts";

/** A document as ranking needs it. */
export interface Candidate extends Match {
  readonly rowid: number;
  readonly sessionId: string | null;
  /** Equal content has an equal hash. */
  readonly hash: string;
}

/** A document's text with what its messages are. */
export interface StoredText {
  readonly rowid: number;
  /** Title and tags. */
  readonly title: string;
  readonly body: string;
  readonly passages: readonly PassageRow[];
}

interface CandidateRow {
  rowid: number;
  kind: string;
  project_key: string;
  session_id: string | null;
  at: number;
  hash: string;
}

interface TextRow {
  rowid: number;
  kind: string;
  session_id: string | null;
  agent_id: string | null;
  at: number;
  title: string;
  tags: string;
  body: string;
  passages: string | null;
}

type Neighbourhood = [sessionId: string, at: number, rowid: number, agentId: string];

const CANDIDATE = "d.rowid, d.kind, d.project_key, d.session_id, d.at, d.hash";
const TEXT = "rowid, kind, session_id, agent_id, at, title, tags, body, passages";

/** How many exchanges before and after one are read with it. */
const REACH = 2;

export type RankingStore = ReturnType<typeof rankingStore>;

/** What ranking reads of the documents and their index. `match` is an FTS5 expression everywhere. */
export function rankingStore(db: Database) {
  const textAt = db.query<TextRow, [number]>(`SELECT ${TEXT} FROM document WHERE rowid = ?`);
  // A plus keeps SQLite from walking the index of kinds, which is in order of time too.
  const textsBefore = db.query<TextRow, Neighbourhood>(
    `SELECT ${TEXT} FROM document
     WHERE session_id = ? AND +kind = 'exchange' AND (at, rowid) < (?, ?) AND ifnull(agent_id, '') = ?
     ORDER BY at DESC, rowid DESC LIMIT ${REACH}`,
  );
  const textsAfter = db.query<TextRow, Neighbourhood>(
    `SELECT ${TEXT} FROM document
     WHERE session_id = ? AND +kind = 'exchange' AND (at, rowid) > (?, ?) AND ifnull(agent_id, '') = ?
     ORDER BY at, rowid LIMIT ${REACH}`,
  );

  const toolsAt = db.query<{ tools: string }, [number]>(
    "SELECT tools FROM document WHERE rowid = ?",
  );

  return {
    count: () => countDocuments(db),

    /** How many documents match. */
    matches(match: string): number {
      const sql = "SELECT count(*) AS n FROM document_fts WHERE document_fts MATCH ?";
      return db.query<{ n: number }, [string]>(sql).get(match)?.n ?? 0;
    },

    /** Which documents match. */
    holding(match: string): number[] {
      return db
        .query<{ rowid: number }, [string]>(
          "SELECT rowid FROM document_fts WHERE document_fts MATCH ?",
        )
        .values(match)
        .map(([rowid]) => Number(rowid));
    },

    /** What the tools of a document were given and gave back. */
    toolsOf: (rowid: number): string => toolsAt.get(rowid)?.tools ?? "",

    /** Those of `rowids` that the filter lets through. */
    candidates(rowids: readonly number[], where: Filter): Candidate[] {
      const { sql, values } = conditions(where);
      return db
        .query<CandidateRow, (string | number)[]>(
          `SELECT ${CANDIDATE} FROM json_each(?) f JOIN document d ON d.rowid = f.value ${sql}`,
        )
        .all(JSON.stringify(rowids), ...values)
        .map(fromRow);
    },

    /** Every document that the filter lets through, newest first. */
    newest(where: Filter): Candidate[] {
      const { sql, values } = conditions(where);
      return db
        .query<CandidateRow, (string | number)[]>(
          `SELECT ${CANDIDATE} FROM document d ${sql} ORDER BY d.at DESC, d.rowid DESC`,
        )
        .all(...values)
        .map(fromRow);
    },

    /** A document's text, between those of what was said before and after it in its conversation. */
    around(rowid: number): StoredText[] {
      const own = textAt.get(rowid);
      if (!own) return [];
      const texts = [own];
      if (own.session_id !== null && own.kind === "exchange") {
        const where = [own.session_id, own.at, rowid, own.agent_id ?? ""] as const;
        texts.unshift(...textsBefore.all(...where).reverse());
        texts.push(...textsAfter.all(...where));
      }
      return texts.map(({ rowid, title, tags, body, passages }) => ({
        rowid,
        title: `${title} ${tags}`,
        body,
        passages: passages ? (JSON.parse(passages) as PassageRow[]) : [],
      }));
    },
  };
}

function fromRow({ rowid, kind, project_key, session_id, at, hash }: CandidateRow): Candidate {
  return { rowid, kind, projectKey: project_key, sessionId: session_id, at, hash };
}
