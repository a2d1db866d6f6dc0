import { indexedWords, stem, type Term } from "./terms.ts";

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
  const answers = (stemmed: string): readonly Need[] => [
    ...(needs.get(stemmed) ?? []),
    ...begun.flatMap(({ start, need }) => (stemmed.startsWith(start) ? need : [])),
  ];
  const known = new Map<string, readonly (readonly Need[])[]>();
  /** What a run of letters as it stands in a text answers, as a whole and by its parts. */
  const answered = (said: string) => {
    const before = known.get(said);
    if (before) return before;
    const words = [...indexedWords(said)].map(({ word }) => answers(word));
    const found = words.filter(({ length }) => length > 0);
    known.set(said, found);
    return found;
  };
  const heads = headsOf([...needs.keys(), ...begun.map(({ start }) => start)]);

  return (text) => {
    const whole = text.length > MOST_CHARS ? text.slice(0, MOST_CHARS) : text;
    const gathered = gatherer(terms.length);
    if (BEYOND_ASCII.test(whole)) {
      for (const { at, word, number } of numbered(whole)) {
        gathered.take(answers(word), at, number);
      }
      return gathered.places;
    }
    forEachWord(whole, heads, (start, end, number) => {
      for (const found of answered(whole.slice(start, end))) gathered.take(found, start, number);
    });
    return gathered.places;
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

/**
 * Each run of ASCII letters and digits that may hold what is looked for: where, and the how manieth
 * of all. A run or a part of it that begins otherwise than all of `heads` is passed over unread.
 */
function forEachWord(
  text: string,
  heads: Heads,
  take: (start: number, end: number, number: number) => void,
): void {
  const { length } = text;
  let number = 0;
  for (let at = 0; at < length; at += 1) {
    if (classAt(text, at) === GAP) continue;
    const start = at;
    let isWanted = heads.begin(text, start);
    at += 1;
    for (let kind = classAt(text, at); kind !== GAP; at += 1, kind = classAt(text, at)) {
      // A part of a name begins with a capital letter.
      if (kind === CAPITAL && !isWanted) isWanted = heads.begin(text, at);
    }
    if (isWanted) take(start, at, number);
    number += 1;
  }
}

/** What a character is to a word, by its code. */
const GAP = 0;
const PLAIN = 1;
const CAPITAL = 2;
const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (/[A-Z]/.test(char)) return CAPITAL;
  return /[a-z0-9]/.test(char) ? PLAIN : GAP;
});

/** Beyond the text's end, and beyond ASCII, there is a gap. */
function classAt(text: string, at: number): number {
  const code = at < text.length ? text.charCodeAt(at) : 0;
  return code < CLASSES.length ? (CLASSES[code] as number) : GAP;
}

/** How some words begin. */
interface Heads {
  /** Whether one of them may stand in `text` from `at` on. */
  begin(text: string, at: number): boolean;
}

/** Of a stem so many first characters at most are looked at, and never its last: `y` becomes `i`. */
const MOST_KEPT = 3;

/** What the stems `words` keep of the words that have them. */
function headsOf(words: readonly string[]): Heads {
  const heads = Array.from({ length: MOST_KEPT }, () => new Set<number>());
  // Most words end here: a place for each pair of letters, which other signs may share.
  const pairs = new Uint8Array(1 << 10);
  for (const word of words) {
    const kept = Math.max(1, Math.min(MOST_KEPT, word.length - 1));
    heads[kept - 1]?.add(headAt(word, 0, kept));
    const pair = pairAt(word, 0);
    if (kept === 1) pairs.fill(1, pair & ~31, (pair | 31) + 1);
    else pairs[pair] = 1;
  }
  const [ones, twos, threes] = heads as [Set<number>, Set<number>, Set<number>];
  return {
    begin(text, at) {
      if (pairs[pairAt(text, at)] === 0) return false;
      const one = text.charCodeAt(at) | 32;
      const two = (one << 8) | lowAt(text, at + 1);
      const three = (two << 8) | lowAt(text, at + 2);
      return threes.has(three) || twos.has(two) || ones.has(one);
    },
  };
}

/** Five bits of each of two characters. */
function pairAt(text: string, at: number): number {
  return ((text.charCodeAt(at) & 31) << 5) | (lowAt(text, at + 1) & 31);
}

/** The first `count` characters in one number, in lower case. */
function headAt(text: string, at: number, count: number): number {
  let head = text.charCodeAt(at) | 32;
  for (let next = at + 1; next < at + count; next += 1) head = (head << 8) | lowAt(text, next);
  return head;
}

/** A letter in lower case or a digit; 0 for anything else. */
function lowAt(text: string, at: number): number {
  const code = at < text.length ? text.charCodeAt(at) : 0;
  const isLetter = (code > 96 && code < 123) || (code > 64 && code < 91);
  const isDigit = code > 47 && code < 58;
  return isLetter || isDigit ? code | 32 : 0;
}
