import type { Check } from "./redact-rules.ts";

/** How a value was given, which decides how sure it must look to be a secret. */
export type Manner = "variable" | "sentence" | "quoted" | "bare";

/** A credential filled in for show: `ghp_xxxxxxxx`, `sk-ant-your-key`. */
export const STAND_IN = /[xX]{8}|\*{4}|\.{3}|[yY][oO][uU][rR][-_]/;

/** A value that points to a secret: a variable, a template, a lookup, a URL. */
const REFERENCE =
  /^(?:\$[({$]|%(?:\w+%|\(|s)|\(\?|<|\{|\[|#\{|&|\*+$|(.)\1+$|(?:process\.|os\.|env\.|import\.meta|secrets?\.|config\.|self\.|this\.|vault:|op:\/\/|arn:|ssm:|ENC\[)|[a-z][a-z0-9+.-]{1,20}:\/\/)|\$\{|\{\{/i;

/** A variable by its sign; what a program drew may begin so too, but in letters of both cases. */
const VARIABLE = /^\$(?:[A-Z0-9_]{1,64}|[a-z0-9_]{1,64})(?![\w!?@#%^*+=$])/;

/** Words that stand where a secret would: types, examples, instructions. */
const NOISE =
  /^(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|key|user(?:name)?|api[-_]?key|null|none|nil|undefined|true|false|string|text|number|boolean|required|optional|hidden|stdin|file|path|value|test|changeit|options?|arguments?|flags?|prompt|and|or|for|with|must|can)$|^(?:[a-z]+[-_ ])*(?:change[-_]?me|example|placeholder|dummy|sample|fake|redacted|replace|insert|todo|here|some|goes|my)(?:[-_ ][a-z]+)*\d?$/i;

/** What a value must look like, by the check that its rule names. */
export const CHECKS: Readonly<Record<Check | "none", (value: string) => boolean>> = {
  none: () => true,
  dotted: (value) => /\.[\w-]{4}/.test(value),
  random: looksRandom,
  drawn: looksDrawn,
  password: (value) => !isReference(value) && !NOISE.test(value),
  assigned: (value) => isSecret(value, "quoted", true),
  basic: (value) =>
    value.length % 4 === 0 &&
    /^[ -~]{1,256}:[ -~]+$/.test(Buffer.from(value, "base64").toString("latin1")),
  cookie: (value) =>
    value.split(/;\s*/).some((pair) => looksRandom(pair.slice(pair.indexOf("=") + 1))),
};

/** How many characters of a value are looked at: the rest would say the same. */
const JUDGED = 64;

/** Whether `value`, given to a secret-like name, is a secret and neither a word nor a reference. */
export function isSecret(value: string, manner: Manner, password: boolean): boolean {
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
  if (value.startsWith("$")) return VARIABLE.test(value) || !isIllegible(value.slice(1));
  return /^[.~]{0,2}\//.test(value) && isWritten(value);
}

/**
 * The least entropy of a random secret, in bits for each character. Four characters in equal parts
 * give 2; of 10,000 drawn texts of 8 hexadecimal digits 211 had less, of 12 digits 4.
 */
const MIN_ENTROPY = 2;

/** Whether `value` was drawn rather than written: long, varied, and not made of words. */
function looksRandom(value: string): boolean {
  const part = value.slice(0, JUDGED);
  if (part.length < 8 || isReference(part) || NOISE.test(part)) return false;
  const mixed = /[A-Za-z]/.test(part) && /\d/.test(part) && !isWritten(part);
  const choppy = part.length >= 16 && part.length / wordsOf(part).length < 2.8;
  return (mixed || choppy || isIllegible(part)) && entropy(part) >= MIN_ENTROPY;
}

/**
 * Whether `value` was surely drawn: of letters of both cases and digits. What a name that says
 * nothing is given must look so; hashes and UUIDs, which are in one case, are no secrets there.
 */
function looksDrawn(value: string): boolean {
  return /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value) && looksRandom(value);
}

/**
 * A letter, and those that may follow it: the 235 pairs that make up 90 % of the pairs in 14,943
 * words of source code (all that at least five files of the packages read for it had), and the four
 * that "key", "object" and "my" lack there. Of drawn pairs, 35 % are among them.
 */
const FOLLOWERS =
  "aabcdfgiklmnprstuvy babceijlorsu cacehiklorstu dadeilorsu eabcdefglmnprstvwxy faefiloru gaehilnorsu haeiot iabcdefglmnoprstvz je keis ladeilostuy mabeimopsuy nacdefginostuv obcdgiklmnoprstuvw paeiloprstuy qu racdegiklmnoprstuy sacehilopstuy tacehiloprstuy uabceilmnprst vaei waeio xpt yp ze";
const PAIRS: ReadonlySet<string> = new Set(
  FOLLOWERS.split(" ").flatMap(([letter, ...next]) => next.map((each) => `${letter}${each}`)),
);

/** The least share of familiar pairs in what was written. */
const LEGIBLE = 0.6;
/** So many unfamiliar pairs are needed at least: `v2-rc1` says nothing. */
const FOREIGN_PAIRS = 3;

/** A name in code, several words: not judged by their letters. */
const SPELLED = /^(?:[a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)+)$|\s/;
/** Marks of prose around a word. */
const MARKS = /^[*_~]+|[*_~.,:;!?]+$/g;

/** Whether the neighbours in `value` are seldom such as stand together in words. */
function isIllegible(value: string): boolean {
  const bare = value.replace(MARKS, "");
  if (SPELLED.test(bare)) return false;
  let familiar = 0;
  let foreign = 0;
  for (let at = 1; at < bare.length; at++) {
    const pair = bare.slice(at - 1, at + 1);
    if (/^\d\d$|[-_./:\x80-\uffff]/.test(pair)) continue;
    if (PAIRS.has(pair.toLowerCase()) && !/[a-z][A-Z]/.test(pair)) familiar += 1;
    else foreign += 1;
  }
  return foreign >= FOREIGN_PAIRS && familiar < LEGIBLE * (familiar + foreign);
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
