import type { Database } from "bun:sqlite";
import { countDocuments } from "./count.ts";
import { conditions, type Filter } from "./filter.ts";
import { type Holders, termHolders } from "./holders.ts";
import type { PassageRow } from "./model.ts";
import type { Match } from "./rank.ts";
import { numbersIn } from "./row-lists.ts";
import { tallies } from "./tally.ts";
import { matchExpression, type Term } from "./terms.ts";

/** A document as ranking needs it. */
export interface Candidate extends Match {
  readonly rowid: number;
  readonly sessionId: string | null;
  /** Equal content has an equal hash. */
  readonly hash: string;
}

/** The exchanges that stand beside a document, by rowid, in order. */
export interface Beside {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** A document's text with what its messages are. */
export interface StoredText {
  readonly rowid: number;
  /** Title and tags. */
  readonly title: string;
  readonly body: string;
  readonly passages: readonly PassageRow[];
}

type CandidateRow = [
  rowid: number,
  kind: string,
  projectKey: string,
  sessionId: string | null,
  at: number,
  hash: string,
];

interface TextRow {
  rowid: number;
  title: string;
  tags: string;
  body: string;
  passages: string | null;
}

const CANDIDATE = "d.rowid, d.kind, d.project_key, d.session_id, d.at, d.hash";

/**
 * Counting more than so many takes its time, and a few more or less change no order: they are not
 * counted again before the store has grown or shrunk by a hundredth.
 */
const MANY = 2_000;
const DRIFT = 0.01;

/** How many exchanges before and after one are read with it. */
const REACH = 2;

/** Which documents hold the terms of a search. */
export interface TermHolders {
  of(term: Term): Holders;
  /** How many hold `term`; of many, how many did when the store was about as large. */
  count(term: Term, total: number): number;
}

export type RankingStore = ReturnType<typeof rankingStore>;

/** What ranking reads of the documents and their index. `match` is an FTS5 expression everywhere. */
export function rankingStore(db: Database) {
  const texts = db.query<TextRow, [string]>(
    `SELECT d.rowid, d.title, d.tags, d.body, d.passages
     FROM json_each(?) f CROSS JOIN document d ON d.rowid = f.value`,
  );
  const side = (comparison: string, order: string) =>
    `(SELECT group_concat(rowid) FROM (
       SELECT rowid FROM document INDEXED BY document_by_session
       WHERE session_id = own.session_id AND kind = 'exchange'
         AND (at, rowid) ${comparison} (own.at, own.rowid)
         AND ifnull(agent_id, '') = ifnull(own.agent_id, '')
       ORDER BY at ${order}, rowid ${order} LIMIT ${REACH}))`;
  const beside = db.query<{ rowid: number; before: string | null; after: string | null }, [string]>(
    `SELECT own.rowid, ${side("<", "DESC")} AS before, ${side(">", "ASC")} AS after
     FROM json_each(?) f CROSS JOIN document own INDEXED BY document_fact ON own.rowid = f.value
     WHERE own.kind = 'exchange' AND own.session_id IS NOT NULL`,
  );

  const toolsAt = db.query<{ tools: string }, [number]>(
    "SELECT tools FROM document WHERE rowid = ?",
  );

  const tally = tallies();
  const last = db.query<{ rowid: number | null }, []>("SELECT max(rowid) AS rowid FROM document");
  const terms = termHolders(db);
  const counted = new Map<string, { count: number; total: number }>();

  const span = db.query<{ first: number | null; last: number | null }, []>(
    // Apart, each is a look at one end of the index; together, a walk over all of it.
    `SELECT (SELECT min(at) FROM document) AS first, (SELECT max(at) FROM document) AS last`,
  );
  const during = db.query<{ rowids: string | null; count: number }, [number, number]>(
    "SELECT group_concat(rowid) AS rowids, count(*) AS count FROM document WHERE at >= ? AND at < ?",
  );

  return {
    count: () => countDocuments(db),

    /** For sums over all documents; the one before is done with then. */
    tally: () => tally(last.get()?.rowid ?? 0),

    /** When the first and the last document are of, epoch ms. */
    span(): { first: number; last: number } {
      const { first, last } = span.get() ?? { first: null, last: null };
      return { first: first ?? 0, last: last ?? 0 };
    },

    /** The documents of a time, in order: from the first instant to before the second one. */
    during(from: number, to: number): Uint32Array {
      const found = during.get(from, to);
      return numbersIn(found?.rowids ?? "", found?.count ?? 0).sort();
    },

    /** Which documents match an FTS5 expression, in order. */
    holding: terms.holding,

    /** Which documents hold the terms of one search, each list read once. */
    holders(): TermHolders {
      const read = new Map<string, Holders>();
      const of = (term: Term): Holders => {
        const match = matchExpression([term]);
        const found = read.get(match) ?? terms.of(term);
        read.set(match, found);
        return found;
      };
      return {
        of,
        count(term, total) {
          const match = matchExpression([term]);
          const known = counted.get(match);
          if (known && Math.abs(total - known.total) <= known.total * DRIFT) return known.count;
          const { said, inTools } = of(term);
          const count = said.length + inTools.length;
          if (count > MANY) counted.set(match, { count, total });
          return count;
        },
      };
    },

    /** What the tools of a document were given and gave back. */
    toolsOf: (rowid: number): string => toolsAt.get(rowid)?.tools ?? "",

    /** Those of `rowids` that the filter lets through. */
    candidates(rowids: readonly number[], where: Filter): Candidate[] {
      const { sql, values } = conditions(where);
      return db
        .query<CandidateRow, (string | number)[]>(
          `SELECT ${CANDIDATE} FROM json_each(?) f
           CROSS JOIN document d INDEXED BY document_fact ON d.rowid = f.value ${sql}`,
        )
        .values(JSON.stringify(rowids), ...values)
        .map((row) => fromRow(row as CandidateRow));
    },

    /** Whether the filter lets anything through. */
    any(where: Filter): boolean {
      const { sql, values } = conditions(where);
      const first = `SELECT 1 FROM document d ${sql} LIMIT 1`;
      return db.query<unknown, (string | number)[]>(first).get(...values) !== null;
    },

    /** Every document that the filter lets through, newest first. */
    newest(where: Filter): Candidate[] {
      const { sql, values } = conditions(where);
      return db
        .query<CandidateRow, (string | number)[]>(
          `SELECT ${CANDIDATE} FROM document d ${sql} ORDER BY d.at DESC, d.rowid DESC`,
        )
        .values(...values)
        .map((row) => fromRow(row as CandidateRow));
    },

    /** Which exchanges were said before and after each of `rowids` in its conversation. */
    beside(rowids: readonly number[]): Map<number, Beside> {
      const rows = beside.all(JSON.stringify(rowids)).map(({ rowid, before, after }) => {
        const nearest = rowidsIn(before);
        return [rowid, { before: nearest.reverse(), after: rowidsIn(after) }] as const;
      });
      return new Map(rows);
    },

    /** The texts of `rowids`, each once. */
    texts(rowids: readonly number[]): StoredText[] {
      return texts
        .all(JSON.stringify([...new Set(rowids)]))
        .map(({ rowid, title, tags, body, passages }) => ({
          rowid,
          title: `${title} ${tags}`,
          body,
          passages: passages ? (JSON.parse(passages) as PassageRow[]) : [],
        }));
    },
  };
}

function fromRow([rowid, kind, projectKey, sessionId, at, hash]: CandidateRow): Candidate {
  return { rowid, kind, projectKey, sessionId, at, hash };
}

/** Those of a short list. */
const rowidsIn = (list: string | null): number[] => list?.split(",").map(Number) ?? [];
