import type { Database } from "bun:sqlite";
import type { Processes, ProcessRef } from "../../kernel/ports.ts";
import { sha256 } from "../../kernel/text.ts";
import { settings } from "../../storage/settings.ts";
import type { Manager } from "./model.ts";

/** What became of the last sync of a project by one manager. */
export interface SyncRecord {
  readonly manager: Manager;
  readonly command: string;
  readonly state: "running" | "done" | "failed" | "timed out" | "stopped";
  readonly exitCode: number | null;
  /** Epoch ms of its beginning. */
  readonly at: number;
  readonly ms: number;
  readonly output: string;
  /** The process that runs it. */
  readonly runner: ProcessRef;
}

/** The last syncs, by the project's folder. */
export function syncStore({ db, processes }: { db: Database; processes: Processes }) {
  const facts = settings(db);
  const nameOf = (root: string) => `sync:${sha256(root).slice(0, 32)}`;

  function all(root: string): SyncRecord[] {
    const text = facts.get(nameOf(root));
    const records = text === undefined ? [] : (JSON.parse(text) as SyncRecord[]);
    // The command does not outlive the process that ran it.
    return records.map((record) => {
      const isCutOff = record.state === "running" && !processes.isAlive(record.runner);
      return isCutOff ? { ...record, state: "stopped" } : record;
    });
  }

  return {
    /** The newest first. */
    all,

    /** Replaces what is known of the same manager. */
    put(root: string, record: SyncRecord): void {
      const others = all(root).filter(({ manager }) => manager !== record.manager);
      facts.put(nameOf(root), JSON.stringify([record, ...others]));
    },
  };
}
