import type { Database } from "bun:sqlite";

/** The same event again within this time is a second delivery of it, in milliseconds. */
const SAME_WITHIN_MS = 10_000;

/** All SQL on which events came. */
export function hookStore(db: Database) {
  return {
    /**
     * Notes that an event came. Two deliveries of one come at the same moment: call it inside a
     * transaction.
     * @returns false when it is a second delivery.
     */
    note(event: string, key: string, now: number): boolean {
      const known = db
        .query<{ at: number }, [string]>("SELECT at FROM hook_seen WHERE key = ?")
        .get(key);
      if (known && Math.abs(now - known.at) < SAME_WITHIN_MS) return false;
      db.query(
        `INSERT INTO hook_seen (key, at) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET at = ?2`,
      ).run(key, now);
      db.query("DELETE FROM hook_seen WHERE at < ?").run(now - SAME_WITHIN_MS);
      db.query(
        `INSERT INTO hook_event (event, last_at, count) VALUES (?1, ?2, 1)
         ON CONFLICT (event) DO UPDATE SET last_at = ?2, count = count + 1`,
      ).run(event, now);
      return true;
    },
  };
}
