import {
  type Check,
  KEY_OWNER,
  NAME,
  NAME_ANCHORS,
  NOISE,
  PRIVATE_ANCHORS,
  REFERENCE,
  RULES,
  type Rule,
  SEPARATOR,
  STAND_IN,
} from "./redact-rules.ts";

/** `counts`: how often each rule (by its id) fired; `private` counts dropped blocks. */
export interface Redaction {
  readonly text: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** A part of the text to replace, in UTF-16 units. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly id: string;
}

/** What is tried where an anchor was found: rules, a secret-like name, a `<private>` tag. */
type Finder = Rule | "assignment" | "private";

/** A place where an anchor begins. */
interface Candidate {
  readonly at: number;
  readonly finders: readonly Finder[];
}

/** Longer values (in UTF-16 units) are no examples; the search for one stays linear so. */
const MAX_EXAMPLE = 512;

/** A replacement can bring a further match to light; no known text needs more than two rounds. */
const MAX_ROUNDS = 8;

/**
 * Removes credentials and `<private>` blocks from `text`, which must happen before it is stored.
 *
 * A credential becomes `[redacted:rule-id]`, the name before it stays; a block becomes `[private]`.
 * The answer is well-formed UTF-16, and redacting it again changes nothing.
 */
export function redact(text: string): Redaction {
  const counts: Record<string, number> = {};
  let current = text.toWellFormed();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = redactOnce(current, counts);
    if (next === current) break;
    current = next;
  }
  return { text: current, counts };
}

function redactOnce(text: string, counts: Record<string, number>): string {
  const candidates = findAnchors(text);
  if (candidates.some(({ finders }) => finders.includes("private"))) {
    const dropped = dropPrivate(text, counts);
    if (dropped !== text) return dropped;
  }
  const spans = merge(findSpans(text, candidates));
  let out = "";
  let end = 0;
  for (const span of spans) {
    counts[span.id] = (counts[span.id] ?? 0) + 1;
    out += `${text.slice(end, span.start)}[redacted:${span.id}]`;
    end = span.end;
  }
  return end === 0 ? text : out + text.slice(end);
}

const PRIVATE_TAG =
  /(?:<|\\{1,8}u003c|&lt;)(\/?)private(?=[\s>/\\&])(?:[^<>[\]\\&]|\\(?!u003)|&(?!lt;|gt;)){0,256}(?:>|\\u003e|&gt;)/gi;

/** Replaces each outermost `<private>` block; one without an end goes to the end of the text. */
function dropPrivate(text: string, counts: Record<string, number>): string {
  let out = "";
  let depth = 0;
  let kept = 0;
  for (const tag of text.matchAll(PRIVATE_TAG)) {
    if (tag[1] === "" && depth++ === 0) {
      out += `${text.slice(kept, tag.index)}[private]`;
      counts["private"] = (counts["private"] ?? 0) + 1;
    } else if (tag[1] === "/" && depth > 0 && --depth === 0) {
      kept = tag.index + tag[0].length;
    }
  }
  return depth > 0 ? out : out + text.slice(kept);
}

function findSpans(text: string, candidates: readonly Candidate[]): Span[] {
  const spans: Span[] = [];
  const tried = new Map<Rule, number>();
  let shapeEnd = 0;
  let assignedEnd = 0;
  for (const { at, finders } of candidates) {
    for (const finder of finders) {
      if (finder === "assignment") {
        const span = at >= assignedEnd ? assignment(text, at) : undefined;
        if (span) spans.push(span);
        assignedEnd = span?.end ?? assignedEnd;
      } else if (finder !== "private" && at >= shapeEnd && at >= (tried.get(finder) ?? 0)) {
        const span = shape({ text, at, rule: finder, tried });
        if (!span || span.start < shapeEnd) continue;
        spans.push(span);
        shapeEnd = span.end;
      }
    }
  }
  return spans;
}

/** One span for those that overlap, named by its shape where there is one. */
function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (!last || span.start >= last.end) merged.push(span);
    else {
      const id = last.id === "assignment" ? span.id : last.id;
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, span.end), id };
    }
  }
  return merged;
}

/** One attempt of a rule; `tried`: up to where a rule has seen that there is nothing for it. */
type Attempt = { text: string; at: number; rule: Rule; tried: Map<Rule, number> };

/** The credential that the rule sees at the anchor `at`. */
function shape({ text, at, rule, tried }: Attempt): Span | undefined {
  if (rule.whole && !beginsWord(text, at)) return undefined;
  const match = matchAt(rule.pattern, text, at);
  if (!match) return undefined;
  const keep = match.groups?.["keep"];
  const start = at - (match.groups?.["head"]?.length ?? 0) + (keep?.length ?? 0);
  const end = at + match[0].length;
  const value = text.slice(start, end);
  if (keep === undefined && !beginsWord(text, start)) return undefined;
  if (value.length <= MAX_EXAMPLE && STAND_IN.test(value)) return undefined;
  if (CHECKS[rule.check ?? "none"](value)) return { start, end, id: rule.id };
  tried.set(rule, end);
  return undefined;
}

/** An escape that ends in a letter or digit: JSON, URL and terminal colours. */
const ESCAPE_BEFORE = /(?:\\[nrtbfv0]|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|%[0-9a-f]{2}|\[[0-9;]{0,8}m)$/i;

function beginsWord(text: string, start: number): boolean {
  if (start === 0 || !/[A-Za-z0-9]/.test(text.charAt(start - 1))) return true;
  return ESCAPE_BEFORE.test(text.slice(Math.max(0, start - 11), start));
}

const CHECKS: Readonly<Record<Check | "none", (value: string) => boolean>> = {
  none: () => true,
  dotted: (value) => /\.[\w-]{4}/.test(value),
  random: looksRandom,
  password: (value) => !isReference(value) && !NOISE.test(value),
  basic: (value) =>
    value.length % 4 === 0 &&
    /^[ -~]{1,256}:[ -~]+$/.test(Buffer.from(value, "base64").toString("latin1")),
  cookie: (value) =>
    value.split(/;\s*/).some((pair) => looksRandom(pair.slice(pair.indexOf("=") + 1))),
};

/**
 * Finds anchors of four characters by their two-character blocks, as Wu and Manber do ("A fast
 * algorithm for multi-pattern searching", 1994): most steps skip two or three characters. An
 * anchor of three is one of four with anything before it; its first code is 0 here.
 *
 * Over the 27 MB of sources in node_modules (Bun 1.4.5, 60 literals): 624 MB/s, where one regular
 * expression of all literals gave 163 and `indexOf` for each of them 57.
 */
interface Scanner {
  /** Indexed by a block: how far the window may move; 0 where an anchor may end. */
  readonly shift: Uint8Array;
  /** Indexed by the hash of a window: 0 where no anchor has that hash. */
  readonly hashes: Uint8Array;
  readonly finders: ReadonlyMap<number, readonly Finder[]>;
}

let scanner: Scanner | undefined;

/** Where anchors begin in `text`, from left to right. Codes above 127 are taken modulo 128. */
function findAnchors(text: string): Candidate[] {
  scanner ??= buildScanner();
  const { shift, hashes, finders } = scanner;
  const found: Candidate[] = [];
  const look = (at: number, window: number) => {
    const here = finders.get(window);
    if (here) found.push({ at, finders: here });
  };
  if (text.length >= 3)
    look(0, windowOf(0, text.charCodeAt(0), text.charCodeAt(1), text.charCodeAt(2)));
  let at = 3;
  while (at < text.length) {
    const c = text.charCodeAt(at - 1) & 127;
    const d = text.charCodeAt(at) & 127;
    const step = shift[(c << 7) | d] ?? 3;
    if (step > 0) {
      at += step;
      continue;
    }
    const window = windowOf(text.charCodeAt(at - 3), text.charCodeAt(at - 2), c, d);
    if (hashes[hashOf(window)] === 1) look(at - 3, window);
    const short = window & 0x1fffff;
    if (hashes[hashOf(short)] === 1) look(at - 2, short);
    at += 1;
  }
  return found;
}

function windowOf(a: number, b: number, c: number, d: number): number {
  return ((a & 127) << 21) | ((b & 127) << 14) | ((c & 127) << 7) | (d & 127);
}

/** Fibonacci hashing to 16 bits (Knuth, The Art of Computer Programming 3, 6.4). */
function hashOf(window: number): number {
  return Math.imul(window, 0x9e3779b1) >>> 16;
}

function buildScanner(): Scanner {
  const finders = new Map<number, Finder[]>();
  const shift = new Uint8Array(1 << 14).fill(3);
  const hashes = new Uint8Array(1 << 16);
  const led = new Set<number>();
  const lower = (block: number, step: number) => {
    shift[block] = Math.min(shift[block] ?? 3, step);
  };
  const add = (anchor: string, finder: Finder) => {
    for (const [a, b, c, d] of windows(anchor)) {
      if (a === 0) led.add(b);
      lower((a << 7) | b, 2);
      lower((b << 7) | c, 1);
      lower((c << 7) | d, 0);
      const window = windowOf(a, b, c, d);
      hashes[hashOf(window)] = 1;
      finders.set(window, [...(finders.get(window) ?? []), finder]);
    }
  };
  for (const rule of RULES) for (const anchor of rule.anchors) add(anchor, rule);
  for (const anchor of NAME_ANCHORS) add(anchor, "assignment");
  for (const anchor of PRIVATE_ANCHORS) add(anchor, "private");
  for (const b of led) for (let a = 0; a < 128; a++) lower((a << 7) | b, 2);
  return { shift, hashes, finders };
}

type Window = readonly [number, number, number, number];

/** Every run of four ASCII codes that `anchor` (literals and classes) can begin with. */
function windows(anchor: string): Window[] {
  const places = (anchor.match(/\[(?:\\.|[^\]\\])+\]|[^[]/g) ?? [])
    .slice(0, 4)
    .map((place) => (place.length === 1 ? [place.charCodeAt(0)] : codesOf(place)));
  if (places.length === 3) places.unshift([0]);
  const [as = [], bs = [], cs = [], ds = []] = places;
  return as.flatMap((a) =>
    bs.flatMap((b) => cs.flatMap((c) => ds.map((d): Window => [a, b, c, d]))),
  );
}

const ASCII = String.fromCharCode(...Array(128).keys());

/** The ASCII codes in a character class. */
function codesOf(place: string): number[] {
  return (ASCII.match(new RegExp(place, "g")) ?? []).map((char) => char.charCodeAt(0));
}

const QUOTED =
  /[brfLu@$]?(?<q>\\{0,15}["'`])(?<value>(?:(?!\k<q>)(?:\\+[^\\\r\n]|[^\\\r\n])){1,4096})\k<q>/y;
/** What stands before a value without quotes: nothing, or a quote that is never closed. */
const UNQUOTED = /\\{0,15}["'`]?/y;
const BARE = /(?:[^\s"'`\\<>;|&,(){}[\]]|\\(?![nrtu"'`\\])){1,256}/y;
/** In a variable or after a flag, only what ends a shell word ends the value. */
const BARE_WORD = /(?:[^\s"'`\\<>;|&]|\\(?![nrtu"'`\\])){1,256}/y;

/** How a value was given, which decides how sure it must look to be a secret. */
type Manner = "variable" | "sentence" | "quoted" | "bare";

/** The value that the secret-like name at `at` is given, if it is a secret and no reference. */
function assignment(text: string, at: number): Span | undefined {
  const name = matchAt(NAME, text, at)?.[0];
  const before = text.slice(Math.max(0, at - 42), at);
  if (name === undefined || !isOwned(name, before)) return undefined;
  const separator = matchAt(SEPARATOR, text, at + name.length);
  if (!separator) return undefined;
  const { tight, said, flag } = separator.groups ?? {};
  const option = /(?:^|[\s"'`[,])--?[\w-]{0,40}$/.test(before);
  if (flag !== undefined && !option) return undefined;
  const shell = option || (tight !== undefined && name === name.toUpperCase());
  const manner = said !== undefined ? "sentence" : shell ? "variable" : undefined;
  const from = at + name.length + separator[0].length;
  const password = /^pass|^pwd/i.test(name);
  return (
    quotedValue({ text, from, manner, password }) ?? bareValue({ text, from, manner, password })
  );
}

/** Not every key is secret, and "pass" also ends words such as "bypass". */
function isOwned(name: string, before: string): boolean {
  return /^key/i.test(name) ? KEY_OWNER.test(before) : name !== "pass" || !/[a-z]$/.test(before);
}

/** Where a value begins, and what is known of its name. */
interface Given {
  readonly text: string;
  readonly from: number;
  readonly manner: Manner | undefined;
  readonly password: boolean;
}

function quotedValue({ text, from, manner = "quoted", password }: Given): Span | undefined {
  const match = matchAt(QUOTED, text, from);
  const { q = "", value = "" } = match?.groups ?? {};
  if (!match || !isSecret(value, manner, password)) return undefined;
  const end = from + match[0].length - q.length;
  return { start: end - value.length, end, id: "assignment" };
}

function bareValue({ text, from, manner = "bare", password }: Given): Span | undefined {
  if (matchAt(QUOTED, text, from)) return undefined;
  const start = from + (matchAt(UNQUOTED, text, from)?.[0].length ?? 0);
  const pattern = manner === "variable" ? BARE_WORD : BARE;
  const value = matchAt(pattern, text, start)?.[0] ?? "";
  const judged = manner === "sentence" ? value.replace(/[.,!?]{1,3}$/, "") : value;
  const next = text.charAt(start + value.length);
  // Before these it is an expression; a password with a digit needs the rest of the line for itself.
  if (manner === "bare" && next !== "" && "([{.".includes(next)) return undefined;
  const alone = password && /^[\r\n\\]?$/.test(next);
  if (!isSecret(judged, manner, alone || (password && manner !== "bare"))) return undefined;
  let end = start + judged.length;
  for (let more = value; more !== "" && value === judged; end += more.length) {
    more = matchAt(pattern, text, end)?.[0] ?? "";
  }
  return { start, end, id: "assignment" };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** How many characters of a value are looked at: the rest would say the same. */
const JUDGED = 64;

function isSecret(value: string, manner: Manner, password: boolean): boolean {
  const part = value.slice(0, JUDGED);
  if (part.length < 4 || isReference(part) || NOISE.test(part)) return false;
  if (manner === "variable") {
    if (/^-|^[A-Za-z_][\w.]*\(/.test(part)) return false;
    return password || (part.length >= 8 && !/^\d{1,9}$/.test(part));
  }
  if (part.length < 6 || /\s/.test(value)) return false;
  if (!password || looksRandom(part)) return looksRandom(part);
  return /\d/.test(part) || (manner === "quoted" && /[^\w\s.,:/-]/.test(part));
}

/** A value that points to a secret, or stands in for one. */
function isReference(value: string): boolean {
  if (REFERENCE.test(value) || STAND_IN.test(value)) return true;
  return /^[.~]{0,2}\//.test(value) && isWritten(value);
}

/** The least entropy of a random secret, in bits for each character (eight distinct ones give 3). */
const MIN_ENTROPY = 2.8;

/** Whether `value` was drawn rather than written: long, mixed, varied, and not made of words. */
function looksRandom(value: string): boolean {
  const part = value.slice(0, JUDGED);
  if (part.length < 8 || isReference(part) || NOISE.test(part)) return false;
  const mixed = /[A-Za-z]/.test(part) && /\d/.test(part) && !isWritten(part);
  const choppy = part.length >= 16 && part.length / wordsOf(part).length < 2.8;
  return (mixed || choppy) && entropy(part) >= MIN_ENTROPY;
}

/** Whether `value` is words, each perhaps with a number behind it: a name, a path, a type. */
function isWritten(value: string): boolean {
  return wordsOf(value).every((word) => /^(?:[A-Za-z]{1,14}\d{0,3}|\d{1,4})$/.test(word));
}

function wordsOf(value: string): string[] {
  const words = value.split(/[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/);
  return words.filter((word) => word !== "");
}

/** Shannon entropy in bits for each UTF-16 unit. */
function entropy(value: string): number {
  const seen = new Map<string, number>();
  for (const unit of value.split("")) seen.set(unit, (seen.get(unit) ?? 0) + 1);
  let bits = 0;
  for (const n of seen.values()) bits -= (n / value.length) * Math.log2(n / value.length);
  return bits;
}
