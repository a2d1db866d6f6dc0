import {
  ADD,
  branch,
  constant,
  END,
  EQUAL,
  get,
  I32,
  IF,
  LOOP,
  loadByte,
  loadVector,
  OR,
  set,
  small,
  tee,
  V128,
  wasmOver,
} from "../kernel/wasm.ts";

/**
 * The first byte from `at` on that a JSON literal cannot simply go on over: a quote, a byte below a
 * space, or a backslash that begins no escape of two characters. Memory has to end with 16 bytes of
 * which the first is 0: the scan knows no other end.
 */
export type LiteralScan = (at: number) => number;

const AT = 0;
/** Locals: which of the 16 bytes are marks, the byte behind a backslash, and the 16 bytes. */
const MARKS = 1;
const ESCAPED = 2;
const BYTES = 3;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

/** v128.const of one byte 16 times. */
const all = (byte: number) => [0xfd, 0x0c, ...Array<number>(16).fill(byte)];
const EQUAL_BYTES = [0xfd, 0x23]; // i8x16.eq
const LESS_BYTES = [0xfd, 0x26]; // i8x16.lt_u
const OR_BYTES = [0xfd, 0x50]; // v128.or
const HIGH_BITS = [0xfd, 0x64]; // i8x16.bitmask
const IS_ZERO = [0x45]; // i32.eqz
const TRAILING_ZEROS = [0x68]; // i32.ctz

const isEscaped = (letter: string) => [
  ...get(ESCAPED),
  ...constant(letter.charCodeAt(0)),
  ...EQUAL,
];
const forward = (bytes: number) => [...get(AT), ...small(bytes), ...ADD, ...set(AT)];

const code = () => [
  ...LOOP,
  ...[...get(AT), ...loadVector(0), ...tee(BYTES), ...all(QUOTE), ...EQUAL_BYTES],
  ...[...get(BYTES), ...all(BACKSLASH), ...EQUAL_BYTES, ...OR_BYTES],
  ...[...get(BYTES), ...all(SPACE), ...LESS_BYTES, ...OR_BYTES],
  ...[...HIGH_BITS, ...tee(MARKS), ...IS_ZERO],
  ...[...IF, ...forward(16), ...branch(1), ...END],
  ...[...get(AT), ...get(MARKS), ...TRAILING_ZEROS, ...ADD, ...tee(AT)],
  ...[...loadByte(0), ...constant(BACKSLASH), ...EQUAL],
  ...[...IF, ...get(AT), ...loadByte(1), ...set(ESCAPED), ...isEscaped("n")],
  ...[...'"\\/bfrt'].flatMap((letter) => [...isEscaped(letter), ...OR]),
  ...[...IF, ...forward(2), ...branch(2), ...END, ...END],
  ...END,
  ...get(AT),
];

/** The scan over a memory, 16 bytes at a time; undefined where the processor has no such instructions. */
export const literalScan = wasmOver<LiteralScan>(() => ({
  parameters: [I32],
  results: [I32],
  locals: [
    [2, I32],
    [1, V128],
  ],
  code: code(),
}));
