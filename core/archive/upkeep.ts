import type { Config } from "../kernel/config.ts";
import { isScrubDue, scrub } from "../storage/scrub.ts";
import { settings } from "../storage/settings.ts";
import { isRetentionSet, type RetentionDeps, retain } from "./retention.ts";

/** How often the configured retention is applied by itself, in milliseconds. */
const EVERY_MS = 24 * 3_600_000;

/** How often a scrub that could not be done is tried again, in milliseconds. */
const SCRUB_EVERY_MS = 10 * 60_000;

/** The setting that says when retention was last applied, epoch ms. */
const LAST = "retention_at";

export type Upkeep = ReturnType<typeof upkeepService>;

/** What is done to the store beside the requests: the configured retention, and scrubs that are due. */
export function upkeepService(deps: RetentionDeps & { ports: { config: Config } }) {
  const { ports } = deps;
  const facts = settings(ports.db);
  let running: ReturnType<typeof retain> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;

  function isRetentionDue(): boolean {
    if (!isRetentionSet(ports.config)) return false;
    return ports.clock.now() - Number(facts.get(LAST) ?? 0) >= EVERY_MS;
  }

  return {
    /** Works for about `budgetMs`; a scrub takes as long as it takes. @returns whether there is more. */
    step(budgetMs: number): boolean {
      const deadline = performance.now() + budgetMs;
      if (!running && isRetentionDue()) {
        facts.put(LAST, String(ports.clock.now())); // first, so that no other process begins as well
        running = retain(deps);
      }
      while (running && performance.now() < deadline) if (running.next().done) running = undefined;
      if (running) return true;
      if (performance.now() - triedAt > SCRUB_EVERY_MS && isScrubDue(ports.db)) {
        triedAt = performance.now();
        scrub(ports.db);
      }
      return false;
    },

    /** Gives back the memory that long work took: it would be held for as long as a server idles. */
    rest(): void {
      ports.db.run("PRAGMA shrink_memory");
      Bun.gc(true);
    },
  };
}
