import type { Database } from "bun:sqlite";
import type { ProcessRef } from "../kernel/ports.ts";
import type { Handoff } from "./handoff.ts";
import type { Snapshot } from "./snapshot.ts";

/** `active`: running, or cut off. `left`: its server went in good order, its end is not told yet. */
export type SessionState = "active" | "left" | "ended" | "recovered";

/** A session of ours. Times are epoch ms. */
export interface Session {
  readonly id: string;
  readonly projectKey: string;
  readonly root: string;
  /** Claude Code's session id as it was known at the start. */
  readonly conversation?: string;
  /** Full hash of git's HEAD at the start. */
  readonly head?: string;
  readonly owner: ProcessRef;
  readonly state: SessionState;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly handoffPath?: string;
  readonly handoff?: Handoff;
}

/** A saved point of a session. */
export interface Checkpoint {
  readonly id: string;
  readonly sessionId: string;
  readonly name?: string;
  readonly at: number;
  readonly git: Snapshot;
}

interface Row {
  id: string;
  project_key: string;
  root: string;
  claude_session: string | null;
  head: string | null;
  owner_pid: number;
  owner_started_at: number;
  state: string;
  started_at: number;
  ended_at: number | null;
  handoff_path: string | null;
  handoff: string | null;
}

const COLUMNS = `id, project_key, root, claude_session, head, owner_pid, owner_started_at, state,
  started_at, ended_at, handoff_path, handoff`;

/** All SQL on `session` and `checkpoint`. */
export function sessionStore(db: Database) {
  function rows(rest: string, ...values: (string | number)[]): Session[] {
    return db
      .query<Row, (string | number)[]>(`SELECT ${COLUMNS} FROM session ${rest}`)
      .all(...values)
      .map(fromRow);
  }
  return {
    add(session: Session): void {
      db.query(
        `INSERT INTO session (id, project_key, root, claude_session, head, owner_pid,
           owner_started_at, state, started_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        session.id,
        session.projectKey,
        session.root,
        session.conversation ?? null,
        session.head ?? null,
        session.owner.pid,
        session.owner.startedAt,
        session.state,
        session.startedAt,
      );
    },

    get: (id: string): Session | undefined => rows("WHERE id = ?", id)[0],

    /** Sessions whose end is not told yet, newest first. */
    unfinished: (): Session[] =>
      rows("WHERE state IN ('active', 'left') ORDER BY started_at DESC, id DESC"),

    /** Sessions of a project, or of all, newest first. */
    list: (limit: number, projectKey?: string): Session[] =>
      projectKey
        ? rows("WHERE project_key = ? ORDER BY started_at DESC, id DESC LIMIT ?", projectKey, limit)
        : rows("ORDER BY started_at DESC, id DESC LIMIT ?", limit),

    /** Every session, of some projects or of all, with when it began (epoch ms). */
    times: (projectKeys?: readonly string[]): { id: string; projectKey: string; at: number }[] =>
      db
        .query<{ id: string; projectKey: string; at: number }, [string | null]>(
          `SELECT id, project_key AS projectKey, started_at AS at FROM session
           WHERE ?1 IS NULL OR project_key IN (SELECT value FROM json_each(?1))`,
        )
        .all(projectKeys ? JSON.stringify(projectKeys) : null),

    /** The last sessions of a project that left a hand-off, newest first. */
    finished: (projectKey: string, limit: number): Session[] =>
      rows(
        `WHERE project_key = ? AND handoff IS NOT NULL
         ORDER BY ended_at DESC, started_at DESC LIMIT ?`,
        projectKey,
        limit,
      ),

    /** Makes `owner` the one the session lives in. */
    hold(id: string, owner: ProcessRef): void {
      db.query(
        `UPDATE session SET state = 'active', ended_at = NULL, owner_pid = ?, owner_started_at = ?
         WHERE id = ?`,
      ).run(owner.pid, owner.startedAt, id);
    },

    /** Notes that the session's server went in good order at `at`. */
    leave(id: string, at: number): void {
      db.query("UPDATE session SET state = 'left', ended_at = ? WHERE id = ?").run(at, id);
    },

    /**
     * Notes that the session goes on in another work tree. What HEAD was at the start says nothing
     * there: from then on the time tells which commits are the session's.
     */
    move(id: string, root: string): void {
      db.query("UPDATE session SET root = ?, head = NULL WHERE id = ?").run(root, id);
    },

    setConversation(id: string, conversation: string): void {
      db.query("UPDATE session SET claude_session = ? WHERE id = ?").run(conversation, id);
    },

    /**
     * Ends a session unless another process has ended it.
     * @returns whether this call did.
     */
    finish(id: string, state: "ended" | "recovered", at: number): boolean {
      return (
        db
          .query(
            `UPDATE session SET state = ?, ended_at = ?
             WHERE id = ? AND state IN ('active', 'left')`,
          )
          .run(state, at, id).changes > 0
      );
    },

    setHandoff(id: string, handoff: Handoff, path: string | null): void {
      db.query("UPDATE session SET handoff = ?, handoff_path = ? WHERE id = ?").run(
        JSON.stringify(handoff),
        path,
        id,
      );
    },

    addCheckpoint(checkpoint: Checkpoint, detail: unknown): void {
      db.query(
        "INSERT INTO checkpoint (id, session_id, name, at, git, detail) VALUES (?, ?, ?, ?, ?, ?)",
      ).run(
        checkpoint.id,
        checkpoint.sessionId,
        checkpoint.name ?? null,
        checkpoint.at,
        JSON.stringify(checkpoint.git),
        JSON.stringify(detail),
      );
    },

    checkpoints(sessionId: string): Checkpoint[] {
      return db
        .query<{ id: string; name: string | null; at: number; git: string }, [string]>(
          "SELECT id, name, at, git FROM checkpoint WHERE session_id = ? ORDER BY at, id",
        )
        .all(sessionId)
        .map(({ id, name, at, git }) => ({
          id,
          sessionId,
          at,
          git: JSON.parse(git) as Snapshot,
          ...(name ? { name } : {}),
        }));
    },
  };
}

function fromRow(row: Row): Session {
  return {
    id: row.id,
    projectKey: row.project_key,
    root: row.root,
    ...(row.claude_session ? { conversation: row.claude_session } : {}),
    ...(row.head ? { head: row.head } : {}),
    owner: { pid: row.owner_pid, startedAt: row.owner_started_at },
    state: row.state as SessionState,
    startedAt: row.started_at,
    ...(row.ended_at ? { endedAt: row.ended_at } : {}),
    ...(row.handoff_path ? { handoffPath: row.handoff_path } : {}),
    ...(row.handoff ? { handoff: JSON.parse(row.handoff) as Handoff } : {}),
  };
}
