import { wordsOf } from "./terms.ts";

/** Words in a shingle: fewer find what merely speaks of the same, more miss what was reworded. */
const SHINGLE_WORDS = 3;

/** Characters of a text that are looked at. */
const TEXT_CHARS = 20_000;

/** Texts of fewer words are alike too easily. */
const FEWEST_WORDS = 8;

/** Values in a sketch, and how they are taken together: alike in a band is a candidate. */
const BANDS = 10;
const ROWS = 3;
const VALUES = BANDS * ROWS;

/** Odd multipliers and offsets of the hash functions, fixed for ever: a sketch is stored. */
const FACTORS = Uint32Array.from({ length: VALUES }, (_, n) => (mix(n + 1) | 1) >>> 0);
const OFFSETS = Uint32Array.from({ length: VALUES }, (_, n) => mix(n + 1_001));

/** Splitmix's finisher for 32 bits: https://github.com/skeeto/hash-prospector (lowbias32). */
function mix(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Hashes of every three words that follow each other, each once. Empty for a short text. */
export function shinglesOf(text: string): Set<number> {
  const words = wordsOf(text.slice(0, TEXT_CHARS));
  const shingles = new Set<number>();
  if (words.length < FEWEST_WORDS) return shingles;
  const hashes = words.map(hashOf);
  for (let n = 0; n + SHINGLE_WORDS <= hashes.length; n += 1) {
    let hash = 0;
    for (let m = 0; m < SHINGLE_WORDS; m += 1)
      hash = mix(Math.imul(hash, 31) + (hashes[n + m] ?? 0));
    shingles.add(hash);
  }
  return shingles;
}

/** FNV-1a over UTF-16 units. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let n = 0; n < word.length; n += 1) hash = Math.imul(hash ^ word.charCodeAt(n), 0x01000193);
  return hash >>> 0;
}

/** The MinHash sketch of a text, `VALUES` numbers; undefined for a text that is too short. */
export function sketchOf(text: string): Uint32Array | undefined {
  const shingles = shinglesOf(text);
  if (shingles.size === 0) return undefined;
  const sketch = new Uint32Array(VALUES).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let n = 0; n < VALUES; n += 1) {
      const value = mix(Math.imul(shingle, FACTORS[n] ?? 1) + (OFFSETS[n] ?? 0));
      if (value < (sketch[n] ?? 0)) sketch[n] = value;
    }
  }
  return sketch;
}

/** What share of their shingles two texts have in common, 0..1. */
export function similarity(one: string, other: string): number {
  const [a, b] = [shinglesOf(one), shinglesOf(other)];
  let shared = 0;
  for (const shingle of a) if (b.has(shingle)) shared += 1;
  const all = a.size + b.size - shared;
  return all === 0 ? 0 : shared / all;
}

/** The same, as two sketches tell it: off by some 0.09. */
function estimate(one: Uint32Array, other: Uint32Array): number {
  let same = 0;
  for (let n = 0; n < VALUES; n += 1) if (one[n] === other[n]) same += 1;
  return same / VALUES;
}

/** Most others of a bucket that one text is compared with. */
const MOST_COMPARED = 8;

/** How far an estimate may lie below the threshold and the texts be compared all the same. */
const MARGIN = 0.2;

/**
 * Pairs of places in `sketches` that may be alike at `threshold` or more, each once, the earlier
 * place first. In time linear in their number: of a crowded bucket each is compared with few.
 */
export function* alike(
  sketches: readonly (Uint32Array | undefined)[],
  threshold: number,
): Generator<readonly [earlier: number, later: number]> {
  const told = new Set<number>();
  for (let band = 0; band < BANDS; band += 1) {
    const buckets = new Map<number, number[]>();
    for (const [place, sketch] of sketches.entries()) {
      if (!sketch) continue;
      const key = keyOf(sketch, band);
      const bucket = buckets.get(key);
      if (!bucket) {
        buckets.set(key, [place]);
        continue;
      }
      for (const earlier of bucket) {
        const pair = earlier * sketches.length + place;
        const other = sketches[earlier];
        if (told.has(pair) || !other || estimate(other, sketch) < threshold - MARGIN) continue;
        told.add(pair);
        yield [earlier, place];
      }
      if (bucket.length < MOST_COMPARED) bucket.push(place);
    }
  }
}

function keyOf(sketch: Uint32Array, band: number): number {
  let key = band;
  for (let row = 0; row < ROWS; row += 1)
    key = mix(Math.imul(key, 31) + (sketch[band * ROWS + row] ?? 0));
  return key;
}
