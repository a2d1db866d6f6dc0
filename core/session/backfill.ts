import type { Database } from "bun:sqlite";
import type { Clock, Logger, Processes } from "../kernel/ports.ts";
import type { ProjectService } from "../project/service.ts";
import type { SearchService } from "../search/service.ts";
import { settings } from "../storage/settings.ts";
import type { IngestProgress, IngestReport, IngestService } from "./ingest.ts";

/** How long a process that reads old history may be silent before another takes over. */
const LEASE_MS = 15_000;

/** How often the progress is written down, in milliseconds. */
const REPORT_EVERY_MS = 1_000;

const PROGRESS = "backfill";
const LEASE = "backfill_lease";

/** How far the reading of all history on this machine is. */
export interface BackfillState {
  /** `pending`: asked for; it runs whenever an `sb mcp` or an `sb ingest --all` does. */
  readonly state: "never" | "pending" | "running" | "done";
  readonly files_done: number;
  readonly files_total: number;
  /** ISO 8601. */
  readonly at?: string;
}

/** How far it was when it was last written down. */
export function backfillState(db: Database): BackfillState {
  const kept = settings(db).get(PROGRESS);
  if (!kept) return { state: "never", files_done: 0, files_total: 0 };
  return JSON.parse(kept) as BackfillState;
}

export type BackfillService = ReturnType<typeof backfillService>;

/**
 * Reads all of the machine's history in the background of a process that runs anyway: newest
 * first, in slices, by one process at a time, resumable wherever it stops.
 */
export function backfillService(deps: {
  ports: { db: Database; clock: Clock; log: Logger; processes: Processes };
  project: ProjectService;
  ingest: IngestService;
  search: Pick<SearchService, "catchUp">;
}) {
  const { ports, project, ingest, search } = deps;
  const facts = settings(ports.db);
  let running: Generator<IngestProgress, IngestReport> | undefined;
  let isAllRead = false;
  let reportedAt = 0;

  /** Takes or keeps the right to read all history; false while another living process has it. */
  function holdLease(): boolean {
    const { pid, startedAt } = ports.processes.self();
    const mine = `${pid}:${startedAt}`;
    return ports.db
      .transaction(() => {
        const [holder, until] = (facts.get(LEASE) ?? "").split("@");
        if (holder && holder !== mine && Number(until) > ports.clock.now()) return false;
        facts.put(LEASE, `${mine}@${ports.clock.now() + LEASE_MS}`);
        return true;
      })
      .immediate();
  }

  function report(state: BackfillState["state"], done: number, total: number): void {
    const at = new Date(ports.clock.now()).toISOString();
    facts.put(PROGRESS, JSON.stringify({ state, files_done: done, files_total: total, at }));
  }

  /** Writes down that all history was read just now. */
  function noteDone(): void {
    const { total, pending } = ingest.pending();
    report("done", total - pending, total);
  }

  /** Takes slices of the running work until `deadline` (performance.now); true when it ended. */
  function work(steps: Generator<IngestProgress, IngestReport>, deadline: number): boolean {
    while (performance.now() < deadline) {
      const step = steps.next();
      if (step.done) return true;
      if (!isAllRead && performance.now() - reportedAt > REPORT_EVERY_MS) {
        reportedAt = performance.now();
        if (!holdLease()) return true;
        report("running", step.value.filesDone, step.value.filesTotal);
      }
    }
    return false;
  }

  return {
    /**
     * Works for about `budgetMs`: first through all history, then through what is new in the
     * current project, then through what both stored, for code and errors.
     * @returns whether there is more to do now; false means: ask again in some seconds.
     */
    step(budgetMs: number): boolean {
      const deadline = performance.now() + budgetMs;
      if (!running && !isAllRead && holdLease()) running = ingest.steps({ kind: "all" });
      running ??= ingest.steps({ kind: "near", identity: project.identify() });
      if (!work(running, deadline)) return true;
      running = undefined;
      if (!isAllRead) {
        isAllRead = true;
        noteDone();
      }
      return search.catchUp(Math.max(0, deadline - performance.now())).pending !== undefined;
    },

    noteDone,

    /** Writes down that all history is wanted, for whichever process runs long enough. */
    request(): void {
      if (!facts.get(PROGRESS)) report("pending", 0, 0);
    },
  };
}
