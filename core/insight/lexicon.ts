import { ADVICE_TERMS, REASON_TERMS, TOPIC_TERMS, TYPE_TERMS } from "./vocabulary.ts";

/** A term of the vocabulary. */
export interface Term {
  readonly kind: "type" | "topic" | "advice" | "reason";
  readonly label: string;
  readonly weight: number;
  /** As they must stand in the text: lower case unless the term has a capital. */
  readonly words: readonly string[];
  readonly exact: boolean;
  /** Whether the last word may carry an "s". */
  readonly plural: boolean;
}

const NONE: readonly Term[] = [];

/** Shortest term that may carry an "s", in letters. */
const MIN_SINGULAR = 3;

/** First character of kana; Han and Hangul come after it. */
const EAST_ASIAN = 0x3041;

/** One more than the last Latin letter that words are made of. */
const LATIN_END = 0x250;

/** Bits of a hash that find its place in the sieve: one word in 70 passes without beginning a term. */
const SIEVE_BITS = 16;

/** The terms of the vocabulary by how they begin. */
export class Lexicon {
  /** By hash of the first word, or of the plural of a term of one word; longest term first. */
  readonly #latin = new Map<number, Term[]>();
  /** By first character; longest term first. */
  readonly #eastAsian = new Map<string, Term[]>();
  /** 1 where the hash of a word that begins a term has its place. */
  readonly #sieve = new Uint8Array(1 << SIEVE_BITS);

  constructor() {
    for (const { type, weight, terms } of TYPE_TERMS) {
      this.#add({ kind: "type", label: type, weight, plural: true }, terms);
    }
    for (const [label, terms] of Object.entries(TOPIC_TERMS)) {
      this.#add({ kind: "topic", label, weight: 1, plural: true }, terms);
    }
    // "Use" is advice, "uses" is a report.
    this.#add({ kind: "advice", label: "advice", weight: 1, plural: false }, ADVICE_TERMS);
    this.#add({ kind: "reason", label: "reason", weight: 1, plural: false }, REASON_TERMS);
    for (const terms of [...this.#latin.values(), ...this.#eastAsian.values()]) {
      terms.sort((a, b) => b.words.length - a.words.length || width(b) - width(a));
    }
    for (const hash of this.#latin.keys()) this.#sieve[placeOf(hash)] = 1;
  }

  /** Terms that may begin with the Latin word of this hash: `standsAt` tells. */
  beginningWith(hash: number): readonly Term[] {
    return this.#sieve[placeOf(hash)] === 1 ? (this.#latin.get(hash) ?? NONE) : NONE;
  }

  /** Terms that begin with an East Asian character. */
  startingAt(first: string): readonly Term[] {
    return this.#eastAsian.get(first) ?? NONE;
  }

  #add(row: Omit<Term, "words" | "exact">, terms: string): void {
    for (const text of terms.split(", ")) {
      const words = text.split(" ");
      const first = words[0] ?? "";
      const exact = text !== text.toLowerCase();
      const term: Term = { ...row, words, exact, plural: row.plural && !exact };
      if (first.charCodeAt(0) >= EAST_ASIAN) {
        put(this.#eastAsian, first.charAt(0), term);
        continue;
      }
      put(this.#latin, hashOf(first), term);
      if (term.plural && words.length === 1 && first.length >= MIN_SINGULAR) {
        put(this.#latin, hashOf(`${first}s`), term);
      }
    }
  }
}

function put<Key>(map: Map<Key, Term[]>, key: Key, term: Term): void {
  const others = map.get(key);
  if (others) others.push(term);
  else map.set(key, [term]);
}

/**
 * Lower case of each Latin letter and digit, 0 for what is none. The dotted capital I is its own
 * lower case here, since that of the language has two characters.
 */
const SMALL = Uint16Array.from({ length: LATIN_END }, (_, code) => {
  const letter = String.fromCharCode(code);
  if (!/[A-Za-z0-9\u00c0-\u024f]/.test(letter)) return 0;
  const small = letter.toLowerCase();
  return small.length === 1 ? small.charCodeAt(0) : code;
});

/** Lower case of the Latin letter or digit at `at`, by code; 0 for anything else. */
export function smallAt(text: string, at: number): number {
  const code = at < text.length ? text.charCodeAt(at) : LATIN_END;
  return code < LATIN_END ? (SMALL[code] ?? 0) : 0;
}

/** Whether words of kana, Han or Hangul are made of the character at `at`. */
export function isEastAsianAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (!(code >= EAST_ASIAN)) return false;
  return code <= 0x30ff || (code >= 0x3400 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7a3);
}

/** Whether a Latin term stands where a word begins. Any signs may stand between its words. */
export function standsAt(text: string, from: number, { words, exact, plural }: Term): boolean {
  let at = from;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (index > 0) while (at < text.length && !isWordAt(text, at)) at++;
    for (let place = 0; place < word.length; place++, at++) {
      const code = exact ? text.charCodeAt(at) : smallAt(text, at);
      if (code !== word.charCodeAt(place)) return false;
    }
    const isLast = index === words.length - 1;
    if (isLast && plural && smallAt(text, at) === 0x73) at++;
    if (smallAt(text, at) !== 0) return false;
  }
  return true;
}

function isWordAt(text: string, at: number): boolean {
  return smallAt(text, at) !== 0 || isEastAsianAt(text, at);
}

/** Hash of a word, begun with 0, that goes on with a character (FNV's step). */
export function nextHash(hash: number, small: number): number {
  return Math.imul(hash ^ small, 0x01000193);
}

function hashOf(word: string): number {
  let hash = 0;
  const small = word.toLowerCase();
  for (let at = 0; at < small.length; at++) hash = nextHash(hash, small.charCodeAt(at));
  return hash;
}

/** The upper bits of the hash times 2^32 / golden ratio, which spreads words evenly. */
function placeOf(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> (32 - SIEVE_BITS);
}

/** Characters of a term's first word: how East Asian terms differ in length. */
function width(term: Term): number {
  return term.words[0]?.length ?? 0;
}
