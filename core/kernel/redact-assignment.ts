import { isSecret, type Manner } from "./redact-judge.ts";
import { matchAt, type Span } from "./redact-scan.ts";

/** A name whose value is a secret, with what may follow it; sticky. */
const NAME =
  /(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|cred(?:ential)?s?|key)(?:[_-]?(?:access[_-]?key|key|base|value|hash|base64|b64|prod(?:uction)?|dev(?:elopment)?|live|test|staging|old|new|\d{1,2})){0,3}/iy;
/** What makes a key a secret one. */
const KEY_OWNER =
  /(?:api|access|private|auth|encryption|signing|master|license|account|service|secret|shared|storage|admin|deploy|ssh|crypt|aes|hmac|jwt|session|cookie|app|client|server|root|write|read|ingest|webhook|application|fastly)[- _]?$/i;
/** Between name and value: a type, `=`, `:`, `=>`, `||`, a list, a call, a tag, "is", a space. */
const SEPARATOR =
  /(?<quote>\\{0,15}["'`])?\]?(?:(?<tight>=)(?=[^\s=>~])|:?\s{1,2}(?:string|str|&str)\s{0,2}=\s{0,4}|\s{0,4}(?:=>|:=|={1,3}|:|\?\?=?|\|\|=?)\s{0,4}(?:[|>][+-]?(?:\\n|\s){1,24})?|,?(?:\\n|\s){0,24}\\{0,15}["']?value\\{0,15}["']?\s{0,3}[:=]\s{0,4}|,\s{0,4}(?=\\{0,15}["'`])|\(\s{0,2}(?=\\{0,15}["'`])|>|\\u003e|(?<said>\s{1,4}(?:is|was):?\s{1,4})|\s(?=')|(?<flag>\s{1,4}))/iy;

const QUOTED =
  /[brfLu@$]?(?<q>\\{0,15}["'`])(?<value>(?:(?!\k<q>)(?:\\+[^\\\r\n]|[^\\\r\n])){1,4096})\k<q>/y;
/** What stands before a value without quotes: nothing, or a quote that is never closed. */
const UNQUOTED = /\\{0,15}["'`]?/y;
const BARE = /(?:[^\s"'`\\<>;|&,(){}[\]]|\\(?![nrtu"'`\\])){1,256}/y;
/** In a variable or after a flag, only what ends a shell word ends the value. */
const BARE_WORD = /(?:[^\s"'`\\<>;|&]|\\(?![nrtu"'`\\])){1,256}/y;

/** The value that the secret-like name at `at` is given, if it is a secret and no reference. */
export function assignment(text: string, at: number): Span | undefined {
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
