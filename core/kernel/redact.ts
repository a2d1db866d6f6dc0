import { type Check, RULES, type Rule } from "./redact-rules.ts";

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
  if (candidates.length === 0) return text;
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
  /(?:<|\\{1,8}u003c|&lt;)(\/?)private(?=[\s>/\\&])(?:[^<>[\]\\&]|\\{1,8}(?!u003)|&(?!lt;|gt;)){0,256}(?:>|\\{1,8}u003e|&gt;)/gi;

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
  let shapeEnd = 0;
  let assignedEnd = 0;
  for (const { at, finders } of candidates) {
    for (const finder of finders) {
      if (finder === "assignment") {
        const span = at >= assignedEnd ? assignment(text, at) : undefined;
        if (span) spans.push(span);
        assignedEnd = span?.end ?? assignedEnd;
      } else if (finder !== "private" && at >= shapeEnd) {
        const span = shape(text, at, finder);
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

/** The credential that `rule` sees at the anchor `at`. */
function shape(text: string, at: number, rule: Rule): Span | undefined {
  rule.pattern.lastIndex = at;
  const match = rule.pattern.exec(text);
  if (!match) return undefined;
  const keep = match.groups?.["keep"];
  const start = at - (match.groups?.["head"]?.length ?? 0) + (keep?.length ?? 0);
  const end = at + match[0].length;
  const value = text.slice(start, end);
  if (keep === undefined && !beginsWord(text, start)) return undefined;
  if (STAND_IN.test(value) || !CHECKS[rule.check ?? "none"](value)) return undefined;
  return { start, end, id: rule.id };
}

/** A credential filled in for show: `ghp_xxxxxxxx`, `sk-ant-your-key`, or one already replaced. */
const STAND_IN = /[xX]{8}|\*{4}|\.{3}|[yY][oO][uU][rR][-_]|\[redacted:|\[private\]/;

/** An escape that ends in a letter or digit: JSON, URL and terminal colours. */
const ESCAPE_BEFORE = /(?:\\[nrtbfv0]|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|%[0-9a-f]{2}|\[[0-9;]{0,8}m)$/i;

function beginsWord(text: string, start: number): boolean {
  if (start === 0 || !/[A-Za-z0-9]/.test(text.charAt(start - 1))) return true;
  return ESCAPE_BEFORE.test(text.slice(Math.max(0, start - 11), start));
}

const CHECKS: Readonly<Record<Check | "none", (value: string) => boolean>> = {
  none: () => true,
  random: looksRandom,
  password: (value) => !isReference(value) && !isNoise(value),
  basic: (value) =>
    value.length % 4 === 0 &&
    /^[ -~]{1,256}:[ -~]+$/.test(Buffer.from(value, "base64").toString("latin1")),
  cookie: (value) =>
    value.split(/;\s*/).some((pair) => looksRandom(pair.slice(pair.indexOf("=") + 1))),
};

/** Begins of names whose value is a secret. */
const NAME_ANCHORS = [
  "[pP][aA][sS][sS]",
  "[pP][wW][dD]",
  "[sS][eE][cC][rR]",
  "[tT][oO][kK][eE]",
  "[cC][rR][eE][dD]",
  "[kK][eE][yY]",
];
const PRIVATE_ANCHORS = ["<[pP][rR][iI]", "[3][cC][pP][rR]", "t;[pP][rR]", "</[pP][rR]"];

/**
 * Finds anchors of four characters by their two-character blocks, as Wu and Manber do ("A fast
 * algorithm for multi-pattern searching", 1994): most steps skip two or three characters. An
 * anchor of three is one of four with anything before it; its first code is 0 here.
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
  const length = text.length;
  if (length >= 3) look(0, windowOf(0, text.charCodeAt(0), text.charCodeAt(1), text.charCodeAt(2)));
  let at = 3;
  while (at < length) {
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
  const lower = (block: number, step: number) => {
    shift[block] = Math.min(shift[block] ?? 3, step);
  };
  const add = (anchor: string, finder: Finder) => {
    for (const [a, b, c, d] of windows(anchor)) {
      if (a === 0) for (let any = 0; any < 128; any++) lower((any << 7) | b, 2);
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
  return { shift, hashes, finders };
}

type Window = readonly [number, number, number, number];

/** Every run of four ASCII codes that `anchor` (literals and classes) can begin with. */
function windows(anchor: string): Window[] {
  const places = [...anchor.matchAll(/\[(?:\\.|[^\]\\])+\]|[^[]/g)].slice(0, 4).map(([place]) => {
    if (place.length === 1) return [place.charCodeAt(0)];
    const fits = new RegExp(place);
    return ASCII.filter((code) => fits.test(String.fromCharCode(code)));
  });
  if (places.length === 3) places.unshift([0]);
  const [as = [], bs = [], cs = [], ds = []] = places;
  return as.flatMap((a) =>
    bs.flatMap((b) => cs.flatMap((c) => ds.map((d): Window => [a, b, c, d]))),
  );
}

const ASCII: readonly number[] = Array.from({ length: 128 }, (_, code) => code);

const NAME =
  /(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|cred(?:ential)?s?|key)(?:[_-]?(?:access[_-]?key|key|base|value|hash|base64|b64|prod(?:uction)?|dev(?:elopment)?|live|test|staging|old|new|\d{1,2})){0,3}/iy;
/** What makes a key a secret one. */
const KEY_OWNER =
  /(?:api|access|private|auth|encryption|signing|master|license|account|service|secret|shared|storage|admin|deploy|ssh|crypt|aes|hmac|jwt|session|cookie|app|client|server|root|write|read|ingest|webhook|application|fastly)[- _]?$/i;
/** Between name and value: a type, `=`, `:`, `=>`, `||`, a list, a call, a tag, "is", a space. */
const SEPARATOR =
  /(?<quote>\\{0,15}["'`])?\]?(?:(?<tight>=)(?=[^\s=>~])|:?\s{1,2}(?:string|str|&str)\s{0,2}=\s{0,4}|\s{0,4}(?:=>|:=|={1,3}|:|\?\?=?|\|\|=?)\s{0,4}(?:[|>][+-]?(?:\\n|\s){1,24})?|,?(?:\\n|\s){0,24}\\{0,15}["']?value\\{0,15}["']?\s{0,3}[:=]\s{0,4}|,\s{0,4}(?=\\{0,15}["'`])|\(\s{0,2}(?=\\{0,15}["'`])|>|\\u003e|(?<said>\s{1,4}(?:is|was):?\s{1,4})|\s(?=')|(?<flag>\s{1,4}))/iy;
const QUOTED =
  /[brfLu@$]?(?<q>\\{0,15}["'`])(?<value>(?:(?!\k<q>)(?:\\+[^\r\n]|[^\\\r\n])){1,4096})\k<q>/y;
const BARE = /\\{0,15}["'`]?(?<value>(?:[^\s"'`\\<>;|&,(){}[\]]|\\(?![nrtu"'`\\])){1,4096})/y;
/** In a variable or after a flag, only what ends a shell word ends the value. */
const BARE_WORD = /\\{0,15}["'`]?(?<value>(?:[^\s"'`\\<>;|&]|\\(?![nrtu"'`\\])){1,4096})/y;

/** The value that the secret-like name at `at` is given, if it is a secret and no reference. */
function assignment(text: string, at: number): Span | undefined {
  NAME.lastIndex = at;
  const name = NAME.exec(text)?.[0];
  if (name === undefined) return undefined;
  if (/^key/i.test(name) && !KEY_OWNER.test(text.slice(Math.max(0, at - 12), at))) return undefined;
  SEPARATOR.lastIndex = at + name.length;
  const separator = SEPARATOR.exec(text);
  if (!separator) return undefined;
  const { tight, said, flag } = separator.groups ?? {};
  const option = /(?:^|[\s"'`[,])--?[\w-]{0,40}$/.test(text.slice(Math.max(0, at - 42), at));
  if (flag !== undefined && !option) return undefined;
  const variable = tight !== undefined && name === name.toUpperCase();
  const from = SEPARATOR.lastIndex;
  QUOTED.lastIndex = from;
  const quoted = QUOTED.exec(text);
  const bare = variable || option ? BARE_WORD : BARE;
  bare.lastIndex = from;
  const match = quoted ?? bare.exec(text);
  const value = match?.groups?.["value"];
  if (!match || value === undefined) return undefined;
  const end = from + match[0].length - (quoted?.groups?.["q"]?.length ?? 0);
  const password = /^pass|^pwd/i.test(name);
  const word = value.replace(/[.,!?]{1,3}$/, "");
  const next = text.charAt(end);
  const secret =
    variable || option || said
      ? isGiven(said ? word : value, password, said !== undefined)
      : quoted
        ? isSecretText(value, password)
        : isSecretWord(value, password, next);
  return secret ? { start: end - value.length, end, id: "assignment" } : undefined;
}

/** A value of a shell variable or an option, or one named in a sentence. */
function isGiven(value: string, password: boolean, inSentence: boolean): boolean {
  if (isReference(value) || isNoise(value) || /^-|^[A-Za-z_][\w.]*\(/.test(value)) return false;
  if (inSentence) return value.length >= 6 && /\d/.test(value) && (password || looksRandom(value));
  return password ? value.length >= 4 : value.length >= 8 && !/^\d{1,9}$/.test(value);
}

/** A value in quotes. */
function isSecretText(value: string, password: boolean): boolean {
  if (value.length < 6 || isReference(value) || isNoise(value) || /\s/.test(value)) return false;
  if (!password) return looksRandom(value);
  return /\d/.test(value) || /[^\w\s.,:/-]/.test(value) || looksRandom(value);
}

/** A value without quotes, in code or a configuration file; `next` is the character behind it. */
function isSecretWord(value: string, password: boolean, next: string): boolean {
  if (value.length < 6 || isReference(value) || isNoise(value)) return false;
  if (next !== "" && "([{.".includes(next)) return false;
  if (looksRandom(value)) return true;
  return password && /\d/.test(value) && /^[\r\n\\]?$/.test(next);
}

/** A value that points to a secret, or a placeholder for one. */
function isReference(value: string): boolean {
  return REFERENCE.test(value) || STAND_IN.test(value);
}

const REFERENCE =
  /^(?:\$|%\w+%|<|\{|\[|#\{|&|\*+$|(.)\1+$|(?:process\.|os\.|env\.|import\.meta|secrets?\.|config\.|self\.|this\.|vault:|op:\/\/|arn:|ssm:|ENC\[)|[a-z][a-z0-9+.-]{1,20}:\/\/|[.~]{0,2}\/[\w./-]*$)|\$\{|\{\{/i;

/** Words that stand where a secret would: types, examples, instructions. */
const NOISE =
  /^(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|key|user(?:name)?|api[-_]?key|null|none|nil|undefined|true|false|string|text|number|boolean|required|optional|hidden|stdin|file|path|value|test|changeit)$|^(?:[a-z]+[-_ ])*(?:change[-_]?me|example|placeholder|dummy|sample|fake|redacted|replace|insert|todo|here|some|goes|my)(?:[-_ ][a-z]+)*\d?$/i;

function isNoise(value: string): boolean {
  return NOISE.test(value);
}

/** The least entropy of a random secret, in bits for each character (eight distinct ones give 3). */
const MIN_ENTROPY = 2.8;

/** Whether `value` was drawn rather than written: long, mixed, varied, and not made of words. */
function looksRandom(value: string): boolean {
  if (value.length < 8 || isReference(value) || isNoise(value)) return false;
  const words = value
    .split(/[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)
    .filter((word) => word !== "");
  const mixed = /[A-Za-z]/.test(value) && /\d/.test(value);
  const written = words.every((word) => /^(?:[A-Za-z]{1,14}\d{0,3}|\d{1,4})$/.test(word));
  const choppy = value.length >= 16 && value.length / words.length < 2.8;
  return ((mixed && !written) || choppy) && entropy(value) >= MIN_ENTROPY;
}

/** Shannon entropy in bits for each UTF-16 unit. */
function entropy(value: string): number {
  const seen = new Map<string, number>();
  for (const unit of value.split("")) seen.set(unit, (seen.get(unit) ?? 0) + 1);
  let bits = 0;
  for (const n of seen.values()) bits -= (n / value.length) * Math.log2(n / value.length);
  return bits;
}
