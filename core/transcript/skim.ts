import type { Line } from "./lines.ts";
import type { Row } from "./rows.ts";

/** What a line says of itself before anything else of it is looked at. */
export interface Skimmed extends Row {
  readonly type: string;
  readonly attachment: { readonly type: string | undefined };
}

const TAB = 0x09;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LETTER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** Bytes of an escape by its second character, the backslash counted; 0 where JSON knows none. */
const ESCAPES = new Uint8Array(256);
for (const letter of Buffer.from('"\\/bfnrt')) ESCAPES[letter] = 2;
ESCAPES[LETTER_U] = 6;
const HEX = /^[0-9a-fA-F]{4}$/;

const PLAIN = 0;
/** By byte: not `PLAIN` where it means something in a literal, or must not stand in one. */
const MARKS = new Uint8Array(256).fill(1, 0, 0x20);
MARKS[QUOTE] = 1;
MARKS[BACKSLASH] = 1;

/** Numbers and the three names of JSON; the client writes no number longer than that. */
const SCALAR = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?=[,\]}])/;
const SCALAR_BYTES = 40;

/** Deeper nesting is left to the parser; the client's own rows stay below 20. */
const MOST_DEPTH = 64;

/**
 * Looks through one long line without building what it holds: about three times as fast as parsing
 * it, and nine tenths of a transcript are rows of which nothing is kept.
 *
 * @returns the last `type` of the row and of its `attachment`, where the line is exactly one compact
 *   JSON object with a `type`; undefined where it is not, or where this cannot tell and
 *   `JSON.parse` must.
 */
export function skim(line: Line): Skimmed | undefined {
  const skimmer = new Skimmer(line);
  return skimmer.run() ? skimmer.found : undefined;
}

class Skimmer {
  readonly #bytes: Buffer;
  readonly #memory: Memory;
  readonly #end: number;
  #at: number;
  /** By depth: whether the open container is an object. */
  readonly #isObject: boolean[] = [];
  /** Whether the open object of depth 2 is the row's `attachment`. */
  #isInAttachment = false;
  /** Whether the next value is a `type` that is looked for. */
  #isType = false;
  #type: string | undefined;
  #attachmentType: string | undefined;

  constructor({ bytes, start, end }: Line) {
    this.#bytes = bytes;
    this.#memory = { bytes, words: wordsOf(bytes) };
    this.#at = start;
    this.#end = end;
  }

  get found(): Skimmed | undefined {
    const type = this.#type;
    return type === undefined ? undefined : { type, attachment: { type: this.#attachmentType } };
  }

  /** Whether the line is one object, white space at its end apart. */
  run(): boolean {
    if (this.#bytes[this.#at] !== OPEN_BRACE) return false;
    while (this.#value()) {
      if (this.#isObject.length === 0) return this.#isAtEnd();
    }
    return false;
  }

  /** Takes a value or the opening of one, and what closes after it, up to the next value. */
  #value(): boolean {
    const byte = this.#bytes[this.#at];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return this.#open(byte === OPEN_BRACE);
    const from = this.#at + 1;
    if (!(byte === QUOTE ? this.#string() : this.#scalar())) return false;
    if (this.#isType && !this.#noteType(from)) return false;
    return this.#next();
  }

  #open(isObject: boolean): boolean {
    this.#at += 1;
    this.#isObject.push(isObject);
    if (this.#isType || this.#isObject.length > MOST_DEPTH) return false;
    const close = isObject ? CLOSE_BRACE : CLOSE_BRACKET;
    if (this.#bytes[this.#at] === close) return this.#next();
    return !isObject || this.#key();
  }

  /** From behind a value to the next one. */
  #next(): boolean {
    for (;;) {
      const isObject = this.#isObject.at(-1);
      if (isObject === undefined) return true;
      const byte = this.#bytes[this.#at];
      this.#at += 1;
      if (byte === COMMA) return !isObject || this.#key();
      if (byte !== (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) return false;
      this.#isObject.pop();
    }
  }

  /** Takes a key and its colon. */
  #key(): boolean {
    const from = this.#at + 1;
    if (this.#bytes[this.#at] !== QUOTE || !this.#string()) return false;
    if (this.#bytes[this.#at] !== COLON) return false;
    const depth = this.#isObject.length;
    const key = { from, to: this.#at - 1 };
    this.#at += 1;
    if (depth > 2 || (depth === 2 && !this.#isInAttachment)) return true;
    if (hasEscape(this.#bytes, key)) return false; // an escaped key may spell any name
    if (depth === 1) this.#isInAttachment = isWord(this.#bytes, key, ATTACHMENT);
    this.#isType = isWord(this.#bytes, key, TYPE);
    return true;
  }

  /** Notes the `type` that began at `from` and was just taken; whether it is a plain text. */
  #noteType(from: number): boolean {
    const name = this.#bytes.toString("latin1", from, this.#at - 1);
    if (this.#bytes[from - 1] !== QUOTE || name.includes("\\")) return false;
    if (this.#isObject.length === 1) this.#type = name;
    else this.#attachmentType = name;
    this.#isType = false;
    return true;
  }

  /** Takes a literal with its quotes. */
  #string(): boolean {
    const quote = closingQuote(this.#memory, this.#at + 1, this.#end);
    this.#at = quote + 1;
    return quote < this.#end;
  }

  #scalar(): boolean {
    const at = this.#at;
    const match = SCALAR.exec(
      this.#bytes.toString("latin1", at, Math.min(this.#end, at + SCALAR_BYTES)),
    );
    this.#at += match?.[0].length ?? 0;
    return match !== null;
  }

  #isAtEnd(): boolean {
    for (let at = this.#at; at < this.#end; at += 1) {
      const byte = this.#bytes[at] ?? 0;
      if (byte !== SPACE && byte !== TAB && byte !== RETURN) return false;
    }
    return this.#at <= this.#end;
  }
}

/** Bytes, and the memory below them four at a time. */
interface Memory {
  readonly bytes: Buffer;
  readonly words: Int32Array;
}

/** Where the literal that goes on at `from` has its closing quote; `end` where it is none of JSON. */
function closingQuote({ bytes, words }: Memory, from: number, end: number): number {
  const shift = bytes.byteOffset;
  const lastWord = (end + shift) >> 2;
  let at = from;
  while (at < end) {
    if (((at + shift) & 3) === 0) at = plainWords(words, (at + shift) >> 2, lastWord) * 4 - shift;
    const byte = bytes[at] ?? 0;
    const mark = MARKS[byte] ?? PLAIN;
    if (mark === PLAIN) at += 1;
    else if (byte === QUOTE) return at;
    else if (byte !== BACKSLASH) return end;
    else {
      const length = ESCAPES[bytes[at + 1] ?? 0] ?? 0;
      if (length === 0 || (length > 2 && !HEX.test(bytes.toString("latin1", at + 2, at + 6))))
        return end;
      at += length;
    }
  }
  return end;
}

/**
 * Index of the first word of four bytes in which one of those three stands. A byte of `word - 0x20…`
 * borrows into its highest bit where it was less: see "Determine if a word has a byte less than n"
 * in Anderson's Bit Twiddling Hacks; a byte equal to a quote is less than 1 after the exclusive or.
 */
function plainWords(words: Int32Array, from: number, to: number): number {
  let index = from;
  for (; index < to; index += 1) {
    const word = words[index] ?? 0;
    const quotes = word ^ 0x22222222;
    const backslashes = word ^ 0x5c5c5c5c;
    const low =
      ((quotes - 0x01010101) & ~quotes) |
      ((backslashes - 0x01010101) & ~backslashes) |
      ((word - 0x20202020) & ~word);
    if ((low & 0x80808080) !== 0) break;
  }
  return index;
}

/** Where a key's characters stand, without the quotes. */
interface Key {
  readonly from: number;
  readonly to: number;
}

const TYPE = Buffer.from("type");
const ATTACHMENT = Buffer.from("attachment");

/** By bytes, since a text made of each key would cost more than all else that is done with it. */
function hasEscape(bytes: Buffer, { from, to }: Key): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] === BACKSLASH) return true;
  return false;
}

function isWord(bytes: Buffer, { from, to }: Key, word: Buffer): boolean {
  if (to - from !== word.length) return false;
  for (let at = 0; at < word.length; at += 1) if (bytes[from + at] !== word[at]) return false;
  return true;
}

let lastMemory: Int32Array | undefined;

/** All of the memory that `bytes` lies in, as words; remembered, since lines share a buffer. */
function wordsOf({ buffer }: Buffer): Int32Array {
  if (lastMemory?.buffer === buffer) return lastMemory;
  lastMemory = new Int32Array(buffer, 0, buffer.byteLength >> 2);
  return lastMemory;
}
