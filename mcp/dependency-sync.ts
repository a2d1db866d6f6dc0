import type { Logger } from "../core/kernel/ports.ts";
import type { Services } from "../core/services.ts";
import { failureText } from "./from-capability.ts";

/** After the session has started: a client that asks once and goes costs no installation. */
const DELAY_MS = 2_000;

/** Installs what the lock file says beside the requests, in a project where that is trusted. */
export interface DependencySync {
  begin(): void;
  /** Ends what runs, with all that it started. */
  stop(): void;
}

/** Nothing waits for it; its end stands in the store, a failure in the log too. */
export function dependencySync(deps: {
  services: () => Promise<Services>;
  log: Logger;
}): DependencySync {
  const { services, log } = deps;
  const ending = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function run(): Promise<void> {
    try {
      const { session, toolchain } = await services();
      const identity = session.welcome()?.identity;
      if (!identity || ending.signal.aborted) return;
      for (const { command, state } of await toolchain.syncIfTrusted(identity, ending.signal)) {
        log.debug(`${command}: ${state}`);
      }
    } catch (error) {
      log.warn(`dependency sync: ${failureText(error)}`);
    }
  }

  return {
    begin() {
      timer ??= setTimeout(() => void run(), DELAY_MS);
      timer.unref();
    },
    stop() {
      clearTimeout(timer);
      ending.abort();
    },
  };
}
