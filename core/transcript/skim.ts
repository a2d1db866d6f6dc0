import type { Line } from "./lines.ts";
import type { LiteralScan } from "./literal-scan.ts";
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
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** The one escape of more than two characters. */
const CODE = /^\\u[0-9a-fA-F]{4}$/;
const CODE_BYTES = 6;

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
  if (!line.scan) return undefined;
  const skimmer = new Skimmer(line, line.scan);
  return skimmer.run() ? skimmer.found : undefined;
}

class Skimmer {
  readonly #bytes: Buffer;
  readonly #scan: LiteralScan;
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

  constructor({ bytes, start, end }: Line, scan: LiteralScan) {
    this.#bytes = bytes;
    this.#scan = scan;
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
    let at = this.#scan(this.#at + 1);
    while (at < this.#end && this.#isCode(at)) at = this.#scan(at + CODE_BYTES);
    this.#at = at + 1;
    return at < this.#end && this.#bytes[at] === QUOTE;
  }

  /** Whether an escape of a character by its code begins at `at`. */
  #isCode(at: number): boolean {
    if (this.#bytes[at] !== BACKSLASH) return false;
    return CODE.test(this.#bytes.toString("latin1", at, at + CODE_BYTES));
  }

  #scalar(): boolean {
    const length = this.#digits() || this.#otherScalar();
    this.#at += length;
    return length > 0;
  }

  /** Length of a number that is nothing but digits, as most are; 0 where it is something else. */
  #digits(): number {
    let at = this.#at;
    while (isDigit(this.#bytes[at])) at += 1;
    const next = this.#bytes[at];
    const isWhole = next === COMMA || next === CLOSE_BRACE;
    return isWhole && this.#bytes[this.#at] !== ZERO ? at - this.#at : 0;
  }

  #otherScalar(): number {
    const end = Math.min(this.#end, this.#at + SCALAR_BYTES);
    return SCALAR.exec(this.#bytes.toString("latin1", this.#at, end))?.[0].length ?? 0;
  }

  #isAtEnd(): boolean {
    for (let at = this.#at; at < this.#end; at += 1) {
      const byte = this.#bytes[at] ?? 0;
      if (byte !== SPACE && byte !== TAB && byte !== RETURN) return false;
    }
    return this.#at <= this.#end;
  }
}

/** Where a key's characters stand, without the quotes. */
interface Key {
  readonly from: number;
  readonly to: number;
}

const TYPE = Buffer.from("type");
const ATTACHMENT = Buffer.from("attachment");

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

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
