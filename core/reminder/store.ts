import type { Database } from "bun:sqlite";
import type { DueReminder, Reminder } from "./model.ts";

interface Row {
  id: string;
  project_key: string | null;
  title: string;
  description: string;
  said: string;
  anchor: number;
  rule: string | null;
  due_at: number;
  state: string;
  created_at: number;
}

const COLUMNS =
  "id, project_key, title, description, said, anchor, rule, due_at, state, created_at";

/** All SQL on `reminder`. */
export function reminderStore(db: Database) {
  return {
    add(reminder: Reminder): void {
      const { id, projectKey, title, description, said, anchor, rule, dueAt, state, createdAt } =
        reminder;
      db.query(`INSERT INTO reminder (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`).run(
        id,
        projectKey,
        title,
        description,
        said,
        anchor,
        rule,
        dueAt,
        state,
        createdAt,
      );
    },

    get(id: string): Reminder | undefined {
      const row = db.query<Row, [string]>(`SELECT ${COLUMNS} FROM reminder WHERE id = ?`).get(id);
      return row ? fromRow(row) : undefined;
    },

    /** Those of `projectKeys` (all without), the next one first, then those that are done with. */
    list(projectKeys: readonly string[] | undefined, isWhole: boolean): Reminder[] {
      return db
        .query<Row, [string | null, number]>(
          `SELECT ${COLUMNS} FROM reminder
           WHERE (?1 IS NULL OR project_key IN (SELECT value FROM json_each(?1)))
             AND (?2 OR state = 'open')
           ORDER BY state <> 'open', due_at, id`,
        )
        .all(projectKeys ? JSON.stringify(projectKeys) : null, isWhole ? 1 : 0)
        .map(fromRow);
    },

    setState(id: string, state: Reminder["state"]): void {
      db.query("UPDATE reminder SET state = ? WHERE id = ?").run(state, id);
    },

    /** Notes that one was told in a conversation, and when it is due again: never, for null. */
    told(id: string, to: { conversation: string; since: number; at: number; next: number | null }) {
      db.query(
        `UPDATE reminder SET told_in = ?2, told_due = ?3, told_at = ?4,
           due_at = coalesce(?5, due_at), state = CASE WHEN ?5 IS NULL THEN 'done' ELSE state END
         WHERE id = ?1 AND state = 'open'`,
      ).run(id, to.conversation, to.since, to.at, to.next);
    },
  };
}

/**
 * What is due at `now` in the project `projectKey` or everywhere, the longest due first: and what was
 * told in `conversation` already. Apart from the service, which a status line need not load.
 */
export function dueReminders(
  db: Database,
  { now, projectKey, conversation }: { now: number; projectKey: string; conversation?: string },
): DueReminder[] {
  return db
    .query<Row & { since: number }, [number, string, string]>(
      `SELECT ${COLUMNS}, due_at AS since FROM reminder
         WHERE state = 'open' AND due_at <= ?1 AND coalesce(project_key, ?2) = ?2
       UNION ALL
       SELECT ${COLUMNS}, told_due AS since FROM reminder
         WHERE told_in = ?3 AND state <> 'cancelled' AND NOT (state = 'open' AND due_at <= ?1)
           AND coalesce(project_key, ?2) = ?2
       ORDER BY since, id LIMIT 50`,
    )
    .all(now, projectKey, conversation ?? "")
    .map(({ since, ...row }) => ({ ...fromRow(row), since }));
}

function fromRow(row: Row): Reminder {
  return {
    id: row.id,
    projectKey: row.project_key,
    title: row.title,
    description: row.description,
    said: row.said,
    anchor: row.anchor,
    rule: row.rule,
    dueAt: row.due_at,
    state: row.state as Reminder["state"],
    createdAt: row.created_at,
  };
}
