import type { Database } from "bun:sqlite";
import type { Clock, Logger, Processes, ProcessRef } from "../kernel/ports.ts";
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

/** How far it is: as it was last written down, but that nobody reads whose process has ended. */
export function backfillState(ports: { db: Database; processes: Processes }): BackfillState {
  const facts = settings(ports.db);
  const kept = facts.get(PROGRESS);
  if (!kept) return { state: "never", files_done: 0, files_total: 0 };
  const state = JSON.parse(kept) as BackfillState;
  if (state.state !== "running") return state;
  const holder = leaseOf(facts.get(LEASE));
  return holder && ports.processes.isAlive(holder) ? state : { ...state, state: "pending" };
}

/** Whether all history on this machine was read once. */
export function isHistoryRead(db: Database): boolean {
  const kept = settings(db).get(PROGRESS);
  return kept !== undefined && (JSON.parse(kept) as BackfillState).state === "done";
}

/** The right to read all history: the process that has it, and until when (epoch ms). */
interface Lease extends ProcessRef {
  readonly until: number;
}

function leaseOf(kept: string | undefined): Lease | undefined {
  const [, pid, startedAt, until] = /^(\d+):(\d+)@(\d+)$/.exec(kept ?? "") ?? [];
  if (pid === undefined) return undefined;
  return { pid: Number(pid), startedAt: Number(startedAt), until: Number(until) };
}

/** One reading under way. */
interface Work {
  readonly isAll: boolean;
  readonly steps: Generator<IngestProgress, IngestReport>;
}

export type BackfillService = ReturnType<typeof backfillService>;

/**
 * Reads all of the machine's history in the background of a process that runs anyway: newest
 * first, in slices, by one process at a time, resumable wherever it stops. The others read their
 * own project meanwhile, and look now and then whether the history has been left to them.
 */
export function backfillService(deps: {
  ports: { db: Database; clock: Clock; log: Logger; processes: Processes };
  project: ProjectService;
  ingest: IngestService;
  search: Pick<SearchService, "catchUp">;
}) {
  const { ports, project, ingest, search } = deps;
  const facts = settings(ports.db);
  let running: Work | undefined;
  let isAllRead = false;
  let isHolder = false;
  let reportedAt = Number.NEGATIVE_INFINITY;

  function isMine(lease: Lease): boolean {
    const { pid, startedAt } = ports.processes.self();
    return lease.pid === pid && lease.startedAt === startedAt;
  }

  /** Takes or keeps the right to read all history; false while another living process has it. */
  function holdLease(): boolean {
    const { pid, startedAt } = ports.processes.self();
    isHolder = ports.db
      .transaction(() => {
        const lease = leaseOf(facts.get(LEASE));
        const isTaken = lease && !isMine(lease) && lease.until > ports.clock.now();
        if (isTaken && ports.processes.isAlive(lease)) return false;
        facts.put(LEASE, `${pid}:${startedAt}@${ports.clock.now() + LEASE_MS}`);
        return true;
      })
      .immediate();
    return isHolder;
  }

  function releaseLease(): void {
    if (!isHolder) return;
    isHolder = false;
    ports.db
      .transaction(() => {
        const lease = leaseOf(facts.get(LEASE));
        if (lease && isMine(lease)) facts.drop(LEASE);
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

  function begin(): Work {
    if (!isAllRead && holdLease()) return { isAll: true, steps: ingest.steps({ kind: "all" }) };
    const identity = project.identify();
    return { isAll: false, steps: ingest.steps({ kind: "near", identity }) };
  }

  /** Takes slices of `work` until `deadline` (performance.now). */
  function advance({ isAll, steps }: Work, deadline: number): "more" | "read" | "lost" {
    while (performance.now() < deadline) {
      const step = steps.next();
      if (step.done) return "read";
      if (!isAll || performance.now() - reportedAt < REPORT_EVERY_MS) continue;
      reportedAt = performance.now();
      if (!holdLease()) {
        steps.return(undefined as never); // what was read so far is kept
        return "lost";
      }
      report("running", step.value.filesDone, step.value.filesTotal);
    }
    return "more";
  }

  return {
    /**
     * Works for about `budgetMs`: first through all history, or through what is new in the current
     * project where another process does that; then through what is new in the current project,
     * then through what both stored, for code and errors.
     * @returns whether there is more to do now; false means: ask again in some seconds.
     */
    step(budgetMs: number): boolean {
      const deadline = performance.now() + budgetMs;
      running ??= begin();
      const outcome = advance(running, deadline);
      if (outcome === "more") return true;
      const { isAll } = running;
      running = undefined;
      if (isAll && outcome === "read") {
        isAllRead = true;
        noteDone();
        releaseLease();
      }
      return search.catchUp(Math.max(0, deadline - performance.now())).pending !== undefined;
    },

    /** Whether another process reads the history: should it end before its work, it falls to this one. */
    isWaiting: (): boolean => !isAllRead && !isHolder,

    noteDone,

    /** Writes down that all history is wanted, for whichever process runs long enough. */
    request(): void {
      if (!facts.get(PROGRESS)) report("pending", 0, 0);
    },

    /** Leaves the rest to another process. What waits to be written is read again there. */
    stop(): void {
      running = undefined;
      releaseLease();
    },
  };
}
