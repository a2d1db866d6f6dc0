import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

/** The one embedding model: sentence-transformers/all-MiniLM-L6-v2. */
export const MODEL_NAME = "all-MiniLM-L6-v2";

/** Length of every vector. */
export const DIMENSIONS = 384;

/** Most word pieces of a text that count, the two marks at its ends included; the rest is cut off. */
export const MAX_PIECES = 256;

/** How the weights are kept: `int8` is smaller and faster, `fp32` is the model as trained. */
export const PRECISIONS = ["int8", "fp32"] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Who wrote the graph: sb from the weights (`sb`), or anyone else, in the usual export's form. */
export type Origin = "sb" | "export";

/** `producer_name` in the ONNX files that sb writes; it stands in their first bytes. */
export const PRODUCER = "session-buddy";

/** Bytes of a model file in which its producer's name stands. */
const HEAD_BYTES = 128;

/** A model that lies on this disk. */
export interface LocatedModel {
  /** Names what vectors can be compared: those of one id only. */
  readonly id: string;
  readonly precision: Precision;
  readonly origin: Origin;
  /** Absolute paths. */
  readonly graph: string;
  readonly tokenizer: string;
}

/** Where a model's files lie below `models` (`Paths.models`). */
export function modelFiles(models: string, precision: Precision) {
  const folder = join(models, MODEL_NAME);
  return {
    folder,
    graph: join(folder, `${precision}.onnx`),
    tokenizer: join(folder, "tokenizer.json"),
  };
}

/**
 * The model below `models`: of `precision`, or of the first there is. Undefined when none is whole.
 * It opens one file and reads its head, nothing more.
 */
export function locateModel(models: string, precision?: Precision): LocatedModel | undefined {
  for (const wanted of precision ? [precision] : PRECISIONS) {
    const { graph, tokenizer } = modelFiles(models, wanted);
    const head = headOf(graph);
    if (head === undefined || !existsSync(tokenizer)) continue;
    const origin = head.includes(PRODUCER) ? "sb" : "export";
    return { id: modelId(wanted, origin), precision: wanted, origin, graph, tokenizer };
  }
  return undefined;
}

/** What vectors are filed under: equal ids mean that they come from the same numbers. */
export function modelId(precision: Precision, origin: Origin): string {
  return `${MODEL_NAME}/${precision}/${origin}`;
}

/** The first bytes of a file as Latin-1, or undefined when it cannot be read. */
function headOf(path: string): string | undefined {
  try {
    const handle = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(HEAD_BYTES);
      return bytes.toString("latin1", 0, readSync(handle, bytes));
    } finally {
      closeSync(handle);
    }
  } catch {
    return undefined;
  }
}
