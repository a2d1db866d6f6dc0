import type { Database } from "bun:sqlite";
import type { RecordOf } from "./record.ts";

/** Tables that are filled by an import alone, or otherwise by it. Each tells whether it was new. */
export function importStore(db: Database) {
  const project = db.query<undefined, (string | number | null)[]>(
    `INSERT INTO project (key, name, root, remote, vcs, first_seen, last_seen, paused)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
  );
  const seen = db.query<undefined, [number, number, string]>(
    `UPDATE project SET first_seen = min(first_seen, ?), last_seen = max(last_seen, ?)
     WHERE key = ?`,
  );
  const dependency = db.query<undefined, (string | number)[]>(
    `INSERT OR IGNORE INTO project_dependency (source_key, target_key, type, origin, added_at)
     VALUES (?, ?, ?, ?, ?)`,
  );
  const session = db.query<undefined, (string | number | null)[]>(
    `INSERT OR IGNORE INTO session (id, project_key, root, claude_session, head, owner_pid,
       owner_started_at, state, started_at, ended_at, handoff_path, handoff)
     VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?)`,
  );
  const hasSession = db.query<{ id: string }, [string]>("SELECT id FROM session WHERE id = ?");
  const checkpoint = db.query<undefined, (string | number | null)[]>(
    `INSERT OR IGNORE INTO checkpoint (id, session_id, name, at, git, detail)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const rate = db.query<undefined, [number, string]>(
    "UPDATE insight SET rating = ? WHERE id = ? AND rating = 0",
  );

  return {
    project(record: RecordOf<"project">): boolean {
      const { key, name, root, remote, vcs, first_seen, last_seen, paused } = record;
      const isNew =
        project.run(
          key,
          name,
          root ?? "",
          remote ?? null,
          vcs,
          first_seen,
          last_seen,
          paused ? 1 : 0,
        ).changes > 0;
      if (!isNew) seen.run(first_seen, last_seen, key);
      return isNew;
    },

    dependency: (record: RecordOf<"dependency">): boolean =>
      dependency.run(
        record.source_key,
        record.target_key,
        record.kind,
        record.origin,
        record.added_at,
      ).changes > 0,

    session(record: RecordOf<"session">, projectKey: string): boolean {
      const { id, root, conversation, head, state, started_at, ended_at } = record;
      const { handoff, handoff_path } = record;
      return (
        session.run(
          id,
          projectKey,
          root,
          conversation ?? null,
          head ?? null,
          state,
          started_at,
          ended_at ?? null,
          handoff_path ?? null,
          handoff ? JSON.stringify(handoff) : null,
        ).changes > 0
      );
    },

    hasSession: (id: string): boolean => hasSession.get(id) !== null,

    checkpoint: (record: RecordOf<"checkpoint">): boolean =>
      checkpoint.run(
        record.id,
        record.session_id,
        record.name ?? null,
        record.at,
        JSON.stringify(record.git),
        JSON.stringify(record.detail ?? null),
      ).changes > 0,

    /** Takes over a rating where there is none. */
    rate: (id: string, rating: number): void => void rate.run(rating, id),
  };
}
