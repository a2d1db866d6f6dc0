import type { Database } from "bun:sqlite";
import { sha256 } from "../kernel/text.ts";
import { countDocuments } from "./count.ts";
import { conditions, type Filter } from "./filter.ts";
import type { DocumentKind, NewDocument, PassageRow, Stored, StoredDocument } from "./model.ts";
import { hiddenWords } from "./terms.ts";

interface Row {
  rowid: number;
  id: string;
  kind: DocumentKind;
  project_key: string;
  session_id: string | null;
  agent_id: string | null;
  branch: string | null;
  at: number;
  title: string;
  body: string;
  passages: string | null;
  tools: string;
  detail: string | null;
  tags: string;
}

const COLUMNS = `rowid, id, kind, project_key, session_id, agent_id, branch, at, title, body,
  passages, tools, detail, tags`;

/** All SQL on `document` and its index. */
export function documentStore(db: Database) {
  const find = db.query<{ rowid: number; hash: string }, [string]>(
    "SELECT rowid, hash FROM document WHERE id = ?",
  );
  // No `RETURNING`: with it, this insert beside the text index took 19 times as long.
  const insert = db.query<undefined, (string | number | null)[]>(
    `INSERT INTO document (id, kind, project_key, session_id, agent_id, branch, at, hash, stored_at,
       tags, title, body, passages, tools, detail)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = db.query<undefined, (string | number | null)[]>(
    `UPDATE document SET id = ?, kind = ?, project_key = ?, session_id = ?, agent_id = ?, branch = ?,
       at = ?, hash = ?, stored_at = ?, tags = ?, title = ?, body = ?, passages = ?, tools = ?,
       detail = ?
     WHERE rowid = ?`,
  );
  const index = db.query<undefined, [number, string, string, string, string]>(
    "INSERT INTO document_fts (rowid, title, body, tools, parts) VALUES (?, ?, ?, ?, ?)",
  );
  const unindex = db.query<undefined, [number]>("DELETE FROM document_fts WHERE rowid = ?");
  const addMessage = db.query<undefined, [string, number]>(
    "INSERT OR IGNORE INTO message (uuid, document_rowid) VALUES (?, ?)",
  );
  // What an earlier reading saw more of stays: a transcript that shrank takes nothing away.
  const addFile = db.query<undefined, [number, string, string, number]>(
    `INSERT INTO document_file (document_rowid, path, action, times) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET times = max(times, excluded.times)`,
  );
  // No trigger: with one, each new document had the text index flushed, and storing took twice as long.
  const enqueue = db.query<undefined, [number, number]>(
    "INSERT INTO embedding_due (document_rowid, at) VALUES (?, ?)",
  );
  // Two look-ups and no join: most messages are new, and a join that finds nothing took 11 µs for 2.
  const placeOf = db.query<{ rowid: number }, [string]>(
    "SELECT document_rowid AS rowid FROM message WHERE uuid = ?",
  );
  const ownerAt = db.query<{ id: string; session_id: string | null }, [number]>(
    "SELECT id, session_id FROM document WHERE rowid = ?",
  );

  /** Writes the row of a document: a new one, or over the one at `rowid`. */
  function write(document: NewDocument, hash: string, at: { now: number; rowid?: number }): number {
    const values = [
      document.id,
      document.kind,
      document.projectKey,
      document.sessionId ?? null,
      document.agentId ?? null,
      document.branch ?? null,
      document.at,
      hash,
      at.now,
      JSON.stringify(document.tags ?? []),
      document.title ?? "",
      document.body,
      document.passages ? JSON.stringify(document.passages) : null,
      document.tools ?? "",
      document.detail === undefined ? null : JSON.stringify(document.detail),
    ];
    if (at.rowid === undefined) return Number(insert.run(...values).lastInsertRowid);
    update.run(...values, at.rowid);
    return at.rowid;
  }

  return {
    /** Stores `document` under its id; the same content again changes nothing. */
    put(document: NewDocument, now: number): Stored {
      const tools = document.tools ?? "";
      const hash = contentHash(document.body, tools);
      const known = find.get(document.id);
      if (known?.hash === hash) return { rowid: known.rowid, state: "unchanged" };
      const rowid = write(document, hash, known ? { now, rowid: known.rowid } : { now });
      if (known) unindex.run(rowid);
      else enqueue.run(rowid, document.at);
      const title = [document.title ?? "", ...(document.tags ?? [])].join(" ");
      const parts = hiddenWords(`${title} ${document.body} ${tools}`);
      index.run(rowid, title, document.body, tools, parts);
      for (const [uuid] of document.passages ?? []) addMessage.run(uuid, rowid);
      for (const { path, action, times } of counted(document.files ?? [])) {
        addFile.run(rowid, path, action, times);
      }
      return { rowid, state: known ? "updated" : "stored" };
    },

    /** Keeps another detail beside the same texts. */
    putDetail(rowid: number, detail: unknown): void {
      db.query("UPDATE document SET detail = ? WHERE rowid = ?").run(JSON.stringify(detail), rowid);
    },

    /** Makes the text index anew from the documents: one that is damaged, or fell behind. */
    reindex(): void {
      db.run("INSERT INTO document_fts (document_fts) VALUES ('delete-all')");
      const all = db.query<Pick<Row, "rowid" | "title" | "tags" | "body" | "tools">, []>(
        "SELECT rowid, title, tags, body, tools FROM document",
      );
      for (const { rowid, title: own, tags, body, tools } of all.iterate()) {
        const title = [own, ...(JSON.parse(tags) as string[])].join(" ");
        index.run(rowid, title, body, tools, hiddenWords(`${title} ${body} ${tools}`));
      }
    },

    /** The document and session that first told message `uuid`. */
    owner(uuid: string): { id: string; sessionId: string | undefined } | undefined {
      const place = placeOf.get(uuid);
      const row = place && ownerAt.get(place.rowid);
      return row ? { id: row.id, sessionId: row.session_id ?? undefined } : undefined;
    },

    count: () => countDocuments(db),

    byRowid(rowid: number): StoredDocument | undefined {
      const row = db
        .query<Row, [number]>(`SELECT ${COLUMNS} FROM document WHERE rowid = ?`)
        .get(rowid);
      return row ? fromRow(row) : undefined;
    },

    byId(id: string): StoredDocument | undefined {
      const row = db.query<Row, [string]>(`SELECT ${COLUMNS} FROM document WHERE id = ?`).get(id);
      return row ? fromRow(row) : undefined;
    },

    /** Documents of a conversation by time, of one kind. */
    ofSession(sessionId: string, kind: DocumentKind): StoredDocument[] {
      return db
        .query<Row, [string, string]>(
          `SELECT ${COLUMNS} FROM document WHERE session_id = ? AND kind = ? ORDER BY at, rowid`,
        )
        .all(sessionId, kind)
        .map(fromRow);
    },

    /** The last `limit` documents of a conversation by time, of one kind, the oldest first. */
    lastOfSession(sessionId: string, kind: DocumentKind, limit: number): StoredDocument[] {
      return db
        .query<Row, [string, string, number]>(
          `SELECT ${COLUMNS} FROM document WHERE session_id = ? AND kind = ?
           ORDER BY at DESC, rowid DESC LIMIT ?`,
        )
        .all(sessionId, kind, limit)
        .map(fromRow)
        .reverse();
    },

    /** What is kept beside the texts of one kind's documents since `since` (epoch ms), one by one. */
    *detailsSince(
      since: number,
      kind: DocumentKind,
    ): Generator<{ projectKey: string; at: number; detail: unknown }> {
      const rows = db
        .query<{ project_key: string; at: number; detail: string | null }, [string, number]>(
          "SELECT project_key, at, detail FROM document WHERE kind = ? AND at >= ? ORDER BY at",
        )
        .iterate(kind, since);
      for (const { project_key, at, detail } of rows) {
        yield { projectKey: project_key, at, detail: detail ? JSON.parse(detail) : undefined };
      }
    },

    /** The conversation round a document: up to `reach` documents before and after it. */
    neighbours(
      document: StoredDocument,
      reach: number,
    ): {
      before: StoredDocument[];
      after: StoredDocument[];
    } {
      if (!document.sessionId) return { before: [], after: [] };
      const side = (comparison: string, order: string) =>
        db
          .query<Row, (string | number)[]>(
            `SELECT ${COLUMNS} FROM document
             WHERE session_id = ?1 AND kind = ?2 AND (at, rowid) ${comparison} (?3, ?4)
             ORDER BY at ${order}, rowid ${order} LIMIT ?5`,
          )
          .all(document.sessionId ?? "", document.kind, document.at, document.rowid, reach)
          .map(fromRow);
      return { before: side("<", "DESC").reverse(), after: side(">", "ASC") };
    },

    remove(rowid: number): void {
      unindex.run(rowid);
      db.query("DELETE FROM document WHERE rowid = ?").run(rowid);
    },

    tally(by: "kind" | "project_key", filter: Filter = {}): { key: string; count: number }[] {
      const { sql, values } = conditions(filter);
      return db
        .query<{ key: string; count: number }, (string | number)[]>(
          `SELECT d.${by} AS key, count(*) AS count FROM document d ${sql}
           GROUP BY 1 ORDER BY 2 DESC`,
        )
        .all(...values);
    },

    timeRange(filter: Filter): { from: number; to: number } | undefined {
      const { sql, values } = conditions(filter);
      const row = db
        .query<{ low: number | null; high: number | null }, (string | number)[]>(
          `SELECT min(d.at) AS low, max(d.at) AS high FROM document d ${sql}`,
        )
        .get(...values);
      return row?.low == null || row.high == null ? undefined : { from: row.low, to: row.high };
    },
  };
}

/** Each path and action once, with how often it came. */
function counted(files: NonNullable<NewDocument["files"]>) {
  const touches = new Map<string, { path: string; action: string; times: number }>();
  for (const { path, action } of files) {
    const key = `${action} ${path}`;
    const touch = touches.get(key);
    if (touch) touch.times += 1;
    else touches.set(key, { path, action, times: 1 });
  }
  return touches.values();
}

/** Two documents of one content have one hash. */
function contentHash(body: string, tools: string): string {
  return sha256(`${body}\u0000${tools}`);
}

function fromRow(row: Row): StoredDocument {
  return {
    rowid: row.rowid,
    id: row.id,
    kind: row.kind,
    projectKey: row.project_key,
    ...(row.session_id ? { sessionId: row.session_id } : {}),
    ...(row.agent_id ? { agentId: row.agent_id } : {}),
    ...(row.branch ? { branch: row.branch } : {}),
    at: row.at,
    title: row.title,
    body: row.body,
    passages: row.passages ? (JSON.parse(row.passages) as PassageRow[]) : [],
    tools: row.tools,
    detail: row.detail ? JSON.parse(row.detail) : undefined,
    tags: JSON.parse(row.tags) as string[],
  };
}
