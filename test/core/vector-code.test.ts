import { expect, test } from "bun:test";
import fc from "fast-check";
import { hammingScan, plainScan } from "../../core/storage/hamming.ts";
import { signScore } from "../../core/storage/sign-score.ts";
import {
  DIMENSIONS,
  decodeVector,
  encodeVector,
  similarity,
  VECTOR_BYTES,
  writeSigns,
} from "../../core/storage/vector-code.ts";
import { Random } from "../bench/random.ts";
import { wordVector } from "../support/vectors.ts";

/** Vectors of unit length from a seed; the higher the power, the more its largest values stand out. */
const unit = fc.tuple(fc.integer(), fc.integer({ min: 1, max: 9 })).map(([seed, power]) => {
  const random = new Random(seed);
  const values = Float32Array.from({ length: DIMENSIONS }, () => (random.next() * 2 - 1) ** power);
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
});

test("a stored vector has the cosine of the one it was, to the third place", () => {
  fc.assert(
    fc.property(unit, unit, (vector, query) => {
      const bytes = encodeVector(vector) ?? new Uint8Array();
      const stored = decodeVector(bytes);

      expect(bytes).toHaveLength(VECTOR_BYTES);
      const exact = vector.reduce((sum, one, i) => sum + one * (query[i] ?? 0), 0);
      expect(stored && similarity(query, stored)).toBeCloseTo(exact, 3);
    }),
    { numRuns: 200 },
  );
});

test.each([
  ["too short", new Float32Array(DIMENSIONS - 1).fill(1)],
  ["too long", new Float32Array(768).fill(1)],
  ["nothing but zeros", new Float32Array(DIMENSIONS)],
  ["not of unit length", new Float32Array(DIMENSIONS).fill(1)],
  ["no number", wordVector("a").fill(Number.NaN, 3, 4)],
  ["infinite", wordVector("a").fill(Number.POSITIVE_INFINITY, 3, 4)],
])("a vector that is %s is not stored", (_what, vector) => {
  expect(encodeVector(vector)).toBeUndefined();
});

test("whatever bytes lie in the store, reading them harms nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2 * VECTOR_BYTES }), (bytes) => {
      const stored = decodeVector(bytes);

      if (stored) expect(similarity(wordVector("a"), stored)).toBeWithin(-1, 1.0001);
    }),
  );
  const whole = encodeVector(wordVector("a")) ?? new Uint8Array();
  const shifted = new Uint8Array(VECTOR_BYTES + 1);
  shifted.set(whole, 1);
  expect(decodeVector(shifted.subarray(1))).toEqual(decodeVector(whole));
});

test("both ways of counting differing bits give what counting one by one gives", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 48 * 21, maxLength: 48 * 21 }), (bytes) => {
      new Uint8Array(memory.buffer).set(bytes);
      const expected = Array.from({ length: 20 }, (_, vector) => {
        let sum = 0;
        for (let i = 0; i < 48; i += 1) {
          const differing = (bytes[i] ?? 0) ^ (bytes[48 * (vector + 1) + i] ?? 0);
          sum += differing.toString(2).replaceAll("0", "").length;
        }
        return sum;
      });

      for (const scan of [hammingScan(memory), plainScan(memory)]) {
        new Uint16Array(memory.buffer, 2048, 20).fill(9_999);
        scan(0, 48, 20, 2048);

        expect([...new Uint16Array(memory.buffer, 2048, 20)]).toEqual(expected);
      }
    }),
    { numRuns: 50 },
  );
});

test("signs are judged by the query's values", () => {
  fc.assert(
    fc.property(unit, unit, (vector, query) => {
      const bits = new Uint8Array(50);
      writeSigns(vector, bits, 2);

      const expected = query.reduce((sum, one, i) => sum + ((vector[i] ?? 0) > 0 ? one : -one), 0);
      expect(signScore(query)(bits, 2)).toBeCloseTo(expected, 3);
    }),
    { numRuns: 50 },
  );
});
