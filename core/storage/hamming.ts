/** Bytes of a vector's sign bits: 384 dimensions. */
export const BIT_BYTES = 48;

/**
 * Counts, for each of `count` vectors from `bits` on, the bits that differ from the query's, and
 * writes them as 16-bit numbers from `out` on. All three are places in the memory it was made over.
 */
export type Scan = (query: number, bits: number, count: number, out: number) => void;

/** The scan over `memory`: by vector instructions where the processor has them, 16 times as fast. */
export function hammingScan(memory: WebAssembly.Memory): Scan {
  if (!WebAssembly.validate(MODULE)) return plainScan(memory);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE), { env: { memory } });
  return exports["scan"] as Scan;
}

/** The same without them, in turns of 32 bits. */
export function plainScan(memory: WebAssembly.Memory): Scan {
  return (query, bits, count, out) => {
    const words = new Uint32Array(memory.buffer);
    const counts = new Uint16Array(memory.buffer);
    const step = BIT_BYTES / 4;
    let at = bits / 4;
    for (let vector = 0; vector < count; vector += 1) {
      let sum = 0;
      for (let word = 0; word < step; word += 1, at += 1) {
        sum += popcount((words[at] ?? 0) ^ (words[query / 4 + word] ?? 0));
      }
      counts[out / 2 + vector] = sum;
    }
  };
}

/** Bits that are set in a 32-bit word: Hacker's Delight, figure 5-2. */
function popcount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

// The module, assembled by hand: https://webassembly.github.io/spec/core/binary/index.html

const QUERY = 0;
const BITS = 1;
const COUNT = 2;
const OUT = 3;
/** Locals: the three thirds of the query, a sum, and where the bits end. */
const FIRST = 4;
const SECOND = 5;
const THIRD = 6;
const SUM = 7;
const END = 8;

const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const tee = (local: number) => [0x22, local];
const constant = (value: number) => [0x41, value]; // below 64: one byte of LEB128
const load = (offset: number) => [0xfd, 0x00, 0x00, offset]; // v128.load
const lane = (index: number) => [0xfd, 0x1b, index]; // i32x4.extract_lane
const XOR = [0xfd, 0x51]; // v128.xor
const COUNT_BITS = [0xfd, 0x62]; // i8x16.popcnt
const ADD_BYTES = [0xfd, 0x6e]; // i8x16.add
const PAIRS_OF_BYTES = [0xfd, 0x7d]; // i16x8.extadd_pairwise_i8x16_u
const PAIRS_OF_SHORTS = [0xfd, 0x7f]; // i32x4.extadd_pairwise_i16x8_u
const ADD = [0x6a]; // i32.add
const MULTIPLY = [0x6c]; // i32.mul

const third = (offset: number, query: number) => [
  ...get(BITS),
  ...load(offset),
  ...get(query),
  ...XOR,
  ...COUNT_BITS,
];

const CODE = [
  ...[...get(QUERY), ...load(0), ...set(FIRST)],
  ...[...get(QUERY), ...load(16), ...set(SECOND)],
  ...[...get(QUERY), ...load(32), ...set(THIRD)],
  ...[...get(BITS), ...get(COUNT), ...constant(BIT_BYTES), ...MULTIPLY, ...ADD, ...set(END)],
  ...[0x02, 0x40, 0x03, 0x40], // block, loop
  ...[...get(BITS), ...get(END), 0x4f, 0x0d, 0x01], // leave at the end: i32.ge_u, br_if
  ...get(OUT),
  ...[...third(0, FIRST), ...third(16, SECOND), ...ADD_BYTES, ...third(32, THIRD), ...ADD_BYTES],
  ...[...PAIRS_OF_BYTES, ...PAIRS_OF_SHORTS, ...tee(SUM), ...lane(0)],
  ...[...get(SUM), ...lane(1), ...ADD, ...get(SUM), ...lane(2), ...ADD],
  ...[...get(SUM), ...lane(3), ...ADD, 0x3b, 0x00, 0x00], // i32.store16
  ...[...get(BITS), ...constant(BIT_BYTES), ...ADD, ...set(BITS)],
  ...[...get(OUT), ...constant(2), ...ADD, ...set(OUT), 0x0c, 0x00], // br to the loop
  ...[0x0b, 0x0b, 0x0b],
];

const V128 = 0x7b;
const I32 = 0x7f;
const name = (text: string) => [text.length, ...Buffer.from(text)];

/** A length below 16,384 in LEB128, and what it is the length of. */
const sized = (content: readonly number[]) => [
  ...(content.length < 128
    ? [content.length]
    : [(content.length & 127) | 128, content.length >> 7]),
  ...content,
];
const section = (id: number, content: readonly number[]) => [id, ...sized(content)];

const MODULE = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...section(1, [1, 0x60, 4, I32, I32, I32, I32, 0]),
  ...section(2, [1, ...name("env"), ...name("memory"), 0x02, 0x00, 0x01]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...name("scan"), 0x00, 0]),
  ...section(10, [1, ...sized([2, 4, V128, 1, I32, ...CODE])]),
]);
