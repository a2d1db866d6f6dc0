import { Tensor } from "onnxruntime-common";
import type { Binding } from "onnxruntime-node/dist/binding.js";
import { SbError } from "../kernel/errors.ts";
import { DIMENSIONS, type Origin } from "./model.ts";
import { multipliesBytes } from "./processor.ts";
import { loadRuntime } from "./runtime.ts";

/** A graph in memory, ready to compute. */
export interface Session {
  /**
   * The vector, of unit length, of a text given as word pieces. Blocks until it is done: for a
   * thread that has nothing else to do.
   *
   * One text at a time: several at once pay for the shortest texts only, and with 8 bits all texts of
   * a batch are rounded by one scale, so that a text's vector would depend on the others (0.98).
   */
  run(pieces: readonly number[]): Float32Array;
  /** Gives the memory back. */
  close(): void;
}

export interface SessionOptions {
  /** The ONNX file. */
  readonly graph: string;
  readonly origin: Origin;
  /** Where native libraries are put (`Paths.native`). */
  readonly native: string;
  /** Threads that compute at once. */
  readonly threads: number;
}

/** The input of a graph that sb writes, and those of the usual export. */
const OURS = "ids";
const EXPORTED = { ids: "input_ids", mask: "attention_mask", kinds: "token_type_ids" };

/** What costs memory or processor time between calls is left off: arena, patterns, spinning threads. */
const FRUGAL = {
  enableCpuMemArena: false,
  enableMemPattern: false,
  executionMode: "sequential",
  interOpNumThreads: 1,
  logSeverityLevel: 3,
} as const;

/**
 * Reads a graph of either kind.
 * @throws SbError `corrupt` for a file that is no such model, `unavailable` without the runtime.
 */
export function openSession({ graph, origin, native, threads }: SessionOptions): Session {
  const runtime = loadRuntime(native);
  const session = new runtime.InferenceSession();
  try {
    session.loadModel(graph, {
      ...FRUGAL,
      // Ours is as it should be: to fuse more of it would undo what its writer found faster.
      graphOptimizationLevel: origin === "sb" ? "basic" : "all",
      intraOpNumThreads: threads,
      extra: { session: { ...exactProducts(), intra_op: { allow_spinning: "0" } } },
    });
  } catch (cause) {
    throw damaged("cannot be read", cause);
  }
  const kind = kindOf(session);
  if (!kind) {
    session.dispose();
    throw damaged("is another model's");
  }
  return {
    run(pieces) {
      const result = session.run(kind.feeds(pieces), { [kind.output]: null }, {});
      return unitMean((result[kind.output] as Tensor).data as Float32Array);
    },
    close: () => session.dispose(),
  };
}

/**
 * Where sums of two 8-bit products may overflow, products of unsigned bytes instead, which take half
 * as long again. ONNX Runtime leaves it to its caller to know.
 */
function exactProducts(): Record<string, string> {
  return multipliesBytes() ? {} : { x64quantprecision: "1" };
}

/** How a graph is asked, told by its inputs and its output; undefined for another model's. */
function kindOf({ inputMetadata, outputMetadata: [output] }: Binding.InferenceSession) {
  if (output?.shape.at(-1) !== DIMENSIONS) return undefined;
  const inputs = inputMetadata
    .map(({ name }) => name)
    .sort()
    .join();
  if (inputs === OURS) return { output: output.name, feeds: ourFeeds };
  const exported = Object.values(EXPORTED).sort().join();
  return inputs === exported ? { output: output.name, feeds: exportedFeeds } : undefined;
}

function ourFeeds(pieces: readonly number[]): Record<string, Tensor> {
  return { [OURS]: new Tensor("int32", Int32Array.from(pieces), [1, pieces.length]) };
}

function exportedFeeds(pieces: readonly number[]): Record<string, Tensor> {
  const filled = (value: (piece: number) => number) =>
    new Tensor(
      "int64",
      BigInt64Array.from(pieces, (piece) => BigInt(value(piece))),
      [1, pieces.length],
    );
  return {
    [EXPORTED.ids]: filled((piece) => piece),
    [EXPORTED.mask]: filled(() => 1),
    [EXPORTED.kinds]: filled(() => 0),
  };
}

/** The mean of vectors that lie one after the other, be it one alone, at unit length. */
function unitMean(vectors: Float32Array): Float32Array {
  const sum = new Float32Array(DIMENSIONS);
  for (const [at, value] of vectors.entries()) {
    const index = at % DIMENSIONS;
    sum[index] = (sum[index] ?? 0) + value;
  }
  const norm = Math.hypot(...sum) || 1;
  return sum.map((value) => value / norm);
}

function damaged(what: string, cause?: unknown): SbError {
  return new SbError("corrupt", `the model's file ${what}`, {
    hint: "fetch it again: sb model pull",
    cause,
  });
}
