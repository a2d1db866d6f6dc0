import { SbError } from "../../kernel/errors.ts";
import { type PullWorld, pullModel } from "./pull.ts";

/** What a fetch in the background needs, as it can be sent to a thread. */
export interface FetchOrder extends Pick<PullWorld, "env" | "paths" | "self"> {
  /** How far the clock is ahead of the system's, in milliseconds. */
  readonly ahead: number;
}

/** How it ended; a failure is noted in the model's folder besides. */
export type FetchOutcome =
  | { readonly kind: "fetched" | "already" | "busy" }
  | { readonly kind: "failed"; readonly why: string };

declare const self: Worker;

// A thread of its own: writing the graph takes a second in one go, and an answer waits for nothing.
self.onmessage = async ({ data }: MessageEvent<FetchOrder>) => {
  const { ahead, ...world } = data;
  const clock = { now: () => Date.now() + ahead };
  let outcome: FetchOutcome;
  try {
    const { kind } = await pullModel({ ...world, clock }, { wait: false });
    outcome = { kind };
  } catch (error) {
    const why = error instanceof SbError ? error.message : String(error);
    outcome = { kind: "failed", why };
  }
  self.postMessage(outcome);
};
