/** How much of a long line is kept, in bytes. */
export interface ShrinkLimits {
  /** Head of each string literal. */
  readonly headBytes: number;
  /** A literal of at most head and this is kept whole; of a longer one only the head. */
  readonly tailBytes: number;
  /** The whole shrunk line: what would make it longer loses the end of a list or an object. */
  readonly lineBytes: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COMMA = 0x2c;
/** Set in a brace and not in the bracket of the same side: the only bit in which they differ. */
const CURLY = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;
const LETTER_U = 0x75;
const LETTER_N = 0x6e;
const FIRST_PRINTABLE = 0x20;
/** The second characters of JSON's short escapes: " \ / b f n r t. */
const SHORT_ESCAPES: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));
const QUOTE_BYTES = Buffer.from('"');

/**
 * Before the line of a damaged literal: a byte as a crash leaves it there, which no JSON begins
 * with. So the line is read as a bad one, and what it holds is salvaged.
 */
const DAMAGE = Buffer.from([0]);

/** Containers nested deeper are cut with the one around them. */
const DEEPEST = 64;

/** Of a line's longest length, the share that a cut container keeps at most, and has to free. */
const CUT_SHARE = 1 / 16;

/** A list or an object whose end was not seen yet. */
interface OpenContainer {
  /** Where its kept members end in the output: closed here, it is valid. */
  cut: number;
  /** Members that end in the output behind this are not kept when it is cut. */
  readonly keepTo: number;
}

/**
 * Copies the JSON of one line and drops the inside of its long string literals, so that a line of
 * any length is read in flat memory. A line of many short ones loses the later members of the
 * innermost list or object that is large; what stands around it stays. Where a cut falls depends on
 * the line alone, never on how it was divided into `push` calls.
 */
export class Shrinker {
  readonly #limits: ShrinkLimits;
  readonly #shareBytes: number;
  readonly #tail: Buffer;
  #out: Buffer = Buffer.allocUnsafe(64 * 1024);
  #length = 0;
  #broken = false;
  #isDamaged = false;
  #inString = false;
  /** Where the open literal's content begins in `#out`. */
  #headAt = 0;
  /** Bytes of the open literal so far, kept or not. */
  #stringBytes = 0;
  /** Characters of an escape still to come: -1 right after the backslash, then hex digits left. */
  #escape = 0;
  readonly #open: OpenContainer[] = [];
  /** Containers open inside the last of `#open` that are not in it. */
  #deeper = 0;
  /** The last of `#open` was cut: nothing is kept until it ends. */
  #isCutting = false;

  constructor(limits: ShrinkLimits) {
    this.#limits = limits;
    this.#shareBytes = Math.floor(limits.lineBytes * CUT_SHARE);
    this.#tail = Buffer.allocUnsafe(limits.tailBytes);
  }

  /** Takes the line's next bytes. */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.#broken) {
      at = this.#inString ? this.#pushString(bytes, at) : this.#pushStructure(bytes, at);
    }
  }

  /**
   * The shrunk line; undefined when it ends inside a literal, holds a control character in one or
   * is too long outside of any container. With a wrong escape it begins with a NUL: no JSON.
   */
  finish(): Buffer | undefined {
    if (this.#broken || this.#inString) return undefined;
    const line = this.#out.subarray(0, this.#length);
    return this.#isDamaged ? Buffer.concat([DAMAGE, line]) : line;
  }

  /** Takes what stands up to the next literal. @returns where to go on in `bytes`. */
  #pushStructure(bytes: Buffer, start: number): number {
    let from = start;
    for (let at = start; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#append(bytes, from, at + 1);
        this.#openString();
        return at + 1;
      }
      if (byte === COMMA) {
        this.#append(bytes, from, at);
        this.#endMember();
        from = at;
      } else if ((byte | CURLY) === OPENING) {
        this.#append(bytes, from, at + 1, 1);
        this.#openContainer();
        from = at + 1;
      } else if ((byte | CURLY) === CLOSING) {
        this.#append(bytes, from, at);
        this.#closeContainer();
        from = at;
      }
    }
    this.#append(bytes, from, bytes.length);
    return bytes.length;
  }

  #openContainer(): void {
    if (this.#isCutting || this.#open.length === DEEPEST) this.#deeper += 1;
    else this.#open.push({ cut: this.#length, keepTo: this.#length + this.#shareBytes });
  }

  #endMember(): void {
    const last = this.#open.at(-1);
    if (!last || this.#isCutting || this.#deeper > 0 || this.#length > last.keepTo) return;
    last.cut = this.#length;
  }

  /** Before the closing bracket is appended: that of a cut container is kept again. */
  #closeContainer(): void {
    if (this.#deeper > 0) {
      this.#deeper -= 1;
      return;
    }
    this.#open.pop();
    this.#isCutting = false;
  }

  /** Cuts the innermost container that frees enough, else the outermost. */
  #makeRoom(): void {
    const enough = this.#limits.lineBytes - this.#shareBytes;
    const found = this.#open.findLastIndex(({ cut }) => cut <= enough);
    const place = Math.max(0, found);
    const container = this.#open[place];
    if (container === undefined) {
      this.#broken = true;
      return;
    }
    this.#length = container.cut;
    this.#deeper += this.#open.length - place - 1;
    this.#open.length = place + 1;
    this.#isCutting = true;
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
      if (this.#escape !== 0 && this.#stepEscape(byte)) continue;
      if (byte === QUOTE) {
        this.#keep(bytes, from, at);
        this.#closeString();
        return at + 1;
      }
      if (byte === BACKSLASH) this.#escape = -1;
      else if (byte < FIRST_PRINTABLE) this.#broken = true;
    }
    this.#keep(bytes, from, bytes.length);
    return bytes.length;
  }

  /** @returns whether `byte` belongs to the open escape; a wrong one has ended before it. */
  #stepEscape(byte: number): boolean {
    const isFirst = this.#escape < 0;
    if (isFirst ? byte === LETTER_U || SHORT_ESCAPES.has(byte) : isHexDigit(byte)) {
      if (isFirst) this.#escape = byte === LETTER_U ? 4 : 0;
      else this.#escape -= 1;
      return true;
    }
    this.#escape = 0;
    this.#isDamaged = true;
    return false;
  }

  /** The first bytes of a literal go to the output, the last ones turn in `#tail`. */
  #keep(bytes: Buffer, from: number, to: number): void {
    if (this.#isCutting) return;
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
    this.#inString = false;
    this.#escape = 0;
    if (this.#isCutting) return;
    const { headBytes, tailBytes } = this.#limits;
    const over = this.#stringBytes - headBytes;
    if (over > 0 && over <= tailBytes) this.#append(this.#tail, 0, over);
    if (over > tailBytes) this.#closeCut();
    this.#append(QUOTE_BYTES, 0, 1);
  }

  /** A cut literal keeps its head alone: what its tail belongs to, nobody could tell. */
  #closeCut(): void {
    const headEnd = wordCut(this.#out.subarray(this.#headAt, this.#length));
    this.#length = this.#headAt + headEnd;
    const mark = Buffer.from(` [... ${this.#stringBytes - headEnd} bytes left out ...]`);
    this.#append(mark, 0, mark.length);
  }

  /** Room stays for the brackets that close what is open, and for `owed` more. */
  #append(bytes: Buffer, from: number, to: number, owed = 0): void {
    if (this.#isCutting || this.#broken) return;
    const needed = this.#length + to - from;
    if (needed + this.#open.length + this.#deeper + owed > this.#limits.lineBytes) {
      this.#makeRoom();
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

function isHexDigit(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x46) ||
    (byte >= 0x61 && byte <= 0x66)
  );
}

/** How far back from a cut the end of a line is preferred to a space. */
const LINE_REACH = 4096;

/**
 * Where cut literal content may end: before a line's end, else before a space, so that no half of a
 * credential stays, which has no shape to know it by. Content that is one long word is dropped whole.
 */
function wordCut(content: Buffer): number {
  const reach = Math.max(1, content.length - LINE_REACH);
  for (let at = content.length - 2; at >= reach; at -= 1) {
    if (content[at] === BACKSLASH && isNewline(content, at)) return at;
  }
  return Math.max(0, content.lastIndexOf(SPACE));
}

/** Whether the backslash at `at` begins `\n` and is not itself escaped. */
function isNewline(content: Buffer, at: number): boolean {
  return content[at + 1] === LETTER_N && content[at - 1] !== BACKSLASH;
}
