import type { Database } from "bun:sqlite";
import { randomBytes } from "node:crypto";
import type { IdSource } from "../kernel/ports.ts";
import type { SearchService } from "../search/service.ts";
import { settings } from "../storage/settings.ts";

/** The setting that a trial write goes to, and is taken from again. */
const TRIAL = "trial_write";

/** What a trial writes: more than fits into space that happens to be free in the log. */
const TRIAL_BYTES = 64 * 1024;

/** Files whose reading cannot go on from where it stopped: their place is not to be understood. */
export function brokenCursors(db: Database): number {
  const sql = "SELECT count(*) AS n FROM transcript_file WHERE NOT json_valid(cursor)";
  return db.query<{ n: number }, []>(sql).get()?.n ?? 0;
}

/** Forgets those places: the files are read again from their start, and nothing is kept twice. */
export function dropBrokenCursors(db: Database): number {
  return db.query("DELETE FROM transcript_file WHERE NOT json_valid(cursor)").run().changes;
}

/** Writes to the disk and takes it back. @throws what SQLite says where that cannot be done. */
export function tryWrite(db: Database): void {
  // Two transactions: only what is committed has met the disk.
  settings(db).put(TRIAL, randomBytes(TRIAL_BYTES / 2).toString("hex"));
  settings(db).drop(TRIAL);
}

class Undo extends Error {}

/**
 * Stores a note in the real store, finds it, and undoes all of it: nobody else ever sees it, and a
 * process killed in between leaves nothing.
 * @returns whether it was found.
 */
export function tryRecall({
  ports,
  search,
}: {
  ports: { db: Database; ids: IdSource };
  search: SearchService;
}): boolean {
  const word = `canary${randomBytes(8).toString("hex")}`;
  let isFound = false;
  try {
    ports.db
      .transaction(() => {
        const note = {
          id: ports.ids.next(),
          kind: "reflection" as const,
          projectKey: `trial:${word}`,
        };
        search.put({ ...note, at: 0, body: `A trial of the memory: ${word}.` });
        const { hits } = search.search({ query: word, minScore: 0, limit: 5, maxTokens: 2_000 });
        isFound = hits.some(({ id }) => id === note.id);
        throw new Undo();
      })
      .immediate();
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
  return isFound;
}
