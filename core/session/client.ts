import type { Database } from "bun:sqlite";
import type { ProcessRef } from "../kernel/ports.ts";

/** Records older than this are of processes that are long gone, in milliseconds. */
const KEPT_MS = 30 * 86_400_000;

/** Notes which conversation the client process `owner` is in from now (epoch ms) on. */
export function enterConversation(
  db: Database,
  owner: ProcessRef,
  entered: { conversation: string; source: string; now: number },
): void {
  const { conversation, source, now } = entered;
  db.query(
    `INSERT INTO client (pid, started_at, conversation, source, at) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT (pid, started_at) DO UPDATE SET conversation = ?3, source = ?4, at = ?5`,
  ).run(owner.pid, owner.startedAt, conversation, source, now);
  db.query("DELETE FROM client WHERE at < ?").run(now - KEPT_MS);
}

/**
 * The conversation that the client process `owner` is in, as its SessionStart hook said last;
 * undefined without hooks.
 */
export function conversationOfClient(db: Database, owner: ProcessRef): string | undefined {
  return db
    .query<{ conversation: string }, [number, number]>(
      "SELECT conversation FROM client WHERE pid = ? AND started_at = ?",
    )
    .get(owner.pid, owner.startedAt)?.conversation;
}
