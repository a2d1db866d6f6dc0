import { HUMP, indexedWords, stem, type Term } from "./terms.ts";

/** Where a text holds one of the terms that were looked for. */
export interface Place {
  /** Index of the term. */
  readonly term: number;
  /** UTF-16 unit at which its last word begins, and the number of that word in the text. */
  readonly at: number;
  readonly word: number;
}

/** A word that a term needs: which term, and its place in a phrase. */
interface Need {
  readonly term: number;
  readonly step: number;
  readonly last: boolean;
}

const NO_NEEDS: readonly Need[] = [];

/** Finds the places of some terms in any text, as the index would, without asking it. */
export type Finder = (text: string) => Place[];

/** Longer texts are read up to here: what they are about is said before. */
const MOST_CHARS = 100_000;

/** Letters, digits and marks beyond ASCII: without them words are runs of ASCII alone. */
const BEYOND_ASCII = /[[\p{L}\p{N}\p{M}\p{Co}]--[A-Za-z0-9]]/v;

/** `terms` as a finder: a text of a thousand characters takes some ten microseconds. */
export function finder(terms: readonly Term[]): Finder {
  const needs = new Map<string, Need[]>();
  const begun: { start: string; need: Need }[] = [];
  const note = (word: string, need: Need) => {
    const there = needs.get(word);
    if (there) there.push(need);
    else needs.set(word, [need]);
  };
  terms.forEach(({ words, prefix, forms = [] }, term) => {
    words.forEach((word, step) => {
      const need = { term, step, last: step === words.length - 1 };
      if (prefix) begun.push({ start: stem(word), need });
      else note(stem(word), need);
    });
    for (const form of forms) note(stem(form), { term, step: 0, last: true });
  });
  const answers = (stemmed: string): readonly Need[] => {
    const whole = needs.get(stemmed) ?? NO_NEEDS;
    if (begun.length === 0) return whole;
    return [
      ...whole,
      ...begun.flatMap(({ start, need }) => (stemmed.startsWith(start) ? need : [])),
    ];
  };
  const known = new Map<string, readonly (readonly Need[])[]>();
  /** What a run of ASCII letters as it stands in a text answers, as a whole and by its parts. */
  const answered = (said: string) => {
    const before = known.get(said);
    if (before) return before;
    const words = HUMP.test(said)
      ? Array.from(indexedWords(said), ({ word }) => word)
      : [stem(said.toLowerCase())];
    const found = words.map(answers).filter(({ length }) => length > 0);
    known.set(said, found);
    return found;
  };
  const heads = headsOf([...needs.keys(), ...begun.map(({ start }) => start)]);

  return (text) => {
    const whole = text.length > MOST_CHARS ? text.slice(0, MOST_CHARS) : text;
    const gathered = gatherer(terms.length);
    const isAscii = forEachWord(whole, heads, (start, end, number) => {
      for (const found of answered(whole.slice(start, end))) gathered.take(found, start, number);
    });
    if (isAscii || !BEYOND_ASCII.test(whole)) return gathered.places;
    const anew = gatherer(terms.length);
    for (const { at, word, number } of numbered(whole)) anew.take(answers(word), at, number);
    return anew.places;
  };
}

/** Puts the words of phrases together: each must stand right behind the one before it. */
function gatherer(terms: number) {
  const places: Place[] = [];
  const reached: (Map<number, number> | undefined)[] = new Array(terms);
  return {
    places,
    take(needs: readonly Need[], at: number, word: number): void {
      for (const { term, step, last } of needs) {
        if (step > 0 && reached[term]?.get(step - 1) !== word - 1) continue;
        if (last) places.push({ term, at, word });
        else {
          reached[term] ??= new Map();
          reached[term].set(step, word);
        }
      }
    },
  };
}

/** `indexedWords` with the number of the word that each stands in. */
function* numbered(text: string): Generator<{ at: number; word: string; number: number }> {
  let number = -1;
  let last = -1;
  for (const { at, word } of indexedWords(text)) {
    if (at !== last) number += 1;
    last = at;
    yield { at, word, number };
  }
}

/** The text read last, by its UTF-16 units. */
let units = new Uint16Array(1 << 14);
let bytes = Buffer.from(units.buffer);

/** The UTF-16 units of `text`, and three zeros behind them; good until the next call. */
function unitsOf(text: string): Uint16Array {
  if (units.length < text.length + 3) {
    units = new Uint16Array(2 * text.length + 3);
    bytes = Buffer.from(units.buffer);
  }
  bytes.write(text, 0, "utf16le");
  units.fill(0, text.length, text.length + 3);
  return units;
}

/** What a unit is to a word: a letter or digit of ASCII by its lower five bits, and whether it is one. */
const LOW = 31;
const WORDLY = 32;
const CAPITAL = 64;
const SIGNS = Uint8Array.from({ length: 1 << 16 }, (_, code) => {
  const char = code < 128 ? String.fromCharCode(code) : "";
  if (!/[A-Za-z0-9]/.test(char)) return 0;
  return (code & LOW) | WORDLY | (/[A-Z]/.test(char) ? CAPITAL : 0);
});

/**
 * Each run of ASCII letters and digits that may hold what is looked for: where, and the how manieth
 * of all. A run of which no part begins as one of `heads` is passed over. Where runs begin and end
 * cannot be predicted: so nothing branches there, which takes half of the time.
 * @returns whether the text is ASCII alone.
 */
function forEachWord(
  text: string,
  heads: Heads,
  take: (start: number, end: number, number: number) => void,
): boolean {
  const codes = unitsOf(text);
  const { length } = text;
  const { pairs } = heads;
  let number = -1;
  let taken = 0;
  let all = 0;
  let before = 0;
  let sign = SIGNS[codes[0] as number] as number;
  for (let at = 0; at < length; at += 1) {
    all |= codes[at] as number;
    const next = SIGNS[codes[at + 1] as number] as number;
    const isStart = (sign & ~before & WORDLY) >> 5;
    number += isStart;
    // A part of a name begins with a capital letter.
    const mayBegin = isStart | (sign >> 6);
    const pair = ((sign & LOW) << 5) | (next & LOW);
    if ((mayBegin & (pairs[pair] as number)) === 1 && at >= taken && heads.begin(codes, at)) {
      const start = startOf(codes, at);
      taken = endOf(codes, at);
      take(start, taken, number);
    }
    before = sign;
    sign = next;
  }
  return all < 128;
}

function startOf(codes: Uint16Array, within: number): number {
  let at = within;
  while (at > 0 && SIGNS[codes[at - 1] as number] !== 0) at -= 1;
  return at;
}

function endOf(codes: Uint16Array, within: number): number {
  let at = within;
  while (SIGNS[codes[at] as number] !== 0) at += 1;
  return at;
}

/** How some words begin. */
interface Heads {
  /** By the five lower bits of each of two characters, 1 where a word may begin so: most end here. */
  readonly pairs: Uint8Array;
  /** Whether one of them may stand in a text from the letter or digit at `at` on. */
  begin(codes: Uint16Array, at: number): boolean;
}

/** Of a stem so many first characters at most are looked at, and never its last: `y` becomes `i`. */
const MOST_KEPT = 3;

/** What the stems `words` keep of the words that have them. */
function headsOf(words: readonly string[]): Heads {
  const heads = Array.from({ length: MOST_KEPT }, () => new Set<number>());
  const pairs = new Uint8Array(1 << 10);
  for (const word of words) {
    const kept = Math.max(1, Math.min(MOST_KEPT, word.length - 1));
    const codes = unitsOf(word);
    heads[kept - 1]?.add(headOf(codes, kept));
    const pair = (((codes[0] as number) & LOW) << 5) | (lowOf(codes[1] as number) & LOW);
    if (kept === 1) pairs.fill(1, pair & ~LOW, (pair | LOW) + 1);
    else pairs[pair] = 1;
  }
  const [ones, twos, threes] = heads as [Set<number>, Set<number>, Set<number>];
  return {
    pairs,
    begin(codes, at) {
      const one = (codes[at] as number) | 32;
      const two = (one << 8) | lowOf(codes[at + 1] as number);
      const three = (two << 8) | lowOf(codes[at + 2] as number);
      return threes.has(three) || twos.has(two) || ones.has(one);
    },
  };
}

/** The first `count` characters in one number, in lower case. */
function headOf(codes: Uint16Array, count: number): number {
  let head = (codes[0] as number) | 32;
  for (let next = 1; next < count; next += 1) head = (head << 8) | lowOf(codes[next] as number);
  return head;
}

/** A letter in lower case or a digit; 0 for anything else. */
function lowOf(code: number): number {
  return SIGNS[code] === 0 ? 0 : code | 32;
}
