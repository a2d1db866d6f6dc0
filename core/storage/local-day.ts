import type { Database } from "bun:sqlite";

/**
 * Midnight before `now` by this machine's clock; both epoch ms. Asked of SQLite, since the first
 * local time that JavaScript tells loads the calendars, 3 ms that a status line would wait for.
 */
export function lastMidnight(db: Database, now: number): number {
  const seconds = db
    .query<{ at: number | null }, [number]>(
      "SELECT unixepoch(?, 'unixepoch', 'localtime', 'start of day', 'utc') AS at",
    )
    .get(Math.floor(now / 1_000))?.at;
  if (typeof seconds !== "number") throw new RangeError(`no time: ${now}`);
  return seconds * 1_000;
}
