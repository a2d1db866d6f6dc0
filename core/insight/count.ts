import type { Database } from "bun:sqlite";

/** Insights that are kept. Apart from the store, whose modules a status line need not load. */
export function countInsights(db: Database): number {
  const row = db
    .query<{ n: number }, []>("SELECT count(*) AS n FROM document WHERE kind = 'insight'")
    .get();
  return row?.n ?? 0;
}
