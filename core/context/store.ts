import type { Database } from "bun:sqlite";
import type { SavedContext, SaveReason, WorkContext } from "./model.ts";

/** Contexts kept of one conversation: the newest are the ones that can be gone on from. */
const KEPT = 20;

interface Row {
  id: string;
  conversation: string;
  project_key: string;
  reason: string;
  at: number;
  body: string;
}

const SELECT = "SELECT id, conversation, project_key, reason, at, body FROM saved_context";

/** All SQL on `saved_context`. */
export function contextStore(db: Database) {
  return {
    add({ id, conversation, projectKey, reason, at, context }: SavedContext): void {
      db.query(
        `INSERT INTO saved_context (id, conversation, project_key, reason, at, body)
         VALUES (?, ?, ?, ?, ?, ?)`,
      ).run(id, conversation, projectKey, reason, at, JSON.stringify(context));
      db.query(
        `DELETE FROM saved_context WHERE conversation = ?1 AND id NOT IN
           (SELECT id FROM saved_context WHERE conversation = ?1 ORDER BY at DESC, id DESC LIMIT ?2)`,
      ).run(conversation, KEPT);
    },

    /** Puts what is known better by now in the place of what was saved. */
    replace(id: string, context: WorkContext): void {
      db.query("UPDATE saved_context SET body = ? WHERE id = ?").run(JSON.stringify(context), id);
    },

    get(id: string): SavedContext | undefined {
      const row = db.query<Row, [string]>(`${SELECT} WHERE id = ?`).get(id);
      return row ? fromRow(row) : undefined;
    },

    /** The newest of a conversation. */
    ofConversation(conversation: string): SavedContext | undefined {
      const row = db
        .query<Row, [string]>(`${SELECT} WHERE conversation = ? ORDER BY at DESC, id DESC LIMIT 1`)
        .get(conversation);
      return row ? fromRow(row) : undefined;
    },

    /** The newest of a project. */
    ofProject(projectKey: string): SavedContext | undefined {
      const row = db
        .query<Row, [string]>(`${SELECT} WHERE project_key = ? ORDER BY at DESC, id DESC LIMIT 1`)
        .get(projectKey);
      return row ? fromRow(row) : undefined;
    },

    /** Saved since `since` (epoch ms), newest first. */
    since(since: number, limit: number): SavedContext[] {
      return db
        .query<Row, [number, number]>(`${SELECT} WHERE at >= ? ORDER BY at DESC, id DESC LIMIT ?`)
        .all(since, limit)
        .map(fromRow);
    },
  };
}

function fromRow({ project_key, reason, body, ...row }: Row): SavedContext {
  return {
    ...row,
    projectKey: project_key,
    reason: reason as SaveReason,
    context: JSON.parse(body) as WorkContext,
  };
}
