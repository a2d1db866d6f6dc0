import type { Database } from "bun:sqlite";

/** What the document of a fix keeps beside its text, as JSON. Times are epoch ms. */
export interface FixDetail {
  /** See search/error-signature.ts. */
  readonly signature: string;
  readonly type: string | null;
  /** The error as it was printed. */
  readonly line: string;
  /** What was run; empty where it was told by hand. */
  readonly command: string;
  /** `observed` in a conversation, or `recorded` by hand. */
  readonly origin: "observed" | "recorded";
  readonly failed_at: number;
  readonly attempts: readonly { readonly at: number; readonly line: string }[];
  /** Ids of the documents in which it failed first and succeeded at last. */
  readonly failed_in: string | null;
  readonly fixed_in: string | null;
}

/** A fix as it is looked up. */
export interface StoredFix {
  readonly id: string;
  readonly projectKey: string;
  /** Epoch ms. */
  readonly fixedAt: number;
  /** What was done, in a few lines. */
  readonly body: string;
  readonly detail: FixDetail;
}

interface Row {
  id: string;
  project_key: string;
  at: number;
  body: string;
  detail: string;
}

const SELECT = "SELECT id, project_key, at, body, detail FROM document WHERE kind = 'fix'";

/** Fixes of one error that are weighed: of those met hundreds of times the newest count. */
const MOST = 200;

/** SQL on the documents that are fixes. */
export function fixStore(db: Database) {
  return {
    /** Fixes of any of `signatures`, the newest first. */
    bySignature(signatures: readonly string[]): StoredFix[] {
      if (signatures.length === 0) return [];
      const places = signatures.map(() => "?").join(", ");
      return db
        .query<Row, (string | number)[]>(
          `${SELECT} AND json_extract(detail, '$.signature') IN (${places})
           ORDER BY at DESC LIMIT ?`,
        )
        .all(...signatures, MOST)
        .map(fromRow);
    },

    /** Fixes of errors of any type whose message, generalised, is `message`, the newest first. */
    byMessage(message: string): StoredFix[] {
      return db
        .query<Row, (string | number)[]>(
          `${SELECT} AND substr(json_extract(detail, '$.signature'),
             instr(json_extract(detail, '$.signature'), ': ') + 2) = ?
           ORDER BY at DESC LIMIT ?`,
        )
        .all(message, MOST)
        .map(fromRow);
    },

    byId(id: string): StoredFix | undefined {
      const row = db.query<Row, [string]>(`${SELECT} AND id = ?`).get(id);
      return row ? fromRow(row) : undefined;
    },
  };
}

function fromRow({ id, project_key, at, body, detail }: Row): StoredFix {
  const kept = JSON.parse(detail) as FixDetail;
  return { id, projectKey: project_key, fixedAt: at, body, detail: kept };
}
