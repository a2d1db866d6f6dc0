import { BIT_BYTES } from "./hamming.ts";

/** Dimensions of every vector that is stored: what the sign bits of `hamming.ts` hold. */
export const DIMENSIONS = BIT_BYTES * 8;

/**
 * Bytes of a stored vector: the scale as a float of 32 bits, the upper eight of twelve bits of each
 * value, then the lower four, two values a byte. With eight bits alone neighbours changed places.
 */
export const VECTOR_BYTES = 4 + DIMENSIONS + DIMENSIONS / 2;

/** The largest value that twelve bits hold. */
const LARGEST = 2_047;

/** How far from 1 the length of a stored vector may be: rounding moves it by less than 0.001. */
const LENGTH_TOLERANCE = 0.05;

/**
 * A vector of unit length as it is stored: each value times `LARGEST` over the largest, rounded.
 * @returns undefined for one of another dimension or length, or with a value that is no number.
 */
export function encodeVector(vector: Float32Array): Uint8Array | undefined {
  if (vector.length !== DIMENSIONS) return undefined;
  let largest = 0;
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  const scale = largest / LARGEST;
  const bytes = new Uint8Array(VECTOR_BYTES);
  new DataView(bytes.buffer).setFloat32(0, scale, true);
  for (let i = 0; i < DIMENSIONS; i += 1) {
    const value = Math.round((vector[i] ?? 0) / scale);
    bytes[4 + i] = value >> 4;
    const place = 4 + DIMENSIONS + (i >> 1);
    bytes[place] = (bytes[place] ?? 0) | ((value & 15) << (4 * (i & 1)));
  }
  return decodeVector(bytes) ? bytes : undefined;
}

/** A stored vector that can be compared. */
export interface StoredVector {
  readonly scale: number;
  readonly values: Int16Array;
}

/** Reads a stored vector; undefined when it is damaged: another size, or not of unit length. */
export function decodeVector(bytes: Uint8Array): StoredVector | undefined {
  if (bytes.length !== VECTOR_BYTES) return undefined;
  const scale = floatAt(bytes, 0);
  const values = new Int16Array(DIMENSIONS);
  let squares = 0;
  for (let i = 0; i < DIMENSIONS; i += 1) {
    const lower = ((bytes[4 + DIMENSIONS + (i >> 1)] as number) >> (4 * (i & 1))) & 15;
    const upper = ((bytes[4 + i] as number) << 24) >> 20; // its sign, and four bits of room
    const value = upper + lower;
    values[i] = value;
    squares += value * value;
  }
  const isWhole = Math.abs(scale * Math.sqrt(squares) - 1) < LENGTH_TOLERANCE;
  return isWhole ? { scale, values } : undefined;
}

const FLOAT = new Float32Array(1);
const FLOAT_BYTES = new Uint8Array(FLOAT.buffer);

/** A float of 32 bits. No view of the bytes' own buffer: SQLite's rows have none until asked. */
function floatAt(bytes: Uint8Array, at: number): number {
  for (let byte = 0; byte < 4; byte += 1) FLOAT_BYTES[byte] = bytes[at + byte] as number;
  return FLOAT[0] as number;
}

/** Whether a query can be compared at all: the dimension, and unit length. */
export function isUnit(vector: Float32Array): boolean {
  if (vector.length !== DIMENSIONS) return false;
  let squares = 0;
  for (const value of vector) squares += value * value;
  return Math.abs(Math.sqrt(squares) - 1) < LENGTH_TOLERANCE;
}

/** Cosine of a query of unit length and a stored vector, in -1..1. */
export function similarity(query: Float32Array, { scale, values }: StoredVector): number {
  let even = 0;
  let odd = 0;
  for (let i = 0; i < DIMENSIONS; i += 2) {
    even += (query[i] ?? 0) * (values[i] ?? 0);
    odd += (query[i + 1] ?? 0) * (values[i + 1] ?? 0);
  }
  return Math.max(-1, Math.min(1, (even + odd) * scale));
}

/** Writes the sign bits of `values` into the `BIT_BYTES` of `into` from `offset` on. */
export function writeSigns(
  values: Float32Array | Int16Array,
  into: Uint8Array,
  offset: number,
): void {
  for (let byte = 0; byte < BIT_BYTES; byte += 1) {
    let bits = 0;
    for (let bit = 0; bit < 8; bit += 1) if ((values[byte * 8 + bit] ?? 0) > 0) bits |= 1 << bit;
    into[offset + byte] = bits;
  }
}
