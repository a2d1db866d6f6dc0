import type { Env } from "../../kernel/paths.ts";
import type { Clock, Processes } from "../../kernel/ports.ts";
import { isModelOff, modelState } from "../state.ts";
import type { FetchOrder, FetchOutcome } from "./worker.ts";

/** How long to leave a fetch to another process before looking again, in milliseconds. */
const LOOK_AGAIN_MS = 60_000;

export interface FetchPorts {
  readonly env: Env;
  readonly paths: { readonly models: string };
  readonly clock: Clock;
  readonly processes: Processes;
}

/**
 * Milliseconds until this process should fetch the model by itself; undefined when it should not:
 * the model is there or switched off, or this is a CI run, whose machine is thrown away after it.
 */
export function fetchDue(ports: FetchPorts): number | undefined {
  if (isModelOff(ports.env) || isCi(ports.env)) return undefined;
  const state = modelState(ports);
  if (state.state === "ready") return undefined;
  if (state.state === "fetching") return LOOK_AGAIN_MS;
  const retryAt = state.state === "failed" && state.retry_at ? Date.parse(state.retry_at) : 0;
  return Math.max(0, retryAt - ports.clock.now());
}

/** `CI` as its services set it; some write `false` for no. */
function isCi(env: Env): boolean {
  return !["", "0", "false"].includes(env["CI"] ?? "");
}

/** A fetch in a thread, which neither holds the process nor outlives it. */
export interface RunningFetch {
  /** Never rejects. */
  readonly done: Promise<FetchOutcome>;
  stop(): void;
}

export function startFetch({ env, paths, clock, processes }: FetchPorts): RunningFetch {
  const worker = new Worker(workerUrl(), { ref: false, smol: true });
  const ended = Promise.withResolvers<FetchOutcome>();
  worker.onmessage = ({ data }: MessageEvent<FetchOutcome>) => ended.resolve(data);
  worker.onerror = ({ message }) => ended.resolve({ kind: "failed", why: message });
  const order: FetchOrder = {
    env: { ...env },
    paths: { models: paths.models },
    self: processes.self(),
    ahead: clock.now() - Date.now(),
  };
  worker.postMessage(order);
  const done = ended.promise.finally(() => worker.terminate());
  return { done, stop: () => void worker.terminate() };
}

/** In a binary, modules lie in chunks at the root, and the worker where its source lay. */
function workerUrl(): string {
  const isSource = import.meta.url.endsWith("/background.ts");
  const path = isSource ? "./worker.ts" : "./core/embedding/fetch/worker.ts";
  return new URL(path, import.meta.url).href;
}
