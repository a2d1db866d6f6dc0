import { bytes, float, int, type Part } from "./protobuf.ts";

// Field numbers: onnx/onnx.proto of ONNX 1.17 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).

/** Element types that the graph uses, as `TensorProto.DataType` numbers them. */
export const TYPE = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 } as const;
export type ElementType = keyof typeof TYPE;

/** The domain of ONNX Runtime's own operators. */
const FUSED = "com.microsoft";

/** IR version 8 and operator set 17: of 2022, read by every ONNX Runtime since 1.12. */
const IR_VERSION = 8;
const OPSET = 17;

/** One computation: `out = op(in)`. An empty name of an input leaves it out. */
export interface Step {
  readonly op: string;
  readonly in: readonly string[];
  readonly out: readonly string[];
  /** Whether it is ONNX Runtime's own operator, not one of the standard. */
  readonly fused: boolean;
  /** Told apart by name: `epsilon` is a float, `axes` a list of one, all others whole numbers. */
  readonly attributes: Readonly<Record<string, number>>;
}

/** A constant of the graph. */
export interface Constant {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

/** A place where numbers go in or out; a length that is a word may differ from call to call. */
export interface Port {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

export interface Graph {
  readonly producer: string;
  readonly version: string;
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly steps: readonly Step[];
  readonly constants: Readonly<Record<string, Constant>>;
}

/** A graph as an ONNX file, in pieces to be written one after the other. */
export function encodeGraph(graph: Graph): Part {
  const body = [
    ...graph.steps.map(encodeStep),
    bytes(2, graph.name),
    ...Object.entries(graph.constants).map(([name, constant]) => encodeConstant(name, constant)),
    ...graph.inputs.map((port) => encodePort(11, port)),
    ...graph.outputs.map((port) => encodePort(12, port)),
  ];
  return [
    int(1, IR_VERSION),
    bytes(2, graph.producer),
    bytes(3, graph.version),
    bytes(8, [bytes(1, ""), int(2, OPSET)]),
    bytes(8, [bytes(1, FUSED), int(2, 1)]),
    bytes(7, body),
  ].flat();
}

function encodeStep(step: Step): Part {
  return bytes(1, [
    ...step.in.map((name) => bytes(1, name)),
    ...step.out.map((name) => bytes(2, name)),
    bytes(3, step.out[0] ?? ""),
    bytes(4, step.op),
    ...Object.entries(step.attributes).map(([name, value]) => encodeAttribute(name, value)),
    ...(step.fused ? [bytes(7, FUSED)] : []),
  ]);
}

function encodeAttribute(name: string, value: number): Part {
  const [field, type] = name === "epsilon" ? [float(2, value), 1] : wholeNumber(name, value);
  return bytes(5, [bytes(1, name), field, int(20, type)]);
}

function wholeNumber(name: string, value: number): [Part, number] {
  return name === "axes" ? [int(8, value), 7] : [int(3, value), 2];
}

function encodeConstant(name: string, { type, shape, data }: Constant): Part {
  return bytes(5, [
    ...shape.map((length) => int(1, length)),
    int(2, TYPE[type]),
    bytes(8, name),
    bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);
}

function encodePort(field: number, { name, type, shape }: Port): Part {
  const lengths = shape.map((length) =>
    bytes(1, [typeof length === "number" ? int(1, length) : bytes(2, length)]),
  );
  return bytes(field, [
    bytes(1, name),
    bytes(2, [bytes(1, [int(1, TYPE[type]), bytes(2, lengths)])]),
  ]);
}
