import type { Database } from "bun:sqlite";
import type { DocumentKind } from "../search/kinds.ts";
import { forgetFromPages } from "../search/page-forget.ts";

/** A document that is to be forgotten, as a preview shows it. */
export interface DoomedDocument {
  readonly id: string;
  readonly kind: DocumentKind;
  readonly project_key: string;
  readonly at: number;
  readonly text: string;
}

/** How much is marked. */
export interface DoomedCounts {
  readonly byKind: Readonly<Record<string, number>>;
  readonly sightings: number;
  readonly insightsKept: number;
  readonly sessions: number;
  readonly conversations: number;
}

/** A hand-off on the disk that tells of what is forgotten. */
export interface DoomedFile {
  readonly path: string;
  readonly sessionId: string;
}

/** What `markDoomed` has marked: read for a preview, and deleted. */
export function forgetStore(db: Database) {
  const number = (sql: string) => db.query<{ n: number }, []>(sql).get()?.n ?? 0;

  return {
    counts(): DoomedCounts {
      const kinds = db
        .query<{ kind: string; n: number }, []>(
          `SELECT d.kind, count(*) AS n FROM document d JOIN doomed x ON x.rowid = d.rowid
           GROUP BY 1 ORDER BY 2 DESC, 1`,
        )
        .all();
      return {
        byKind: Object.fromEntries(kinds.map(({ kind, n }) => [kind, n])),
        sightings: number("SELECT count(*) AS n FROM doomed_sighting"),
        insightsKept: number("SELECT count(DISTINCT insight_id) AS n FROM doomed_sighting"),
        sessions: number("SELECT count(*) AS n FROM doomed_session"),
        conversations: number("SELECT count(*) AS n FROM doomed_conversation"),
      };
    },

    /** How many reminders are of these projects alone. */
    reminders: (keys: readonly string[]): number =>
      db
        .query<{ n: number }, [string]>(
          `SELECT count(*) AS n FROM reminder
           WHERE project_key IN (SELECT value FROM json_each(?))`,
        )
        .get(JSON.stringify(keys))?.n ?? 0,

    /** The newest of them. */
    examples: (limit: number): DoomedDocument[] =>
      db
        .query<DoomedDocument, [number]>(
          `SELECT d.id, d.kind, d.project_key, d.at, substr(d.body, 1, 2000) AS text
           FROM document d JOIN doomed x ON x.rowid = d.rowid ORDER BY d.at DESC, d.rowid LIMIT ?`,
        )
        .all(limit),

    files: (): DoomedFile[] =>
      db
        .query<DoomedFile, []>(
          `SELECT s.handoff_path AS path, s.id AS sessionId FROM session s
           JOIN doomed_session x ON x.id = s.id
           WHERE s.handoff_path IS NOT NULL ORDER BY s.started_at, s.id`,
        )
        .all(),

    /** SHA-256 hex of all that is marked and of its content: another when any of it changes. */
    fingerprint(): string {
      const hasher = new Bun.CryptoHasher("sha256");
      for (const sql of [
        "SELECT d.id, d.hash FROM document d JOIN doomed x ON x.rowid = d.rowid ORDER BY d.rowid",
        "SELECT insight_id, message_uuid || line FROM doomed_sighting ORDER BY 1, 2",
        "SELECT id, whole FROM doomed_session ORDER BY 1",
        "SELECT id, whole FROM doomed_conversation ORDER BY 1",
      ]) {
        for (const row of db.prepare<Record<string, unknown>, []>(sql).iterate()) {
          hasher.update(`${Object.values(row).join("\0")}\n`);
        }
        hasher.update("\n");
      }
      return hasher.digest("hex");
    },

    /** Leaves a tombstone for each, by which it is known when it comes again. */
    bury(at: number): void {
      for (const sql of [
        // The ids of exchanges are those of the messages that opened them.
        `SELECT CASE d.kind WHEN 'exchange' THEN 'message' ELSE 'document' END, d.id
         FROM document d JOIN doomed x ON x.rowid = d.rowid WHERE d.kind IN ('exchange', 'handoff', 'fix')`,
        "SELECT 'message', m.uuid FROM message m JOIN doomed x ON x.rowid = m.document_rowid",
        "SELECT 'document', 'handoff-' || id FROM doomed_session",
        "SELECT 'conversation', id FROM doomed_conversation",
        "SELECT 'insight', i.hash FROM insight i JOIN doomed x ON x.rowid = i.document_rowid",
      ]) {
        db.prepare(`INSERT OR IGNORE INTO tombstone (kind, key, at) SELECT *, ? FROM (${sql})`).run(
          at,
        );
      }
    },

    /** Deletes what is marked, with all that was made from it. */
    remove(): void {
      const run = (sql: string) => db.run(sql);
      run(`DELETE FROM injected_item WHERE ref IN
        (SELECT d.id FROM document d JOIN doomed x ON x.rowid = d.rowid)
        OR ref IN (SELECT 'handoff:' || id FROM doomed_session)`);
      run(`DELETE FROM injection WHERE id NOT IN (SELECT injection_id FROM injected_item)
        OR conversation IN (SELECT id FROM doomed_conversation WHERE whole)`);
      run("DELETE FROM document_fts WHERE rowid IN (SELECT rowid FROM doomed)");
      run("DELETE FROM document WHERE rowid IN (SELECT rowid FROM doomed)");
      run(`DELETE FROM insight_sighting WHERE EXISTS (SELECT 1 FROM doomed_sighting x
        WHERE x.insight_id = insight_sighting.insight_id
          AND x.message_uuid = insight_sighting.message_uuid AND x.line = insight_sighting.line)`);
      run(`UPDATE document SET (project_key, session_id, agent_id, at) =
          (SELECT s.project_key, s.session_id, s.agent_id, s.at FROM insight i
           JOIN insight_sighting s ON s.insight_id = i.id
           WHERE i.document_rowid = document.rowid ORDER BY s.at, s.message_uuid LIMIT 1)
        WHERE rowid IN (SELECT document_rowid FROM insight
          WHERE id IN (SELECT insight_id FROM doomed_sighting))`);
      run(`UPDATE insight SET captured_at =
          (SELECT min(s.at) FROM insight_sighting s WHERE s.insight_id = insight.id)
        WHERE id IN (SELECT insight_id FROM doomed_sighting)`);
      run("DELETE FROM session WHERE id IN (SELECT id FROM doomed_session WHERE whole)");
      run(`UPDATE session SET handoff = NULL, handoff_path = NULL
        WHERE id IN (SELECT id FROM doomed_session)`);
      run(`DELETE FROM conversation
        WHERE session_id IN (SELECT id FROM doomed_conversation WHERE whole)`);
      run(`UPDATE conversation SET title = NULL, title_rank = 9
        WHERE session_id IN (SELECT id FROM doomed_conversation)`);
      // A saved context quotes its conversation, and injected lines quote the context.
      run(`DELETE FROM injected_item WHERE ref IN (SELECT 'context:' || id FROM saved_context
        WHERE conversation IN (SELECT id FROM doomed_conversation))`);
      run(`DELETE FROM saved_context
        WHERE conversation IN (SELECT id FROM doomed_conversation)`);
      const rowids = db.query<{ rowid: number }, []>("SELECT rowid FROM doomed").all();
      forgetFromPages(db, new Set(rowids.map(({ rowid }) => rowid)));
    },

    /** Forgets that there was a project: a paused one stays known, or it would be recorded again. */
    removeProjects(keys: readonly string[]): void {
      const list = JSON.stringify(keys);
      const isOne = (column: string) => `${column} IN (SELECT value FROM json_each(?1))`;
      for (const sql of [
        `DELETE FROM project WHERE ${isOne("key")} AND paused = 0`,
        `DELETE FROM project_dependency WHERE ${isOne("source_key")} OR ${isOne("target_key")}`,
        `DELETE FROM setting WHERE name IN (SELECT 'quality:' || value FROM json_each(?1))`,
        // How far its files were read must stay known; where they lie need not.
        `UPDATE transcript_file SET path = '' WHERE ${isOne("project_key")}`,
        `DELETE FROM injection WHERE ${isOne("project_key")}`,
        `DELETE FROM saved_context WHERE ${isOne("project_key")}`,
        `DELETE FROM reminder WHERE ${isOne("project_key")}`,
      ]) {
        db.prepare(sql).run(list);
      }
    },
  };
}
