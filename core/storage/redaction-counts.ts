import type { Database } from "bun:sqlite";
import { settings } from "./settings.ts";

/** The setting that the counts are kept in. */
export const REDACTIONS = "redactions";

/** How often each rule has redacted something since the store was made. */
export function redactionCounts(db: Database): Readonly<Record<string, number>> {
  return JSON.parse(settings(db).get(REDACTIONS) ?? "{}") as Record<string, number>;
}
