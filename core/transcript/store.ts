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
  /** Of all rows up to the cursor. */
  readonly counts: ReadCounts;
  /** The rules under which exchanges were left out; undefined where none were. */
  readonly leftOut: string | undefined;
}

/** What is known of a file without a look at it: from its reading, or from a look at its head. */
export interface Sight {
  readonly projectKey?: string;
  readonly leftOut?: string;
  readonly head?: Head;
}

/** What a look at the head of a file told: no project where it names no folder. */
export interface Head {
  readonly projectHash: string | undefined;
  /** Bytes of the file then. */
  readonly size: number;
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
  /** Of all rows up to the cursor. */
  readonly counts: ReadCounts;
  readonly leftOut: string | undefined;
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

interface ProgressRow {
  cursor: string;
  project_key: string | null;
  read_at: number;
  rows: number;
  bad_rows: number;
  unknown_rows: number;
  left_out: string | null;
}

interface ReadRow {
  path_hash: string;
  project_key: string | null;
  modified_at: number;
  size: number;
  left_out: string | null;
}

interface HeadRow {
  path_hash: string;
  project_hash: string | null;
  size: number;
}

const CONVERSATION = `session_id, project_key, title, branch, started_at, ended_at,
  context_tokens, compactions`;

/** Rank of a conversation without a title: any title replaces it. */
const NO_TITLE_RANK = 9;

/** All SQL on `transcript_file` and `conversation`. */
export function transcriptStore(db: Database) {
  const progress = db.query<ProgressRow, [string]>(
    `SELECT cursor, project_key, read_at, rows, bad_rows, unknown_rows, left_out
     FROM transcript_file WHERE path_hash = ?`,
  );
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
  const readOnes = db.query<ReadRow, [string]>(
    `SELECT path_hash, project_key, modified_at, size, left_out FROM transcript_file
     WHERE path_hash IN (SELECT value FROM json_each(?))`,
  );
  const heads = db.query<HeadRow, [string]>(
    `SELECT path_hash, project_hash, size FROM transcript_head
     WHERE path_hash IN (SELECT value FROM json_each(?))`,
  );
  const addHead = db.query<undefined, [string, string | null, number]>(
    "INSERT OR REPLACE INTO transcript_head (path_hash, project_hash, size) VALUES (?, ?, ?)",
  );
  return {
    /**
     * Those of `files` that are not as they were when they were last read, and those of which other
     * `rules` left something out; one statement for all.
     */
    changed(files: readonly TranscriptFile[], rules?: () => string): TranscriptFile[] {
      const hashes = files.map(({ path }) => sha256(path));
      const known = new Map(
        readOnes.all(JSON.stringify(hashes)).map((row) => [row.path_hash, row] as const),
      );
      const now =
        rules && [...known.values()].some(({ left_out }) => left_out) ? rules() : undefined;
      return files.filter(({ size, modifiedAt }, index) => {
        const mark = known.get(hashes[index] ?? "");
        if (!mark || mark.size !== size || mark.modified_at !== modifiedAt) return true;
        return now !== undefined && mark.left_out !== null && mark.left_out !== now;
      });
    },

    /** What is known of `files`, by path; nothing of most files of a new store. */
    sights(files: readonly TranscriptFile[]): Map<string, Sight> {
      const paths = new Map(files.map(({ path }) => [sha256(path), path] as const));
      const hashes = JSON.stringify([...paths.keys()]);
      const sights = new Map<string, Sight>();
      for (const { path_hash, project_hash, size } of heads.all(hashes)) {
        const head = { projectHash: project_hash ?? undefined, size };
        sights.set(paths.get(path_hash) ?? "", { head });
      }
      for (const { path_hash, project_key, left_out } of readOnes.all(hashes)) {
        sights.set(paths.get(path_hash) ?? "", {
          ...(project_key === null ? {} : { projectKey: project_key }),
          ...(left_out === null ? {} : { leftOut: left_out }),
        });
      }
      return sights;
    },

    /** Keeps what looks at heads told, by path. */
    keepHeads(found: ReadonlyMap<string, Head>): void {
      if (found.size === 0) return;
      db.transaction(() => {
        for (const [path, { projectHash, size }] of found) {
          addHead.run(sha256(path), projectHash ?? null, size);
        }
      }).immediate();
    },

    progressOf(path: string): FileProgress | undefined {
      const row = progress.get(sha256(path));
      if (!row) return undefined;
      return {
        cursor: JSON.parse(row.cursor) as FileCursor,
        projectKey: row.project_key ?? undefined,
        readAt: row.read_at,
        counts: { rows: row.rows, badRows: row.bad_rows, unknownRows: row.unknown_rows },
        leftOut: row.left_out ?? undefined,
      };
    },

    save(record: FileRecord): void {
      const { counts, cursor } = record;
      db.query(
        `INSERT INTO transcript_file (path_hash, path, session_id, agent_id, project_key, cursor,
           modified_at, size, rows, bad_rows, unknown_rows, read_at, left_out)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (path_hash) DO UPDATE SET
           project_key = coalesce(excluded.project_key, project_key),
           cursor = excluded.cursor, modified_at = excluded.modified_at, size = excluded.size,
           rows = excluded.rows, bad_rows = excluded.bad_rows,
           unknown_rows = excluded.unknown_rows, read_at = excluded.read_at,
           left_out = excluded.left_out`,
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
        record.leftOut ?? null,
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
