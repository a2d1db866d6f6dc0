import { DIMENSIONS, PRODUCER, type Precision } from "./model.ts";
import { type Constant, encodeGraph, type Step } from "./onnx-format.ts";
import type { Part } from "./protobuf.ts";
import { quantise } from "./quantise.ts";
import type { Safetensors, Weights } from "./safetensors.ts";

/** The shape of all-MiniLM-L6-v2, from its config.json; it is not in the file of weights. */
const LAYERS = 6;
const HEADS = 12;
const EPSILON = 1e-12;

/** Raise it when what is computed changes: vectors of before and after must not be mixed. */
const WRITER_VERSION = "1";

/** The graph while it grows. */
interface Draft {
  readonly weights: Safetensors;
  readonly steps: Step[];
  readonly constants: Record<string, Constant>;
}

/**
 * Writes the model as an ONNX file, in pieces, from its published weights.
 *
 * Its input is `ids` (int32, 1 × word pieces), its output `vector` (float, 1 × 384), the mean over
 * the word pieces, not of unit length. Operators are ONNX Runtime's fused ones, which its optimiser
 * would make of the usual export. Word vectors keep the 16 bits they come with, or get 8; what
 * multiplies is 32 bits wide or 8.
 *
 * @throws SbError `corrupt` when the weights are those of another model.
 */
export function writeOnnx(weights: Safetensors, precision: Precision): Part {
  const draft: Draft = { weights, steps: [], constants: {} };
  addEmbeddings(draft, precision);
  for (let layer = 0; layer < LAYERS; layer++) addLayer(draft, layer, precision);
  step(draft, "ReduceMean", [`layer${LAYERS}`], ["vector"], { axes: 1, keepdims: 0 });
  return encodeGraph({
    producer: PRODUCER,
    version: WRITER_VERSION,
    name: `all-MiniLM-L6-v2 ${precision}`,
    inputs: [{ name: "ids", type: "int32", shape: [1, "pieces"] }],
    outputs: [{ name: "vector", type: "float", shape: [1, DIMENSIONS] }],
    steps: draft.steps,
    constants: draft.constants,
  });
}

/** Word + position + kind of sentence, normalised: `layer0`. The kind is always the first. */
function addEmbeddings(draft: Draft, precision: Precision): void {
  const { weights, constants } = draft;
  addWords(draft, precision);
  const position = weights.floats("embeddings.position_embeddings.weight");
  const kind = weights.floats("embeddings.token_type_embeddings.weight").data;
  const data = position.data.map((value, at) => value + (kind[at % DIMENSIONS] ?? 0));
  constants["positions"] = { type: "float", shape: position.shape, data };
  constants["zero"] = { type: "int64", shape: [1], data: new BigInt64Array(1) };
  step(draft, "Shape", ["ids"], ["count"], { start: 1, end: 2 });
  step(draft, "Slice", ["positions", "zero", "count", "zero"], ["places"]);
  addNorm(draft, "embeddings.LayerNorm", ["words", "places"], "layer0");
}

function addWords(draft: Draft, precision: Precision): void {
  const { weights, constants } = draft;
  const name = "embeddings.word_embeddings.weight";
  if (precision === "fp32") {
    const { shape, bytes } = weights.halves(name);
    constants["vocabulary"] = { type: "float16", shape, data: bytes };
    step(draft, "Gather", ["vocabulary", "ids"], ["halves"]);
    step(draft, "Cast", ["halves"], ["words"], { to: 1 });
    return;
  }
  const table = weights.floats(name);
  const { data, scales } = quantise(table, "row");
  constants["vocabulary"] = { type: "int8", shape: table.shape, data };
  constants["scales"] = { type: "float", shape: [scales.length, 1], data: scales };
  step(draft, "Gather", ["vocabulary", "ids"], ["bytes"]);
  step(draft, "Cast", ["bytes"], ["whole"], { to: 1 });
  step(draft, "Gather", ["scales", "ids"], ["scale"]);
  step(draft, "Mul", ["whole", "scale"], ["words"]);
}

/** One layer of the transformer: from `layer<n>` to `layer<n + 1>`. */
function addLayer(draft: Draft, layer: number, precision: Precision): void {
  const at = `encoder.layer.${layer}`;
  const input = `layer${layer}`;
  const mixed = addAttention(draft, { at, input, precision });
  const attended = addProduct(draft, `${at}.attention.output.dense`, mixed, precision);
  const middle = `${at}.middle`;
  addNorm(draft, `${at}.attention.output.LayerNorm`, [attended.name, input], middle, attended.bias);
  const wide = addProduct(draft, `${at}.intermediate.dense`, middle, precision);
  const bent = `${at}.bent`;
  if (wide.bias) step(draft, "BiasGelu", [wide.name, wide.bias], [bent]);
  const narrow = addProduct(draft, `${at}.output.dense`, bent, precision);
  addNorm(draft, `${at}.output.LayerNorm`, [narrow.name, middle], `layer${layer + 1}`, narrow.bias);
}

/** Query, key and value in one matrix, and each word piece's mixture of the others. */
function addAttention(
  draft: Draft,
  { at, input, precision }: { at: string; input: string; precision: Precision },
): string {
  const parts = ["query", "key", "value"].map((part) => `${at}.attention.self.${part}`);
  const matrix = `${at}.attention.weight`;
  const bias = `${at}.attention.bias`;
  const columns = beside(parts.map((part) => transposed(draft.weights.floats(`${part}.weight`))));
  const biases = beside(parts.map((part) => asRow(draft.weights.floats(`${part}.bias`))));
  draft.constants[bias] = { type: "float", shape: [biases.data.length], data: biases.data };
  const out = `${at}.mixed`;
  if (precision === "fp32") {
    draft.constants[matrix] = { type: "float", ...columns };
    step(draft, "Attention", [input, matrix, bias], [out], { num_heads: HEADS });
    return out;
  }
  addQuantised(draft, matrix, columns);
  const names = ["query", "key", "value"].map((part) => `${at}.${part}`);
  step(draft, "DynamicQuantizeMatMul", [input, matrix, `${matrix}.scale`, "", bias], [`${at}.qkv`]);
  step(draft, "Split", [`${at}.qkv`], names, { axis: 2 });
  step(draft, "MultiHeadAttention", names, [out], { num_heads: HEADS });
  return out;
}

/** `input` times the weights called `name`; the bias is left to the operator that follows. */
function addProduct(draft: Draft, name: string, input: string, precision: Precision) {
  const { weights, constants } = draft;
  const matrix = `${name}.weight`;
  const bias = `${name}.bias`;
  const out = `${name}.product`;
  const columns = transposed(weights.floats(matrix));
  constants[bias] = { type: "float", ...weights.floats(bias) };
  if (precision === "fp32") {
    constants[matrix] = { type: "float", ...columns };
    step(draft, "MatMul", [input, matrix], [out]);
  } else {
    addQuantised(draft, matrix, columns);
    step(draft, "DynamicQuantizeMatMul", [input, matrix, `${matrix}.scale`], [out]);
  }
  return { name: out, bias };
}

function addQuantised({ constants }: Draft, name: string, matrix: Weights): void {
  const { data, scales } = quantise(matrix, "column");
  constants[name] = { type: "int8", shape: matrix.shape, data };
  constants[`${name}.scale`] = { type: "float", shape: [scales.length], data: scales };
}

/** The sum of two inputs and, where there is one, of a bias, normalised. */
function addNorm(
  draft: Draft,
  name: string,
  inputs: readonly [string, string],
  ...[output, bias]: [output: string, bias?: string]
): void {
  const { weights, constants } = draft;
  const [weight, shift] = [`${name}.weight`, `${name}.bias`];
  constants[weight] = { type: "float", ...weights.floats(weight) };
  constants[shift] = { type: "float", ...weights.floats(shift) };
  const all = [...inputs, weight, shift, ...(bias ? [bias] : [])];
  step(draft, "SkipLayerNormalization", all, [output], { epsilon: EPSILON });
}

/** Operators of ONNX Runtime's own, all others being of the standard. */
const FUSED = new Set([
  ...["Attention", "MultiHeadAttention", "DynamicQuantizeMatMul"],
  ...["SkipLayerNormalization", "BiasGelu"],
]);

function step(
  { steps }: Draft,
  op: string,
  ...[inputs, out, attributes = {}]: [
    inputs: readonly string[],
    out: readonly string[],
    attributes?: Readonly<Record<string, number>>,
  ]
): void {
  steps.push({ op, in: inputs, out, fused: FUSED.has(op), attributes });
}

/** PyTorch keeps outputs × inputs; a product from the left needs inputs × outputs. */
function transposed({ shape: [rows = 0, columns = 0], data }: Weights): Weights {
  const out = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      out[column * rows + row] = data[row * columns + column] ?? 0;
    }
  }
  return { shape: [columns, rows], data: out };
}

function asRow({ data }: Weights): Weights {
  return { shape: [1, data.length], data };
}

/** Matrices of equal height side by side. */
function beside(matrices: readonly Weights[]): Weights {
  const rows = matrices[0]?.shape[0] ?? 0;
  const widths = matrices.map(({ shape }) => shape[1] ?? 0);
  const width = widths.reduce((sum, one) => sum + one, 0);
  const out = new Float32Array(rows * width);
  let left = 0;
  for (const [index, { data }] of matrices.entries()) {
    const own = widths[index] ?? 0;
    for (let row = 0; row < rows; row++) {
      out.set(data.subarray(row * own, (row + 1) * own), row * width + left);
    }
    left += own;
  }
  return { shape: [rows, width], data: out };
}
