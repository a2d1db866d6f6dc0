import { CHECKS, isSecret, type Manner } from "./redact-judge.ts";
import { matchAt, type Span } from "./redact-scan.ts";

/** A name whose value is a secret, with what may follow it; sticky. */
const NAME =
  /(?:pass(?:wor[dt]|wd|phrase|code|e)?|pwd|secret|token|cred(?:ential)?s?|key|(?<=contra)señas?|(?<=ke)nnwort|chtwoord|(?<=se)nha|(?<=h)asło|арол[ья]|パスワード|비밀번호|密[码碼])(?:[_-]?(?:access[_-]?key|key|base|value|hash|base64|b64|prod(?:uction)?|dev(?:elopment)?|live|test|staging|old|new|\d{1,2})){0,3}/iy;
/** What makes a key a secret one. */
const KEY_OWNER =
  /(?:api|access|private|auth|encryption|signing|master|license|account|service|secret|shared|storage|admin|deploy|ssh|crypt|aes|hmac|jwt|session|cookie|app|client|server|root|write|read|ingest|webhook|application|fastly)[- _]?$/i;
/** Between name and value: a type, `=`, `:`, `=>`, `||`, a list, a call, a tag, "is", a space. */
const SEPARATOR =
  /(?<quote>\\{0,15}["'`])?\]?(?:(?<tight>=)(?=[^\s=>~])|:?\s{1,2}(?:string|str|&str)\s{0,2}=\s{0,4}|\s{0,4}(?:=>|:=|={1,3}|[:：]|\?\?=?|\|\|=?)\s{0,4}(?:[|>][+-]?(?:\\n|\s){1,24})?|,?(?:\\n|\s){0,24}\\{0,15}["']?value\\{0,15}["']?\s{0,3}[:=]\s{0,4}|,\s{0,4}(?=\\{0,15}["'`])|\(\s{0,2}(?=\\{0,15}["'`])|>|\\u003e|(?<said>\s{1,4}(?:is|was|ist|es|est|é):?\s{1,4}|[是为]\s{0,4})|\s(?=')|(?<flag>\s{1,4}))/iy;

const QUOTED =
  /[brfLu@$]?(?<q>\\{0,15}["'`])(?<value>(?:(?!\k<q>)(?:\\+[^\\\r\n]|[^\\\r\n])){1,4096})\k<q>/y;
/** What stands before a value without quotes: nothing, or a quote that is never closed. */
const UNQUOTED = /\\{0,15}["'`]?/y;
const BARE = /(?:[^\s"'`\\<>;|&,(){}[\]]|\\(?![nrtu"'`\\])){1,256}/y;
/** In a variable or after a flag, only what ends a shell word ends the value. */
const BARE_WORD = /(?:[^\s"'`\\<>;|&]|\\(?![nrtu"'`\\])){1,256}/y;

/** What a separator may begin with. Most names in code, such as "keys" and "tokenizer", end here. */
const SEPARATES = /[\s"'`\]=:：?|,(>\\是为v]/i;
/** A key of whom is not said, with a value that may be drawn; in a query hexadecimal digits may be. */
const NAMELESS_KEY =
  /key\\{0,15}["'`]?\s{0,4}[:=]>?\s{0,4}\\{0,15}["'`]?(?<value>(?!sha\d)[\w+/-]{24,128}={0,2})(?![\w+/=-])/iy;
/** What makes a key a public one. */
const PUBLIC_OWNER = /pub(?:lic|lishable)?[ _-]?$/i;

/** Commands that give a variable its value behind a space: of Windows, fish and csh. */
const SETTER = /\b(?:setx|setenv|set(?:\s{1,4}-{1,2}[\w-]{1,12}){1,4})\s{1,4}\w{0,36}$/;

/** The value that the secret-like name at `at` is given, if it is a secret and no reference. */
export function assignment(text: string, at: number): Span | undefined {
  const name = matchAt(NAME, text, at)?.[0];
  if (name === undefined || !SEPARATES.test(text.charAt(at + name.length))) return undefined;
  const before = text.slice(Math.max(0, at - 42), at);
  if (!isOwned(name, before)) return namelessKey(text, at, before);
  const separator = matchAt(SEPARATOR, text, at + name.length);
  if (!separator) return undefined;
  const { tight, said, flag } = separator.groups ?? {};
  const option = /(?:^|[\s"'`[,])--?[\w-]{0,40}$/.test(before);
  if (flag !== undefined && !option && !SETTER.test(before)) return undefined;
  const shell = option || (tight !== undefined && name === name.toUpperCase());
  const manner = said !== undefined ? "sentence" : shell ? "variable" : undefined;
  const from = at + name.length + separator[0].length;
  const password = !/^(?:secret|token|cred|key)/i.test(name);
  return (
    quotedValue({ text, from, manner, password }) ?? bareValue({ text, from, manner, password })
  );
}

/** What a key is given of which nothing is known: only what was surely drawn, and no public key. */
function namelessKey(text: string, at: number, before: string): Span | undefined {
  const match = matchAt(NAMELESS_KEY, text, at);
  const value = match?.groups?.["value"] ?? "";
  if (!match || PUBLIC_OWNER.test(before)) return undefined;
  const isQuery = /[?&]$/.test(before) && /^[0-9a-f]{32,64}$/.test(value);
  if (!CHECKS[isQuery ? "random" : "drawn"](value)) return undefined;
  const end = at + match[0].length;
  return { start: end - value.length, end, id: "assignment" };
}

/** Not every key is secret, and "pass" also ends words such as "bypass". */
function isOwned(name: string, before: string): boolean {
  return /^key/i.test(name)
    ? KEY_OWNER.test(before)
    : !/^passe?$/.test(name) || !/[a-z]$/.test(before);
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
