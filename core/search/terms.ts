import { stemmer } from "stemmer";
import { STOP_WORDS } from "./stop-words.ts";
import { WORD_FORMS } from "./word-forms.ts";

/** Identifiers longer than this are data (hashes, base64), not names. */
const LONGEST_NAME = 64;

/** More terms than this cost time and say nothing. */
const MOST_TERMS = 64;

/**
 * Letters of the scripts written without spaces. By script extensions, since the long vowel mark in
 * サーバー is of no one script; letters alone, since these scripts share marks with Latin.
 */
const CJK = /[[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]&&[\p{L}\p{N}]]+/gv;
export const HAS_CJK =
  /[[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]&&[\p{L}\p{N}]]/v;
export const WORD = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;
const ASCII = /^[\u0020-\u007e]*$/;
const LATIN_MARKS = /(\p{Script=Latin})\p{M}+/gu;
const STEMMED = /^[a-z]{3,40}$/;
/** Where a name shows its parts: `userName`, and `HTTPServer` after its acronym; `URLs` has none. */
export const HUMP = /[a-z0-9][A-Z]|[A-Z]{2}(?!s(?![a-z]))[a-z]/;
const HUMPS = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z](?!s(?![a-z]))[a-z])/;

/**
 * The words hidden inside words: parts of camelCase names, and pairs of neighbouring CJK
 * characters, which stand unspaced. Indexed beside the text; `unicode61` splits the rest
 * (snake_case, paths) by itself.
 */
export function hiddenWords(text: string): string {
  const words = new Set<string>();
  for (const name of humpedNames(text)) addAll(words, humps(name));
  if (HAS_CJK.test(text)) {
    for (const [run] of text.matchAll(CJK)) addAll(words, pairs(run));
  }
  return [...words].join(" ");
}

/** Names with a hump in them. Looks for humps, not words: most text has few. */
function* humpedNames(text: string): Generator<string> {
  const hump = new RegExp(HUMP, "g");
  for (let match = hump.exec(text); match; match = hump.exec(text)) {
    let start = match.index;
    let end = start + match[0].length;
    while (start > 0 && isNameChar(text.charCodeAt(start - 1))) start -= 1;
    while (end < text.length && isNameChar(text.charCodeAt(end))) end += 1;
    hump.lastIndex = end;
    if (end - start <= LONGEST_NAME) yield text.slice(start, end);
  }
}

/** ASCII letter or digit. */
function isNameChar(code: number): boolean {
  return (code > 96 && code < 123) || (code > 64 && code < 91) || (code > 47 && code < 58);
}

function humps(name: string): string[] {
  return name.split(HUMPS).filter((part) => part.length > 1);
}

/** Every two neighbours, and the last one alone, so that one character is found as a prefix. */
function pairs(run: string): string[] {
  const chars = [...run];
  return chars.map((char, index) => char + (chars[index + 1] ?? ""));
}

function addAll(set: Set<string>, items: readonly string[]): void {
  for (const item of items) set.add(item);
}

/** `2026-03-17`, `2026-03`. */
export const STAMP =
  /(?<![\d-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?(?![\d-])/;

/** One thing to look for: a word, or words in this order. */
export interface Term {
  readonly words: readonly string[];
  /** Matches words that begin so. */
  readonly prefix: boolean;
  /** Other forms of the one word that no stem joins: `went` for `go`. */
  readonly forms?: readonly string[];
}

/** The `'s` of a noun says nothing, and is no word of its own. */
const POSSESSIVE = /(?<=[\p{L}\p{N}])['\u2019]s(?![\p{L}\p{N}])/giu;

/**
 * What a query asks for, each term once: quoted phrases as they stand, names also by their parts,
 * stop words dropped unless there is nothing else. Empty when the query holds no word.
 */
export function queryTerms(query: string): Term[] {
  const text = query.toWellFormed();
  const terms = new Map<string, Term>();
  const add = (words: readonly string[], prefix = false) => {
    if (words.length === 0 || terms.size >= MOST_TERMS) return;
    const [word = ""] = words;
    const forms = words.length === 1 && !prefix ? otherForms(stem(word)) : [];
    // Two forms of one word, or of one stem, are one thing to look for.
    const key = words.length === 1 ? [stem(word), ...forms].sort().join("|") : words.join(" ");
    if (terms.has(key)) return;
    terms.set(key, { words, prefix, ...(forms.length > 0 ? { forms } : {}) });
  };
  for (const [, phrase] of text.matchAll(/"([^"]+)"/g)) add(wordsOf(phrase ?? ""));
  const chunks = text.replaceAll('"', " ").replace(POSSESSIVE, "").split(/\s+/u).filter(Boolean);
  const kept = chunks.filter((chunk) => !STOP_WORDS.has(chunk.toLowerCase().replace(/\W+$/, "")));
  for (const chunk of kept.length > 0 ? kept : chunks) addChunk(chunk, add);
  return [...terms.values()];
}

function addChunk(chunk: string, add: (words: readonly string[], prefix?: boolean) => void): void {
  const words = wordsOf(chunk);
  if (words.length > 1) add(words);
  if (isStamp(chunk, words)) return;
  for (const word of words) {
    if (HAS_CJK.test(word)) addCjk(word, add);
    else if (words.length === 1 || !STOP_WORDS.has(word)) add([word]);
  }
  for (const name of humpedNames(chunk)) {
    for (const part of humps(name)) add([part.toLowerCase()]);
  }
}

/** Whether `chunk` is a date and nothing else: its numbers alone would be found everywhere. */
function isStamp(chunk: string, words: readonly string[]): boolean {
  const stamp = STAMP.exec(chunk)?.[0];
  return stamp !== undefined && wordsOf(stamp).length === words.length;
}

/** A word with a capital letter behind another word. */
const NAME = /(?<=\S\s+)\p{Lu}[\p{L}\p{N}_'-]*/gu;

/** Which of a query's terms it writes as names, with a capital letter where no sentence begins. */
export function namesAmong(terms: readonly Term[], query: string): ReadonlySet<number> {
  const names = new Set([...query.matchAll(NAME)].flatMap(([name]) => wordsOf(name)));
  const isName = ({ words }: Term) => words.every((word) => names.has(word));
  return new Set(terms.flatMap((term, index) => (isName(term) ? index : [])));
}

function addCjk(word: string, add: (words: readonly string[], prefix?: boolean) => void): void {
  for (const [run] of word.matchAll(CJK)) {
    const chars = [...run];
    if (chars.length === 1) add([run], true);
    for (let i = 0; i + 1 < chars.length; i += 1) add([`${chars[i]}${chars[i + 1]}`]);
  }
}

/** Words as the tokenizer of the index cuts them: letters, digits and marks, in lower case. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

/** Words of `text` as the index spells them, the hidden ones too, and where each is found. */
export function* indexedWords(text: string): Generator<{ at: number; word: string }> {
  for (const { 0: said, index: at } of text.matchAll(WORD)) {
    yield { at, word: stem(said.toLowerCase()) };
    for (const name of HUMP.test(said) ? humpedNames(said) : []) {
      for (const part of humps(name)) yield { at, word: stem(part.toLowerCase()) };
    }
    if (!HAS_CJK.test(said)) continue;
    for (const { 0: run, index: from } of said.matchAll(CJK)) {
      let place = at + from;
      for (const pair of pairs(run)) {
        yield { at: place, word: stem(pair) };
        place += (pair.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
      }
    }
  }
}

/** FTS5 expression for any of `terms`. Only quoted words reach FTS5, never the user's syntax. */
export function matchExpression(terms: readonly Term[]): string {
  return terms
    .flatMap(({ words, prefix, forms = [] }) => [
      `"${words.join(" ")}"${prefix ? " *" : ""}`,
      ...forms.map((form) => `"${form}"`),
    ])
    .join(" OR ");
}

/** By the stem of each form, the forms of the same word that have another stem. */
let formsByStem: Map<string, string[]> | undefined;

function otherForms(stemmed: string): string[] {
  formsByStem ??= new Map(
    WORD_FORMS.flatMap((forms) => {
      const stems = [...new Map(forms.map((form) => [stem(form), form]))];
      return stems.map(([own]): [string, string[]] => [
        own,
        stems.flatMap(([other, form]) => (other === own ? [] : [form])),
      ]);
    }),
  );
  return formsByStem.get(stemmed) ?? [];
}

/** Stems of words met before: a search asks for the same few hundred again and again. */
const stems = new Map<string, string>();
const MOST_STEMS = 5_000;

/**
 * How the index spells `word`: Latin letters without accents, and by its Porter stem, as FTS5 does
 * it. In other scripts a mark makes another letter: й is no и, and バ no ハ.
 */
export function stem(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const made = stemOf(word);
  if (stems.size >= MOST_STEMS) stems.clear();
  if (word.length <= LONGEST_NAME) stems.set(word, made);
  return made;
}

function stemOf(word: string): string {
  const plain = ASCII.test(word) ? word : word.normalize("NFD").replace(LATIN_MARKS, "$1");
  return STEMMED.test(plain) ? stemmer(plain) : plain.normalize("NFC");
}
