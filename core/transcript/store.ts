import type { Database } from "bun:sqlite";
import { sha256 } from "../kernel/text.ts";
import type { TranscriptFile } from "./locate.ts";
import type { FileCursor, ReadCounts } from "./model.ts";

/** How far a file has been read, and what was found in it so far. */
export interface FileProgress {
  readonly cursor: FileCursor;
  readonly projectKey: string | undefined;
  /** Epoch ms. */
  readonly readAt: number;
}

/** What is written after a pass over a file. Texts are already redacted. */
export interface FileRecord {
  /** The path as it is, which only its hash keeps. */
  readonly path: string;
  readonly shownPath: string;
  readonly sessionId: string;
  readonly agentId: string | undefined;
  readonly projectKey: string | undefined;
  readonly cursor: FileCursor;
  readonly counts: ReadCounts;
  /** Counts replace what was counted before, for a file that was read again from its start. */
  readonly recount: boolean;
  readonly at: number;
}

/** A conversation of Claude Code's as far as it is known. */
export interface Conversation {
  readonly sessionId: string;
  readonly projectKey: string;
  readonly title?: string;
  /** How strong the title's source is, 0 the strongest: a weaker one does not replace it. */
  readonly titleRank?: number;
  readonly branch?: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly contextTokens: number;
  readonly compactions: number;
}

interface ConversationRow {
  session_id: string;
  project_key: string;
  title: string | null;
  branch: string | null;
  started_at: number;
  ended_at: number;
  context_tokens: number;
  compactions: number;
}

const CONVERSATION = `session_id, project_key, title, branch, started_at, ended_at,
  context_tokens, compactions`;

/** Rank of a conversation without a title: any title replaces it. */
const NO_TITLE_RANK = 9;

/** All SQL on `transcript_file` and `conversation`. */
export function transcriptStore(db: Database) {
  const progress = db.query<
    { cursor: string; project_key: string | null; read_at: number },
    [string]
  >("SELECT cursor, project_key, read_at FROM transcript_file WHERE path_hash = ?");
  const extend = db.query<undefined, (string | number | null)[]>(
    `INSERT INTO conversation (${CONVERSATION}, title_rank) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (session_id) DO UPDATE SET
       title = CASE WHEN excluded.title IS NOT NULL AND excluded.title_rank <= title_rank
         THEN excluded.title ELSE title END,
       title_rank = CASE WHEN excluded.title IS NOT NULL
         THEN min(title_rank, excluded.title_rank) ELSE title_rank END,
       branch = coalesce(excluded.branch, branch),
       started_at = min(started_at, excluded.started_at),
       context_tokens = CASE WHEN excluded.ended_at >= ended_at AND excluded.context_tokens > 0
         THEN excluded.context_tokens ELSE context_tokens END,
       ended_at = max(ended_at, excluded.ended_at),
       compactions = compactions + excluded.compactions`,
  );
  const marks = db.query<{ path_hash: string; modified_at: number; size: number }, [string]>(
    `SELECT path_hash, modified_at, size FROM transcript_file
     WHERE path_hash IN (SELECT value FROM json_each(?))`,
  );
  return {
    /** Those of `files` that are not as they were when they were last read; one statement for all. */
    changed(files: readonly TranscriptFile[]): TranscriptFile[] {
      const hashes = files.map(({ path }) => sha256(path));
      const known = new Map(
        marks.all(JSON.stringify(hashes)).map((row) => [row.path_hash, row] as const),
      );
      return files.filter(({ size, modifiedAt }, index) => {
        const mark = known.get(hashes[index] ?? "");
        return !mark || mark.size !== size || mark.modified_at !== modifiedAt;
      });
    },

    progressOf(path: string): FileProgress | undefined {
      const row = progress.get(sha256(path));
      if (!row) return undefined;
      return {
        cursor: JSON.parse(row.cursor) as FileCursor,
        projectKey: row.project_key ?? undefined,
        readAt: row.read_at,
      };
    },

    save(record: FileRecord): void {
      const { counts, cursor } = record;
      const add = record.recount ? "" : "+";
      const count = (column: string) =>
        add ? `${column} + excluded.${column}` : `excluded.${column}`;
      db.query(
        `INSERT INTO transcript_file (path_hash, path, session_id, agent_id, project_key, cursor,
           modified_at, size, rows, bad_rows, unknown_rows, read_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (path_hash) DO UPDATE SET
           project_key = coalesce(excluded.project_key, project_key),
           cursor = excluded.cursor, modified_at = excluded.modified_at, size = excluded.size,
           rows = ${count("rows")}, bad_rows = ${count("bad_rows")},
           unknown_rows = ${count("unknown_rows")}, read_at = excluded.read_at`,
      ).run(
        sha256(record.path),
        record.shownPath,
        record.sessionId,
        record.agentId ?? null,
        record.projectKey ?? null,
        JSON.stringify(cursor),
        cursor.modifiedAt,
        cursor.size,
        counts.rows,
        counts.badRows,
        counts.unknownRows,
        record.at,
      );
    },

    /** Adds what a pass learnt of a conversation to what is known of it. */
    extend(conversation: Conversation): void {
      extend.run(
        conversation.sessionId,
        conversation.projectKey,
        conversation.title ?? null,
        conversation.branch ?? null,
        conversation.startedAt,
        conversation.endedAt,
        conversation.contextTokens,
        conversation.compactions,
        conversation.titleRank ?? NO_TITLE_RANK,
      );
    },

    conversation(sessionId: string): Conversation | undefined {
      const row = db
        .query<ConversationRow, [string]>(
          `SELECT ${CONVERSATION} FROM conversation WHERE session_id = ?`,
        )
        .get(sessionId);
      return row ? fromRow(row) : undefined;
    },

    /** Every conversation, of some projects or of all, with when it was last heard of (epoch ms). */
    times: (projectKeys?: readonly string[]): { id: string; projectKey: string; at: number }[] =>
      db
        .query<{ id: string; projectKey: string; at: number }, [string | null]>(
          `SELECT session_id AS id, project_key AS projectKey, ended_at AS at FROM conversation
           WHERE ?1 IS NULL OR project_key IN (SELECT value FROM json_each(?1))`,
        )
        .all(projectKeys ? JSON.stringify(projectKeys) : null),

    /** Conversations, newest first; of one project where `projectKey` is given. */
    conversations(limit: number, projectKey?: string): Conversation[] {
      return db
        .query<ConversationRow, [string | null, number]>(
          `SELECT ${CONVERSATION} FROM conversation WHERE ?1 IS NULL OR project_key = ?1
           ORDER BY ended_at DESC LIMIT ?2`,
        )
        .all(projectKey ?? null, limit)
        .map(fromRow);
    },
  };
}

function fromRow(row: ConversationRow): Conversation {
  return {
    sessionId: row.session_id,
    projectKey: row.project_key,
    ...(row.title ? { title: row.title } : {}),
    ...(row.branch ? { branch: row.branch } : {}),
    startedAt: row.started_at,
    endedAt: row.ended_at,
    contextTokens: row.context_tokens,
    compactions: row.compactions,
  };
}
