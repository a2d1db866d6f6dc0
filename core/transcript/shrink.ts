/** How much of a long line is kept, in bytes. */
export interface ShrinkLimits {
  /** Head of each string literal. */
  readonly headBytes: number;
  /** A literal of at most head and this is kept whole; of a longer one only the head. */
  readonly tailBytes: number;
  /** The whole shrunk line. */
  readonly lineBytes: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const FIRST_PRINTABLE = 0x20;
/** The second characters of JSON's short escapes: " \ / b f n r t. */
const SHORT_ESCAPES: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));
/** A byte with none of these many before it being a backslash stands in no escape (`\u1234`). */
const ESCAPE_REACH = 5;

/**
 * Copies the JSON of one line and drops the inside of its long string literals, so that a line of
 * any length is read in flat memory. Where a cut falls depends on the line alone, never on how it
 * was divided into `push` calls.
 */
export class Shrinker {
  readonly #limits: ShrinkLimits;
  readonly #tail: Buffer;
  #out: Buffer = Buffer.allocUnsafe(64 * 1024);
  #length = 0;
  #broken = false;
  #inString = false;
  /** Where the open literal's content begins in `#out`. */
  #headAt = 0;
  /** Bytes of the open literal so far, kept or not. */
  #stringBytes = 0;
  /** Characters of an escape still to come: -1 right after the backslash, then hex digits left. */
  #escape = 0;

  constructor(limits: ShrinkLimits) {
    this.#limits = limits;
    this.#tail = Buffer.allocUnsafe(limits.tailBytes);
  }

  /** Takes the line's next bytes. */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.#broken) {
      if (this.#inString) {
        at = this.#pushString(bytes, at);
        continue;
      }
      const quote = bytes.indexOf(QUOTE, at);
      const end = quote < 0 ? bytes.length : quote + 1;
      this.#append(bytes, at, end);
      at = end;
      if (quote >= 0) this.#openString();
    }
  }

  /** The shrunk line; undefined when it ends inside a literal, holds a bad one or is too long. */
  finish(): Buffer | undefined {
    return this.#broken || this.#inString ? undefined : this.#out.subarray(0, this.#length);
  }

  #openString(): void {
    this.#inString = true;
    this.#headAt = this.#length;
    this.#stringBytes = 0;
  }

  /** Takes literal content up to its closing quote. @returns where to go on in `bytes`. */
  #pushString(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (this.#escape !== 0) this.#stepEscape(byte);
      else if (byte === QUOTE) {
        this.#keep(bytes, from, at);
        this.#closeString();
        return at + 1;
      } else if (byte === BACKSLASH) this.#escape = -1;
      else if (byte < FIRST_PRINTABLE) this.#broken = true;
    }
    this.#keep(bytes, from, bytes.length);
    return bytes.length;
  }

  #stepEscape(byte: number): void {
    if (this.#escape > 0) {
      this.#escape -= 1;
      if (!isHexDigit(byte)) this.#broken = true;
      return;
    }
    this.#escape = byte === LETTER_U ? 4 : 0;
    if (byte !== LETTER_U && !SHORT_ESCAPES.has(byte)) this.#broken = true;
  }

  /** The first bytes of a literal go to the output, the last ones turn in `#tail`. */
  #keep(bytes: Buffer, from: number, to: number): void {
    const { headBytes, tailBytes } = this.#limits;
    const headEnd = Math.min(to, from + Math.max(0, headBytes - this.#stringBytes));
    this.#append(bytes, from, headEnd);
    const kept = Math.max(headEnd, to - tailBytes);
    this.#stringBytes += to - from;
    const turn = (this.#stringBytes - headBytes - (to - kept)) % tailBytes;
    if (kept >= to) return;
    const first = Math.min(to - kept, tailBytes - turn);
    bytes.copy(this.#tail, turn, kept, kept + first);
    bytes.copy(this.#tail, 0, kept + first, to);
  }

  #closeString(): void {
    const { headBytes, tailBytes } = this.#limits;
    const over = this.#stringBytes - headBytes;
    if (over > 0 && over <= tailBytes) this.#append(this.#tail, 0, over);
    if (over > tailBytes) this.#closeCut();
    this.#append(QUOTE_BYTES, 0, 1);
    this.#inString = false;
  }

  /** A cut literal keeps its head alone: what its tail belongs to, nobody could tell. */
  #closeCut(): void {
    const headEnd = wordCut(this.#out.subarray(this.#headAt, this.#length));
    this.#length = this.#headAt + headEnd;
    const mark = Buffer.from(` [... ${this.#stringBytes - headEnd} bytes left out ...]`);
    this.#append(mark, 0, mark.length);
  }

  #append(bytes: Buffer, from: number, to: number): void {
    const needed = this.#length + to - from;
    if (needed > this.#limits.lineBytes) {
      this.#broken = true;
      return;
    }
    if (needed > this.#out.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#out.length * 2));
      this.#out.copy(grown, 0, 0, this.#length);
      this.#out = grown;
    }
    bytes.copy(this.#out, this.#length, from, to);
    this.#length = needed;
  }
}

const QUOTE_BYTES = Buffer.from('"');

function isHexDigit(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x46) ||
    (byte >= 0x61 && byte <= 0x66)
  );
}

/** Whether literal content may be cut before byte `at`: inside no escape and no UTF-8 sequence. */
function isSafeCut(content: Buffer, at: number): boolean {
  const byte = content[at] ?? 0;
  if ((byte & 0xc0) === 0x80 || at < ESCAPE_REACH) return false;
  for (let before = at - ESCAPE_REACH; before < at; before += 1) {
    if (content[before] === BACKSLASH) return false;
  }
  return true;
}

function lastSafeCut(content: Buffer): number {
  for (let at = content.length - 1; at >= 0; at -= 1) if (isSafeCut(content, at)) return at;
  return 0;
}

/** How far back a cut goes to fall between two words, so that it leaves no half of a credential. */
const WORD_REACH = 4096;

/** The last place before a space where content may be cut; without a space near, well before. */
function wordCut(content: Buffer): number {
  const reach = Math.max(0, content.length - WORD_REACH);
  for (let at = content.length - 1; at > reach; at -= 1) {
    if (content[at] === SPACE && isSafeCut(content, at)) return at;
  }
  return lastSafeCut(content.subarray(0, reach));
}

const SPACE = 0x20;
