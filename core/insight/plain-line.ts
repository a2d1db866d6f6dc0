/** What a UTF-16 unit is in a line that is reduced without patterns. */
const ODD = 0;
const WORD = 1;
const GAP = 2;
const BREAK = 3;
/** Makes an operator; up to three of `SIGN` may stand before it. */
const CORE = 4;
const SIGN = 5;

/** Most signs before an operator's core. */
const MAX_SIGNS = 3;

/** Letters and digits whose lower case is one unit and which are NFC beside each other. */
const WORD_RANGES = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x61, 0x7a],
  [0xc0, 0xff],
  [0x3041, 0x3096],
  [0x30a1, 0x30fa],
  [0x30fc, 0x30fe],
  [0x4e00, 0x9fa5],
  [0xac00, 0xd7a3],
] as const;

/** ASCII; no-break space; middle dot; dashes, quotes and dots; box drawing; CJK punctuation. */
const GAP_RANGES = [
  [0x00, 0x7f],
  [0xa0, 0xa0],
  [0xb7, 0xb7],
  [0x2010, 0x2027],
  [0x2500, 0x257f],
  [0x3000, 0x3003],
  [0x3008, 0x3011],
  [0x30fb, 0x30fb],
  [0xff08, 0xff09],
  [0xff0c, 0xff0c],
] as const;

/** Class of each unit. Emoji, marks, and rarer scripts and symbols are odd. */
const CLASSES = makeClasses();

function makeClasses(): Uint8Array {
  const made = new Uint8Array(0x10000);
  for (const [from, to] of GAP_RANGES) made.fill(GAP, from, to + 1);
  for (const [from, to] of WORD_RANGES) made.fill(WORD, from, to + 1);
  for (const sign of "\n\r\u2028\u2029") made[sign.charCodeAt(0)] = BREAK;
  for (const sign of "+<=>|~#&%$@^×÷←↑→↓≤≥") made[sign.charCodeAt(0)] = CORE;
  for (const sign of "-!:/?：／？") made[sign.charCodeAt(0)] = SIGN;
  return made;
}

/** The class of the unit at `at`; the text's end is a break. */
function classAt(text: string, at: number): number {
  return at < text.length ? (CLASSES[text.charCodeAt(at)] ?? ODD) : BREAK;
}

/** Index of the line break at or after `from`, or the text's length. */
export function lineEnd(text: string, from: number): number {
  let at = from;
  while (classAt(text, at) !== BREAK) at++;
  return at;
}

/** Distance from an ASCII sign to its full-width form (U+FF01 to U+FF5E). */
export const TO_FULL_WIDTH = 0xfee0;

const NOT_SIGN = 0xac;

const SPACE = 0x20;

/** Of ASCII: what is written for a letter or digit, a space for a gap, 0 for signs and breaks. */
const PLAIN = Uint8Array.from({ length: 0x80 }, (_, code) => {
  if (CLASSES[code] === GAP) return SPACE;
  return CLASSES[code] === WORD ? String.fromCharCode(code).toLowerCase().charCodeAt(0) : 0;
});

/** Words in UTF-8 with one space between. */
export class Words {
  /** Begins with a space, which is no part of the words, and may end with one. */
  #bytes = new Uint8Array(4096).fill(SPACE, 0, 1);
  #length = 1;

  /** What was added; true until the next change. */
  get bytes(): Uint8Array {
    const end = this.#bytes[this.#length - 1] === SPACE ? this.#length - 1 : this.#length;
    return this.#bytes.subarray(1, Math.max(1, end));
  }

  get length(): number {
    return this.#length;
  }

  get isEmpty(): boolean {
    return this.#length === 1;
  }

  clear(): void {
    this.#length = 1;
  }

  /** Makes room for `units` UTF-16 units: with a space around it none takes more than five bytes. */
  reserve(units: number): void {
    const needed = this.#length + 5 * units + 5;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * needed);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  /** Ends the word, if there is one. */
  gap(): void {
    if (this.#bytes[this.#length - 1] !== SPACE) this.#bytes[this.#length++] = SPACE;
  }

  /** Forgets what came after the first `length` bytes, a gap included. */
  rewind(length: number): void {
    this.#length = length;
  }

  /** Adds reduced text as words of its own. */
  addText(text: string): void {
    this.reserve(text.length);
    this.gap();
    const { written } = new TextEncoder().encodeInto(text, this.#bytes.subarray(this.#length));
    this.#length += written;
  }

  /** Adds the ASCII words and gaps from `from` on. @returns where something else stands. */
  addPlain(text: string, from: number): number {
    const bytes = this.#bytes;
    let length = this.#length;
    let last = bytes[length - 1] ?? SPACE;
    let at = from;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const byte = code < 0x80 ? (PLAIN[code] ?? 0) : 0;
      if (byte === 0) break;
      bytes[length] = byte;
      // One more unless both are spaces: no branch, since where words end cannot be predicted.
      length += -((byte ^ SPACE) | (last ^ SPACE)) >>> 31;
      last = byte;
    }
    this.#length = length;
    return at;
  }

  /** Adds the letter or digit of this code in lower case. */
  addLetter(code: number): void {
    const isCapital = (code >= 0x41 && code <= 0x5a) || (code >= 0xc0 && code <= 0xde);
    this.#encode(isCapital ? code + 0x20 : code);
  }

  addSign(code: number): void {
    this.#encode(code > SPACE && code < 0x7f ? code + TO_FULL_WIDTH : code);
  }

  /** Writes a unit that is no surrogate. */
  #encode(code: number): void {
    const bytes = this.#bytes;
    if (code < 0x80) {
      bytes[this.#length++] = code;
      return;
    }
    if (code < 0x800) bytes[this.#length++] = 0xc0 | (code >> 6);
    else {
      bytes[this.#length++] = 0xe0 | (code >> 12);
      bytes[this.#length++] = 0x80 | ((code >> 6) & 0x3f);
    }
    bytes[this.#length++] = 0x80 | (code & 0x3f);
  }
}

/** A line as it is read: where its marks end, and whether it is a table's. */
interface Line {
  readonly text: string;
  readonly start: number;
  readonly isTable: boolean;
}

/**
 * Adds the words and operators of the line at `from`, by the rules that the patterns in `model.ts`
 * state, in one walk.
 * @returns the index of the line's end; -1, with nothing added, when the line has an odd character.
 */
export function addPlainLine(text: string, from: number, words: Words): number {
  const start = skipLineMarks(text, from);
  const isTable = text.charCodeAt(skipBlank(text, start)) === 0x7c;
  const line: Line = { text, start, isTable };
  words.gap();
  const before = words.length;
  let hasWord = false;
  for (let at = start; ; ) {
    const length = words.length;
    at = words.addPlain(text, at);
    // Until there is a word a space stands last, and gaps alone add nothing to it.
    hasWord ||= words.length > length;
    const kind = classAt(text, at);
    if (kind === WORD) {
      words.addLetter(text.charCodeAt(at++));
      hasWord = true;
    } else if (kind === GAP) {
      words.gap();
      at++;
    } else if (kind === CORE || kind === SIGN) at = addSigns(line, at, words);
    else {
      if (kind === ODD || !hasWord) words.rewind(before);
      return kind === ODD ? -1 : at;
    }
  }
}

/** Adds the operator at `from`, if there is one. @returns where it, or the gap in its place, ends. */
function addSigns(line: Line, from: number, words: Words): number {
  const { text } = line;
  words.gap();
  let at = from;
  for (let end = partEnd(line, at); end > at; end = partEnd(line, at)) {
    for (; at < end; at++) {
      words.addSign(isNot(line, at) ? NOT_SIGN : text.charCodeAt(at));
    }
  }
  words.gap();
  if (at > from) return at;
  return classAt(text, at) === CORE ? runEnd(text, at) : at + 1;
}

/** Where a core with the signs before it ends; `from` when there is none. */
function partEnd(line: Line, from: number): number {
  const { text } = line;
  let at = from;
  while (at - from <= MAX_SIGNS && classAt(text, at) === SIGN && !isNot(line, at)) at++;
  if (at - from > MAX_SIGNS) return from;
  if (isNot(line, at)) return at + 1;
  return classAt(text, at) === CORE && !isDecoration(line, at) ? at + 1 : from;
}

/** Whether an exclamation mark says "not": before a word and not after one. */
function isNot({ text, start }: Line, at: number): boolean {
  if (text.charCodeAt(at) !== 0x21) return false;
  if (at > start && (text.charCodeAt(at - 1) === 0x21 || classAt(text, at - 1) === WORD)) {
    return false;
  }
  return classAt(text, at + 1) === WORD || "_($".includes(text.charAt(at + 1) || " ");
}

/** Whether a core is drawn, a table's mark, or ends a heading. */
function isDecoration({ text, start, isTable }: Line, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === 0x7e) return text.charCodeAt(at + 1) === code;
  if (code !== 0x23 && code !== 0x2b && code !== 0x3d && code !== 0x7c) return false;
  const end = runEnd(text, at);
  if (end - at > 3) return true;
  if (code === 0x7c) return isTable && end - at === 1 && text.charCodeAt(at - 1) !== code;
  if (code !== 0x23 || at === start || !isBlank(text.charCodeAt(at - 1))) return false;
  return classAt(text, skipBlank(text, end)) === BREAK;
}

/** Past the quote, heading and list marks that begin a line, and the fence of tildes. */
function skipLineMarks(text: string, from: number): number {
  let at = from;
  for (let next = at; next !== -1; next = markEnd(text, skipBlank(text, at))) at = next;
  return at;
}

/** Where the mark at `at` ends; -1 when there is none. `>=` is no quote. */
function markEnd(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === 0x3e) return text.charCodeAt(at + 1) === 0x3d ? -1 : at + 1;
  if (code === 0x2d || code === 0x2b || code === 0x2a) {
    return isBlank(text.charCodeAt(at + 1)) ? at + 1 : -1;
  }
  if (code !== 0x23 && code !== 0x7e) return -1;
  const end = runEnd(text, at);
  if (code === 0x7e) return end - at >= 3 ? end : -1;
  return end - at <= 6 && isBlank(text.charCodeAt(end)) ? end : -1;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at++;
  return at;
}

/** Where the run of the character at `from` ends. */
function runEnd(text: string, from: number): number {
  const code = text.charCodeAt(from);
  let at = from + 1;
  while (text.charCodeAt(at) === code) at++;
  return at;
}
