import { DIMENSIONS, PRODUCER, type Precision } from "./model.ts";
import { type Constant, encodeGraph, type Graph, type Step } from "./onnx-format.ts";
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
 * @throws SbError `corrupt` when the weights are those of another model.
 */
export function writeOnnx(weights: Safetensors, precision: Precision): Part {
  return encodeGraph(modelGraph(weights, precision));
}

/**
 * The model as a graph. Its input is `ids` (int32, 1 × word pieces), its output `vector` (float,
 * 1 × 384), the mean over the word pieces, not of unit length. Operators are ONNX Runtime's fused
 * ones, which its optimiser would make of the usual export. Word vectors keep the 16 bits they come
 * with, or get 8; what multiplies is 32 bits wide or 8.
 */
export function modelGraph(weights: Safetensors, precision: Precision): Graph {
  const draft: Draft = { weights, steps: [], constants: {} };
  addEmbeddings(draft, precision);
  for (let layer = 0; layer < LAYERS; layer++) addLayer(draft, layer, precision);
  step(draft, "ReduceMean", [`layer${LAYERS}`], ["vector"], { axes: 1, keepdims: 0 });
  return {
    producer: PRODUCER,
    version: WRITER_VERSION,
    name: `all-MiniLM-L6-v2 ${precision}`,
    inputs: [{ name: "ids", type: "int32", shape: [1, "pieces"] }],
    outputs: [{ name: "vector", type: "float", shape: [1, DIMENSIONS] }],
    steps: draft.steps,
    constants: draft.constants,
  };
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
  const middle = `${at}.middle`;
  const mixed = addAttention(draft, { at, input, precision });
  const attended = addDense(draft, `${at}.attention.output.dense`, mixed, precision);
  addNorm(draft, `${at}.attention.output.LayerNorm`, [attended, input], middle);
  const wide = addProduct(draft, `${at}.intermediate.dense`, middle, precision);
  step(draft, "BiasGelu", [wide, `${at}.intermediate.dense.bias`], [`${at}.bent`]);
  const narrow = addDense(draft, `${at}.output.dense`, `${at}.bent`, precision);
  addNorm(draft, `${at}.output.LayerNorm`, [narrow, middle], `layer${layer + 1}`);
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

/** `input` times the weights called `name`, and their bias as a constant for the next operator. */
function addProduct(draft: Draft, name: string, input: string, precision: Precision): string {
  const { weights, constants } = draft;
  const [matrix, bias, out] = [`${name}.weight`, `${name}.bias`, `${name}.product`];
  const columns = transposed(weights.floats(matrix));
  constants[bias] = { type: "float", ...weights.floats(bias) };
  if (precision === "fp32") {
    constants[matrix] = { type: "float", ...columns };
    step(draft, "MatMul", [input, matrix], [out]);
  } else {
    addQuantised(draft, matrix, columns);
    step(draft, "DynamicQuantizeMatMul", [input, matrix, `${matrix}.scale`], [out]);
  }
  return out;
}

/** The product and its bias. */
function addDense(draft: Draft, name: string, input: string, precision: Precision): string {
  const product = addProduct(draft, name, input, precision);
  step(draft, "Add", [product, `${name}.bias`], [`${name}.sum`]);
  return `${name}.sum`;
}

function addQuantised({ constants }: Draft, name: string, matrix: Weights): void {
  const { data, scales } = quantise(matrix, "column");
  constants[name] = { type: "int8", shape: matrix.shape, data };
  constants[`${name}.scale`] = { type: "float", shape: [scales.length], data: scales };
}

/**
 * The sum of two inputs, normalised. Not by `SkipLayerNormalization`, which does both in one: for 230
 * word pieces it took 463 µs, the two operators take 83.
 */
function addNorm(draft: Draft, name: string, inputs: readonly string[], output: string): void {
  const { weights, constants } = draft;
  const [scale, shift] = [`${name}.weight`, `${name}.bias`];
  constants[scale] = { type: "float", ...weights.floats(scale) };
  constants[shift] = { type: "float", ...weights.floats(shift) };
  step(draft, "Add", inputs, [`${name}.sum`]);
  step(draft, "LayerNormalization", [`${name}.sum`, scale, shift], [output], { epsilon: EPSILON });
}

/** Operators of ONNX Runtime's own, all others being of the standard. */
const FUSED = new Set(["Attention", "MultiHeadAttention", "DynamicQuantizeMatMul", "BiasGelu"]);

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
