// A thread's entry point: an inference blocks whoever calls it, and that must not be the server.
import { SbError } from "../kernel/errors.ts";
import { DIMENSIONS } from "./model.ts";
import { openSession } from "./onnx.ts";
import type { Answer, Ended, Failure, Job, Request, Setup } from "./protocol.ts";
import { type Encode, openTokenizer } from "./tokenizer.ts";

declare const self: Worker;

/** A job under way. */
interface Work {
  readonly job: Job;
  readonly vectors: Float32Array<ArrayBuffer>;
  done: number;
}

type Embed = (text: string) => Float32Array;

let setup: Setup | undefined;
let embed: Embed | undefined;
let isRunning = false;
let isEnding = false;
const queries: Work[] = [];
const documents: Work[] = [];

self.onmessage = ({ data }: MessageEvent<Request>) => {
  if ("setup" in data) {
    setup = data.setup;
    return;
  }
  if ("end" in data) {
    isEnding = true;
    if (!isRunning) end();
    return;
  }
  const { job } = data;
  const vectors = new Float32Array(job.texts.length * DIMENSIONS);
  (job.urgency === "query" ? queries : documents).push({ job, vectors, done: 0 });
  void work();
};

/** Takes one text after the other until nothing waits, and looks for new jobs in between. */
async function work(): Promise<void> {
  if (isRunning) return;
  isRunning = true;
  for (let queue = waiting(); queue; queue = waiting()) {
    advance(queue);
    await new Promise((resolve) => setImmediate(resolve));
  }
  isRunning = false;
  if (isEnding) end();
}

function end(): void {
  self.postMessage({ ended: true } satisfies Ended);
}

function waiting(): Work[] | undefined {
  if (isEnding) return undefined;
  return [queries, documents].find(({ length }) => length > 0);
}

/** Embeds the next text of the first job and answers the job when that was its last. */
function advance(queue: Work[]): void {
  const [current] = queue;
  if (!current) return;
  const { job, vectors } = current;
  try {
    const text = job.texts[current.done];
    if (text !== undefined) {
      embed ??= open(setup);
      vectors.set(embed(text), current.done * DIMENSIONS);
      current.done++;
    }
    if (current.done < job.texts.length) return;
    queue.shift();
    answer({ id: job.id, vectors }, [vectors.buffer]);
  } catch (error) {
    queue.shift();
    answer({ id: job.id, failure: failureOf(error) });
  }
}

function open(given: Setup | undefined): Embed {
  if (!given) throw new Error("the worker was not set up");
  const encode: Encode = openTokenizer(given.tokenizer);
  const session = openSession(given);
  return (text) => session.run(encode(text));
}

function answer(message: Answer, transfer: ArrayBuffer[] = []): void {
  self.postMessage(message, transfer);
}

function failureOf(error: unknown): Failure {
  if (error instanceof SbError) {
    const { code, hint } = error;
    return { code, message: withCause(error), hint };
  }
  return {
    code: undefined,
    message: error instanceof Error ? error.message : String(error),
    hint: undefined,
  };
}

/** A cause does not cross threads; what it says does. */
function withCause({ message, cause }: SbError): string {
  return cause instanceof Error ? `${message}: ${cause.message.split("\n")[0]}` : message;
}
