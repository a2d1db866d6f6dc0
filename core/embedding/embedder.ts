import { availableParallelism } from "node:os";
import { SbError } from "../kernel/errors.ts";
import type { Env, Paths } from "../kernel/paths.ts";
import type { Embedder } from "../kernel/ports.ts";
import { DIMENSIONS, type LocatedModel } from "./model.ts";
import type { Answer, Ended, Failure, Job, Request, Setup } from "./protocol.ts";
import { isModelOff, usableModel } from "./state.ts";

export interface EmbedderOptions {
  readonly model: LocatedModel;
  /** Where native libraries are put (`Paths.native`). */
  readonly native: string;
  /** Threads that compute one text; default two, where there are two. */
  readonly threads?: number;
  /** How long the model stays in memory after its last use, in milliseconds. */
  readonly idleMs?: number;
}

/** A thread that starts takes a fifth of a second, so it may go soon; its memory is 100 MB. */
const IDLE_MS = 60_000;

/** More than two gain little on one text, and the machine is there for others. */
function defaultThreads(): number {
  return Math.min(2, availableParallelism());
}

type Settle = PromiseWithResolvers<Float32Array[]>;

/** The worker's thread and what it still owes. */
interface Thread {
  readonly worker: Worker;
  readonly owed: Map<number, Settle>;
}

/**
 * Embeds in a thread of its own, which starts with the first text, ends when it has been idle for a
 * while, and never keeps the process alive by itself.
 */
export function createEmbedder(options: EmbedderOptions): Embedder {
  const { model, native, threads = defaultThreads(), idleMs = IDLE_MS } = options;
  const { graph, origin, tokenizer } = model;
  const setup: Setup = { graph, origin, tokenizer, native, threads };
  let thread: Thread | undefined;
  let idle: Timer | undefined;
  let jobs = 0;

  function release(reason = "the embedding was ended"): void {
    const ended = thread;
    thread = undefined;
    clearTimeout(idle);
    if (!ended) return;
    ended.worker.postMessage({ end: true } satisfies Request);
    for (const settle of ended.owed.values()) settle.reject(new SbError("unavailable", reason));
  }

  function start(): Thread {
    const started = startThread(setup, (answered) => {
      answered.worker.unref();
      clearTimeout(idle);
      idle = setTimeout(release, idleMs).unref();
    });
    started.worker.addEventListener("error", ({ message }) => {
      if (thread === started) release(`the embedding failed: ${message.split("\n")[0]}`);
    });
    started.worker.addEventListener("close", () => {
      if (!thread) void trim();
    });
    return started;
  }

  return {
    modelId: model.id,
    embed(texts, urgency) {
      if (texts.length === 0) return Promise.resolve([]);
      thread ??= start();
      clearTimeout(idle);
      return enqueue(thread, { id: ++jobs, texts, urgency });
    },
    release: () => release(),
  };
}

/**
 * The embedder over the model that lies in `paths.models`, looked up at each use, since it may come
 * while a server runs. There is none with `SB_MODEL=off`.
 */
export function localEmbedder(env: Env, paths: Paths) {
  let made: Embedder | undefined;
  return {
    current(): Embedder | undefined {
      const model = isModelOff(env) ? undefined : usableModel(paths);
      if (model?.id === made?.modelId) return made;
      made?.release();
      made = model && createEmbedder({ model, native: paths.native });
      return made;
    },
    release(): void {
      made?.release();
    },
  };
}

/** Starts the worker; `onIdle` is called when it owes nothing any more. */
function startThread(setup: Setup, onIdle: (thread: Thread) => void): Thread {
  const worker = new Worker(workerUrl(), { ref: false, smol: true });
  const owed: Thread["owed"] = new Map();
  const thread = { worker, owed };
  worker.addEventListener("message", ({ data }: MessageEvent<Answer | Ended>) => {
    if ("ended" in data) {
      worker.terminate();
      return;
    }
    const settle = owed.get(data.id);
    owed.delete(data.id);
    if (owed.size === 0) onIdle(thread);
    if ("failure" in data) settle?.reject(errorOf(data.failure));
    else settle?.resolve(split(data.vectors));
  });
  worker.postMessage({ setup } satisfies Request);
  return thread;
}

function enqueue({ worker, owed }: Thread, job: Job): Promise<Float32Array[]> {
  const settle: Settle = Promise.withResolvers();
  owed.set(job.id, settle);
  // Who waits for an answer is not to see the process end before it.
  worker.ref();
  worker.postMessage({ job } satisfies Request);
  return settle.promise;
}

async function trim(): Promise<void> {
  const { trimMemory } = await import("./trim.ts");
  trimMemory();
}

/** In a binary, modules lie in chunks at the root, and the worker where its source lay. */
function workerUrl(): string {
  const isSource = import.meta.url.endsWith("/embedder.ts");
  return new URL(isSource ? "./worker.ts" : "./core/embedding/worker.ts", import.meta.url).href;
}

function split(vectors: Float32Array): Float32Array[] {
  return Array.from({ length: vectors.length / DIMENSIONS }, (_, index) =>
    vectors.subarray(index * DIMENSIONS, (index + 1) * DIMENSIONS),
  );
}

function errorOf({ code, message, hint }: Failure): Error {
  if (!code) return new Error(message);
  return new SbError(code, message, hint === undefined ? {} : { hint });
}
