import { BIT_BYTES } from "./hamming.ts";

/** Embeddings in a block: their ids share all bits above the lowest ten. */
export const BLOCK_SIZE = 1_024;

/**
 * A block of embeddings as a process holds it: what a filter asks about, and the sign bits. Place
 * `i` is of the embedding whose id ends in `i`; where there is none, its document is 0.
 */
export interface Pack {
  readonly documents: Uint32Array;
  /** Epoch ms of the document. */
  readonly times: Float64Array;
  /** Place in `names`. */
  readonly projects: Uint16Array;
  /** Place in `names`. */
  readonly kinds: Uint16Array;
  readonly bits: Uint8Array;
  /** Project keys and kinds that occur. */
  readonly names: readonly string[];
}

/** Bytes of the arrays before the bits. */
const FACT_BYTES = BLOCK_SIZE * (8 + 4 + 2 + 2);
/** Bytes of the arrays; the names follow as JSON. */
const ARRAY_BYTES = FACT_BYTES + BLOCK_SIZE * BIT_BYTES;

export function emptyPack(names: readonly string[]): Pack {
  return over(new Uint8Array(FACT_BYTES), new Uint8Array(BLOCK_SIZE * BIT_BYTES), names);
}

/** A pack as it is stored; numbers as the processor has them: all that we run on are little-endian. */
export function encodePack({ times, bits, names }: Pack): Uint8Array {
  const facts = new Uint8Array(times.buffer, 0, FACT_BYTES);
  return Buffer.concat([facts, bits, Buffer.from(JSON.stringify(names))]);
}

/** Reads a stored pack; undefined when it is damaged. */
export function decodePack(bytes: Uint8Array): Pack | undefined {
  if (bytes.length < ARRAY_BYTES) return undefined;
  try {
    const names: unknown = JSON.parse(Buffer.from(bytes.subarray(ARRAY_BYTES)).toString());
    if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) return undefined;
    return over(bytes.slice(0, FACT_BYTES), bytes.subarray(FACT_BYTES, ARRAY_BYTES), names);
  } catch {
    return undefined;
  }
}

/** The arrays over their bytes, the widest numbers first, so that each is aligned. */
function over(facts: Uint8Array, bits: Uint8Array, names: readonly string[]): Pack {
  const { buffer } = facts;
  return {
    times: new Float64Array(buffer, 0, BLOCK_SIZE),
    documents: new Uint32Array(buffer, BLOCK_SIZE * 8, BLOCK_SIZE),
    projects: new Uint16Array(buffer, BLOCK_SIZE * 12, BLOCK_SIZE),
    kinds: new Uint16Array(buffer, BLOCK_SIZE * 14, BLOCK_SIZE),
    bits,
    names,
  };
}
