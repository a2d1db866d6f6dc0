import type { FetchPorts, RunningFetch } from "../core/embedding/fetch/background.ts";
import type { Logger } from "../core/kernel/ports.ts";
import { failureText } from "./from-capability.ts";

/** After the session has started: a client that asks once and goes costs no download. */
const DELAY_MS = 2_000;

/** After a refusal or a failure, whatever is noted of it: a folder that cannot be written takes no note. */
const FAILED_MS = 600_000;

/** While another process fetches. */
const BUSY_MS = 60_000;

/** Longest pause that a timer is set for, in milliseconds; what is due later is looked at again. */
const LONGEST_MS = 6 * 3_600_000;

/** Fetches the embedding model beside the requests, where there is none. */
export interface ModelFetch {
  begin(): void;
  stop(): void;
}

/** Nothing waits for it, and a failure costs a line of the log. */
export function modelFetch(deps: {
  ports: () => Promise<FetchPorts>;
  /** Whether the user's trust list lets it; asked anew each time. */
  isAllowed: () => Promise<boolean>;
  log: Logger;
  delayMs?: number;
}): ModelFetch {
  const { ports, isAllowed, log, delayMs = DELAY_MS } = deps;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: RunningFetch | undefined;
  let stopped = false;

  function schedule(pauseMs: number): void {
    if (stopped) return;
    timer = setTimeout(() => void look(), Math.min(pauseMs, LONGEST_MS));
    timer.unref();
  }

  /** Fetches if it is time to, and comes back when it may be time again. */
  async function look(): Promise<void> {
    try {
      const { fetchDue, startFetch } = await import("../core/embedding/fetch/background.ts");
      const world = await ports();
      const due = fetchDue(world);
      if (due === undefined || stopped) return;
      if (due > 0) return schedule(due);
      if (!(await isAllowed())) {
        log.debug("model: its download is not trusted");
        return schedule(FAILED_MS);
      }
      running = startFetch(world);
      const outcome = await running.done;
      running = undefined;
      if (outcome.kind === "failed") {
        log.warn(`the model could not be fetched: ${outcome.why}`);
        schedule(FAILED_MS);
      } else {
        log.debug(`model: ${outcome.kind}`);
        if (outcome.kind === "busy") schedule(BUSY_MS);
      }
    } catch (error) {
      log.warn(`model: ${failureText(error)}`);
    }
  }

  return {
    begin: () => schedule(delayMs),
    stop() {
      stopped = true;
      clearTimeout(timer);
      running?.stop();
    },
  };
}
