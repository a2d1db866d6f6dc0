import type { Database } from "bun:sqlite";
import { redact } from "../kernel/redact.ts";
import { REDACTIONS, redactionCounts } from "./redaction-counts.ts";
import { settings } from "./settings.ts";

export type Redactor = ReturnType<typeof redactor>;

/** Redacts what is about to be stored, and counts by rule what was found. */
export function redactor(db: Database) {
  const facts = settings(db);
  let waiting: Record<string, number> = {};

  return {
    clean(text: string): string {
      const { text: clean, counts: found } = redact(text);
      for (const [rule, count] of Object.entries(found)) {
        waiting[rule] = (waiting[rule] ?? 0) + count;
      }
      return clean;
    },

    /** Adds what was found since the last call to the store; part of the caller's transaction. */
    note(): void {
      if (Object.keys(waiting).length === 0) return;
      const sums: Record<string, number> = { ...redactionCounts(db) };
      for (const [rule, count] of Object.entries(waiting)) sums[rule] = (sums[rule] ?? 0) + count;
      facts.put(REDACTIONS, JSON.stringify(sums));
      waiting = {};
    },
  };
}
