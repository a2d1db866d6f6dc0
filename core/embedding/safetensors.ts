import { SbError } from "../kernel/errors.ts";

/** A tensor of weights in row-major order. */
export interface Weights {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A tensor as it lies in the file. */
export interface Stored {
  readonly shape: readonly number[];
  /** Little-endian, as the file format has it. */
  readonly bytes: Uint8Array;
}

/** The tensors of one safetensors file, by name. */
export interface Safetensors {
  /** `name` as 32-bit floats. */
  floats(name: string): Weights;
  /** `name` untouched; it must hold 16-bit floats. */
  halves(name: string): Stored;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Bytes of the length in front of the header. */
const LENGTH_BYTES = 8;

/**
 * Reads `file`: 8 bytes of length, a JSON header, the tensors (https://github.com/huggingface/safetensors).
 * Tensors are looked at when asked for.
 * @throws SbError `corrupt` for what is no such file, lacks a tensor or holds it in another type.
 */
export function readSafetensors(file: Uint8Array): Safetensors {
  const { header, start } = readHeader(file);
  function entry(name: string): { dtype: string; stored: Stored } {
    const found = Object.hasOwn(header, name) ? header[name] : undefined;
    if (!Array.isArray(found?.data_offsets)) throw damaged(`holds no ${name}`);
    const [from, to] = found.data_offsets;
    const bytes = file.subarray(start + from, start + to);
    const values = found.shape.reduce((product, length) => product * length, 1);
    const width = found.dtype === "F16" ? 2 : 4;
    if (bytes.length !== to - from || bytes.length !== values * width) {
      throw damaged(`is cut off in ${name}`);
    }
    return { dtype: found.dtype, stored: { shape: found.shape, bytes } };
  }
  return {
    floats(name) {
      const { dtype, stored } = entry(name);
      if (dtype !== "F16" && dtype !== "F32") throw damaged(`holds ${name} as ${dtype}`);
      // Copied: in the file a tensor begins at any offset, and an array of numbers may not.
      const { buffer } = stored.bytes.slice();
      const data =
        dtype === "F16" ? new Float32Array(new Float16Array(buffer)) : new Float32Array(buffer);
      return { shape: stored.shape, data };
    },
    halves(name) {
      const { dtype, stored } = entry(name);
      if (dtype !== "F16") throw damaged(`holds ${name} as ${dtype}`);
      return stored;
    },
  };
}

function readHeader(file: Uint8Array): { header: Record<string, Entry>; start: number } {
  try {
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const start = LENGTH_BYTES + Number(view.getBigUint64(0, true));
    const text = new TextDecoder().decode(file.subarray(LENGTH_BYTES, start));
    return { header: JSON.parse(text) as Record<string, Entry>, start };
  } catch {
    throw damaged("has no header");
  }
}

function damaged(what: string): SbError {
  return new SbError("corrupt", `the file of weights ${what}`, {
    hint: "fetch it again: sb model pull",
  });
}
