import type { Logger } from "../core/kernel/ports.ts";
import { failureText } from "./from-capability.ts";

/** Longest a slice of reading may take, in milliseconds; a request or a signal waits no longer. */
const SLICE_MS = 20;
/** Pause between slices: requests that came in meanwhile are answered in it. */
const BREATH_MS = 5;
/** The client lists tools, prompts and resources right after the hand-shake; they go first. */
const START_DELAY_MS = 50;
/** Pauses between looks for new work: short after activity, doubling up to the long one. */
const SHORT_POLL_MS = 5_000;
const LONG_POLL_MS = 40_000;
/** How long nobody may have asked anything before memory is given back, in milliseconds. */
const QUIET_MS = 3_000;
/**
 * Above so many bytes resident, memory is given back amidst the work, too, but not more often than
 * this: it takes some 20 ms. Between two collections a burst of searches takes up to 60 MB.
 */
const FULL_BYTES = 215e6;
const RELIEF_MS = 500;
/** What is taken beside what could not be given back before it is tried again. */
const MARGIN_BYTES = 15e6;
/** Pause after a failure, so that a broken store is not reported every few seconds. */
const FAILED_POLL_MS = 60_000;

/** The part of the services that the background uses. */
export interface BackgroundServices {
  readonly session: { autoStart(): unknown };
  readonly backfill: { step(budgetMs: number): boolean; isWaiting(): boolean };
  readonly upkeep: { step(budgetMs: number): boolean; rest(): void };
  readonly semantic: { step(): Promise<boolean>; stop(): void };
}

/** What runs beside the requests: the session's automatic start, reading transcripts, embedding. */
export interface Background {
  /** Begins after a moment, unless it has begun. */
  begin(): void;
  /** Resolves when the automatic start has been done, doing it now if it has not. Never rejects. */
  started(): Promise<void>;
  /** Whether the automatic start was done and succeeded. */
  hasStarted(): boolean;
  /** Someone works: look for new work at short intervals again. */
  touch(): void;
  stop(): void;
}

/** Background work over lazily opened services. A failure is logged and costs nothing else. */
export function background(deps: {
  services: () => Promise<BackgroundServices>;
  log: Logger;
  /** Bytes that the process has resident. */
  resident: () => number;
  /** Called once the session has been started, or could not be. */
  afterStart?: () => void;
}): Background {
  const { services, log, resident, afterStart } = deps;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let starting: Promise<void> | undefined;
  let pollMs = SHORT_POLL_MS;
  let stopped = false;
  let hasStarted = false;
  let isBusy = false;
  let embedAgainAt = 0;
  let opened: BackgroundServices | undefined;
  /** What was done last, whose memory has not been given back. */
  let done: "read" | "embedded" | "asked" | undefined;
  let touchedAt = Number.NEGATIVE_INFINITY;
  let restedAt = Number.NEGATIVE_INFINITY;
  let fullBytes = FULL_BYTES;

  function schedule(delayMs: number, run: () => Promise<void>): void {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => void run(), delayMs);
    timer.unref();
  }

  async function step(): Promise<void> {
    isBusy = true;
    try {
      opened = await services();
      if (stopped) return;
      const { backfill, upkeep, semantic } = opened;
      relieve();
      const isReading = backfill.step(SLICE_MS) || upkeep.step(SLICE_MS);
      // What reading needed, 50 MB, must not stay beside the model for as long as it embeds.
      if (done === "read" && !isReading) rest();
      if (isReading || (await embed(semantic))) {
        pollMs = SHORT_POLL_MS;
        done = isReading ? "read" : "embedded";
        schedule(BREATH_MS, step);
        return;
      }
      if (done !== undefined && performance.now() - touchedAt >= QUIET_MS) rest();
      schedule(pollMs, step);
      if (!backfill.isWaiting()) pollMs = Math.min(pollMs * 2, LONG_POLL_MS);
    } catch (error) {
      log.warn(`background reading: ${failureText(error)}`);
      schedule(FAILED_POLL_MS, step);
    } finally {
      isBusy = false;
    }
  }

  /** Gives back what work took: not between two requests, unless it is much. */
  function rest(): void {
    if (stopped) return;
    try {
      opened?.upkeep.rest();
    } catch (error) {
      log.warn(`giving memory back: ${failureText(error)}`);
    }
    restedAt = performance.now();
    fullBytes = Math.max(FULL_BYTES, resident() + MARGIN_BYTES);
    done = undefined;
  }

  function relieve(): void {
    if (performance.now() - restedAt < RELIEF_MS) return;
    if (resident() > fullBytes) rest();
  }

  /** Once all is read; what fails here must not hold up the reading of what is new. */
  async function embed(semantic: BackgroundServices["semantic"]): Promise<boolean> {
    if (performance.now() < embedAgainAt) return false;
    try {
      return await semantic.step();
    } catch (error) {
      if (!stopped) log.warn(`background embedding: ${failureText(error)}`);
      embedAgainAt = performance.now() + FAILED_POLL_MS;
      return false;
    }
  }

  async function start(): Promise<void> {
    clearTimeout(timer);
    try {
      const { session } = await services();
      if (stopped) return;
      await session.autoStart();
      hasStarted = true;
    } catch (error) {
      log.warn(`automatic start: ${failureText(error)}`);
    }
    if (!stopped) afterStart?.();
    schedule(BREATH_MS, step);
  }

  function started(): Promise<void> {
    starting ??= start();
    return starting;
  }

  return {
    begin() {
      if (!starting) schedule(START_DELAY_MS, started);
    },
    started,
    hasStarted: () => hasStarted,
    touch() {
      touchedAt = performance.now();
      relieve();
      done ??= "asked";
      if (pollMs === SHORT_POLL_MS || stopped) return;
      pollMs = SHORT_POLL_MS;
      if (!isBusy) schedule(SHORT_POLL_MS, step);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      opened?.semantic.stop();
    },
  };
}
