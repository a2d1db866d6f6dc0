import type { Database } from "bun:sqlite";
import type { Project } from "./model.ts";
import type { DependencyType, Edge } from "./proximity.ts";

interface Row {
  key: string;
  name: string;
  root: string;
  vcs: string;
  paused: number;
  last_seen: number;
}

const COLUMNS = "key, name, root, vcs, paused, last_seen";

/** What is written of a project when it is met. Texts are already redacted. */
export interface Meeting {
  readonly key: string;
  readonly name: string;
  readonly root: string;
  readonly remote: string | null;
  readonly vcs: string;
  /** Epoch ms. */
  readonly at: number;
}

/** All SQL on `project`. */
export function projectStore(db: Database) {
  return {
    meet(meeting: Meeting): void {
      const { key, name, root, remote, vcs, at } = meeting;
      db.query(
        `INSERT INTO project (key, name, root, remote, vcs, first_seen, last_seen)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
         ON CONFLICT (key) DO UPDATE SET
           name = excluded.name, root = excluded.root, remote = excluded.remote,
           last_seen = max(last_seen, excluded.last_seen)`,
      ).run(key, name, root, remote, vcs, at);
    },
    get(key: string): Project | undefined {
      const row = db.query<Row, [string]>(`SELECT ${COLUMNS} FROM project WHERE key = ?`).get(key);
      return row ? fromRow(row) : undefined;
    },
    /** Projects called `name`, whatever the case. */
    named(name: string): Project[] {
      return db
        .query<Row, [string]>(
          `SELECT ${COLUMNS} FROM project WHERE name = ? COLLATE NOCASE ORDER BY last_seen DESC`,
        )
        .all(name)
        .map(fromRow);
    },
    all(): Project[] {
      return db
        .query<Row, []>(`SELECT ${COLUMNS} FROM project ORDER BY last_seen DESC`)
        .all()
        .map(fromRow);
    },
    /** Makes what the manifests of `source` name now the whole of what they are known to name. */
    setManifest(source: string, targets: readonly string[], at: number): void {
      db.query("DELETE FROM project_dependency WHERE source_key = ? AND origin = 'manifest'").run(
        source,
      );
      const add = db.query(
        `INSERT OR IGNORE INTO project_dependency (source_key, target_key, type, origin, added_at)
         VALUES (?, ?, 'uses', 'manifest', ?)`,
      );
      for (const target of targets) add.run(source, target, at);
    },
    edges(): Edge[] {
      return db
        .query<{ source_key: string; target_key: string; type: string }, []>(
          "SELECT source_key, target_key, type FROM project_dependency",
        )
        .all()
        .map(({ source_key, target_key, type }) => ({
          source: source_key,
          target: target_key,
          type: type as DependencyType,
        }));
    },
    pausedKeys(): string[] {
      return db
        .query<{ key: string }, []>("SELECT key FROM project WHERE paused = 1 ORDER BY key")
        .all()
        .map(({ key }) => key);
    },
    setPaused(key: string, paused: boolean): void {
      db.query("UPDATE project SET paused = ? WHERE key = ?").run(paused ? 1 : 0, key);
    },
  };
}

function fromRow(row: Row): Project {
  return {
    key: row.key,
    name: row.name,
    root: row.root,
    vcs: row.vcs === "git" ? "git" : "none",
    paused: row.paused === 1,
    lastSeen: row.last_seen,
  };
}
