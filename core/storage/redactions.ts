import type { Database } from "bun:sqlite";
import { redact } from "../kernel/redact.ts";
import { settings } from "./settings.ts";

const NAME = "redactions";

/** How often each rule has redacted something since the store was made. */
export type RedactionCounts = Readonly<Record<string, number>>;

export type Redactor = ReturnType<typeof redactor>;

/** Redacts what is about to be stored, and counts by rule what was found. */
export function redactor(db: Database) {
  const facts = settings(db);
  let waiting: Record<string, number> = {};

  function counts(): RedactionCounts {
    return JSON.parse(facts.get(NAME) ?? "{}") as RedactionCounts;
  }

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
      const sums: Record<string, number> = { ...counts() };
      for (const [rule, count] of Object.entries(waiting)) sums[rule] = (sums[rule] ?? 0) + count;
      facts.put(NAME, JSON.stringify(sums));
      waiting = {};
    },

    counts,
  };
}
