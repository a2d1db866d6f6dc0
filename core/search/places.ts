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
 * of all. A run or a part of it that begins otherwise than any of `heads` is passed over unread.
 */
function forEachWord(
  text: string,
  heads: ReadonlySet<number>,
  take: (start: number, end: number, number: number) => void,
): void {
  let number = 0;
  let start = -1;
  let isWanted = false;
  for (let at = 0; at <= text.length; at += 1) {
    const code = at < text.length ? text.charCodeAt(at) : 0;
    const isUpper = code > 64 && code < 91;
    if (isUpper || (code > 96 && code < 123) || (code > 47 && code < 58)) {
      // A part of a name begins with a capital letter.
      if (start < 0 || (isUpper && !isWanted)) isWanted = heads.has(headAt(text, at));
      if (start < 0) start = at;
    } else if (start >= 0) {
      if (isWanted) take(start, at, number);
      number += 1;
      start = -1;
    }
  }
}

/** The first two characters in one number, in lower case: what a stem keeps of its word. */
function headsOf(words: readonly string[]): Set<number> {
  return new Set(words.map((word) => headAt(word, 0)));
}

function headAt(text: string, at: number): number {
  const second = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
  const isLetter = (second > 96 && second < 123) || (second > 64 && second < 91);
  const isDigit = second > 47 && second < 58;
  return ((text.charCodeAt(at) | 32) << 8) | (isLetter || isDigit ? second | 32 : 0);
}
