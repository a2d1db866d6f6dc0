import type { Database } from "bun:sqlite";
import type { Brief, BriefItem } from "./brief.ts";

/** What was put into a conversation unasked. Times are epoch ms. */
export interface Injection {
  readonly id: number;
  readonly conversation: string;
  readonly projectKey: string;
  /** The hook's event, or `start` where the tool was called. */
  readonly event: string;
  readonly at: number;
  readonly tokens: number;
  readonly items: readonly (BriefItem & { readonly tokens: number })[];
}

interface Row {
  id: number;
  conversation: string;
  project_key: string;
  event: string;
  at: number;
  tokens: number;
}

/** All SQL on the receipts of what was injected. */
export function injectionStore(db: Database) {
  function itemsOf(id: number): Injection["items"] {
    return db
      .query<BriefItem & { tokens: number }, [number]>(
        `SELECT ref, kind, text, reason, tokens FROM injected_item
         WHERE injection_id = ? ORDER BY position`,
      )
      .all(id);
  }
  return {
    /** Keeps the receipt of `brief`; an empty one leaves none. */
    keep(brief: Brief, to: Pick<Injection, "conversation" | "projectKey" | "event" | "at">): void {
      if (brief.text === "") return;
      const { lastInsertRowid } = db
        .query(
          "INSERT INTO injection (conversation, project_key, event, at, tokens) VALUES (?, ?, ?, ?, ?)",
        )
        .run(to.conversation, to.projectKey, to.event, to.at, brief.tokens);
      const insert = db.query<undefined, (string | number)[]>(
        `INSERT INTO injected_item (injection_id, position, ref, kind, text, reason, tokens)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      );
      brief.items.forEach(({ ref, kind, text, reason, tokens }, position) => {
        insert.run(Number(lastInsertRowid), position, ref, kind, text, reason, tokens);
      });
    },

    /** Refs of everything that `conversation` was told, or was told at one event. */
    told(conversation: string, event?: string): ReadonlySet<string> {
      const rows = db
        .query<{ ref: string }, [string, string | null]>(
          `SELECT DISTINCT ref FROM injected_item i JOIN injection j ON j.id = i.injection_id
           WHERE j.conversation = ?1 AND (?2 IS NULL OR j.event = ?2)`,
        )
        .all(conversation, event ?? null);
      return new Set(rows.map(({ ref }) => ref));
    },

    /** The receipts of one conversation or of all, newest first, without what they are of. */
    list: (conversation?: string): Pick<Injection, "id" | "projectKey" | "tokens">[] =>
      db
        .query<Pick<Injection, "id" | "projectKey" | "tokens">, [string | null]>(
          `SELECT id, project_key AS projectKey, tokens FROM injection
           WHERE ?1 IS NULL OR conversation = ?1 ORDER BY id DESC`,
        )
        .all(conversation ?? null),

    get(id: number): Injection | undefined {
      const row = db
        .query<Row, [number]>(
          "SELECT id, conversation, project_key, event, at, tokens FROM injection WHERE id = ?",
        )
        .get(id);
      if (!row) return undefined;
      const { project_key, ...rest } = row;
      return { ...rest, projectKey: project_key, items: itemsOf(id) };
    },
  };
}

/** Tokens that were injected since `since` (epoch ms), and into `conversation` as a whole. */
export function injectedTokens(
  db: Database,
  { since, conversation }: { since: number; conversation?: string | undefined },
): { today: number; session: number } {
  const sum = (where: string, value: string | number) =>
    db
      .query<{ tokens: number | null }, [string | number]>(
        `SELECT sum(tokens) AS tokens FROM injection WHERE ${where}`,
      )
      .get(value)?.tokens ?? 0;
  return {
    today: sum("at >= ?", since),
    session: conversation === undefined ? 0 : sum("conversation = ?", conversation),
  };
}
