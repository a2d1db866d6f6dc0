/**
 * The words of WebAssembly that our few functions are written with, and what wraps them into a
 * module: https://webassembly.github.io/spec/core/binary/index.html
 */

/** Bytes of a page of memory, by which it is made and grows. */
export const PAGE_BYTES = 65_536;

export const I32 = 0x7f;
export const V128 = 0x7b;

export const get = (local: number) => [0x20, local];
export const set = (local: number) => [0x21, local];
export const tee = (local: number) => [0x22, local];
/** `i32.const` of -64 to 63: one byte of LEB128. */
export const small = (value: number) => [0x41, value & 127];
/** `i32.const` of 0 to 8,191: two bytes of LEB128. */
export const constant = (value: number) => [0x41, (value & 127) | 128, value >> 7];
export const ADD = [0x6a];
export const MULTIPLY = [0x6c];
export const OR = [0x72];
export const EQUAL = [0x46];

export const BLOCK = [0x02, 0x40];
export const LOOP = [0x03, 0x40];
export const IF = [0x04, 0x40];
export const END = [0x0b];
/** To the end of the block, or to the head of the loop, that lies `depth` outside of here. */
export const branch = (depth: number) => [0x0c, depth];
export const branchIf = (depth: number) => [0x0d, depth];

export const loadVector = (offset: number) => [0xfd, 0x00, 0x00, offset];
export const loadByte = (offset: number) => [0x2d, 0x00, offset];

/** A function over memory that is given to it. */
export interface WasmFunction {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
  /** How many, and of which type. */
  readonly locals: readonly (readonly [count: number, type: number])[];
  readonly code: readonly number[];
}

/**
 * The function that `describe` tells, over memories: undefined where the processor does not have its
 * instructions. It is compiled at its first use, and once.
 */
export function wasmOver<F>(describe: () => WasmFunction) {
  let compiled: WebAssembly.Module | undefined;
  return (memory: WebAssembly.Memory): F | undefined => {
    try {
      compiled ??= new WebAssembly.Module(moduleOf(describe()));
    } catch {
      return undefined;
    }
    return new WebAssembly.Instance(compiled, { env: { memory } }).exports["run"] as F;
  };
}

/** A module that takes `env.memory` and exports the one function as `run`. */
function moduleOf({ parameters, results, locals, code }: WasmFunction) {
  const type = [0x60, parameters.length, ...parameters, results.length, ...results];
  const body = sized([locals.length, ...locals.flat(), ...code, ...END]);
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, ...type]),
    ...section(2, [1, ...name("env"), ...name("memory"), 0x02, 0x00, 0x01]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name("run"), 0x00, 0]),
    ...section(10, [1, ...body]),
  ]);
}

const name = (text: string) => [text.length, ...Buffer.from(text)];

/** A length below 16,384 in LEB128, and what it is the length of. */
const sized = (content: readonly number[]) => [
  ...(content.length < 128
    ? [content.length]
    : [(content.length & 127) | 128, content.length >> 7]),
  ...content,
];
const section = (id: number, content: readonly number[]) => [id, ...sized(content)];
