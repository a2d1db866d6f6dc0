import type { Weights } from "./safetensors.ts";

/** A matrix as 8-bit integers, with what to multiply them by. */
export interface Quantised {
  readonly data: Int8Array;
  /** One factor for each row, or for each column. */
  readonly scales: Float32Array;
}

/** Largest step: symmetric, so -128 is not used and zero stays zero. */
const STEPS = 127;

/** Rounds a matrix to 8 bits with a scale of its own for each row, or for each column. */
export function quantise({ shape, data }: Weights, per: "row" | "column"): Quantised {
  const [rows = 0, columns = 0] = shape;
  const scales = new Float32Array(per === "row" ? rows : columns);
  const whole = new Int8Array(data.length);
  // Two plain loops: with a closure for each of 23 million values this took four seconds.
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      const line = per === "row" ? row : column;
      scales[line] = Math.max(scales[line] ?? 0, Math.abs(data[at] ?? 0) / STEPS);
    }
  }
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      const scale = scales[per === "row" ? row : column];
      whole[at] = scale ? Math.round((data[at] ?? 0) / scale) : 0;
    }
  }
  return { data: whole, scales };
}
