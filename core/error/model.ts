import { errorsIn, generalised } from "../search/error-signature.ts";

/** A tool call as the search for fixes looks at it. */
export interface ObservedCall {
  readonly name: string;
  readonly command?: string;
  readonly files?: readonly { readonly path: string; readonly action: string }[];
  /** What it wrote into a file. */
  readonly input?: string;
  readonly failed?: boolean;
  readonly output?: string;
}

/** An exchange as the search for fixes looks at it. */
export interface Observed {
  readonly documentId: string;
  /** Epoch ms. */
  readonly at: number;
  readonly calls: readonly ObservedCall[];
  /** The last thing the assistant said in it. */
  readonly answer: string;
}

/** What was wrong, in a form that a later occurrence shares. */
export interface ErrorCase {
  /** See search/error-signature.ts. */
  readonly signature: string;
  readonly type?: string;
  /** The line as it was printed. */
  readonly line: string;
}

/** A change made while a command failed. */
export interface Edit {
  readonly path: string;
  /** Head of what was written. */
  readonly text: string;
}

/** An error, what was done about it, and that the same command then succeeded. */
export interface FoundFix {
  readonly error: ErrorCase;
  readonly command: string;
  readonly edits: readonly Edit[];
  /** Other commands that succeeded in between and may have mended it. */
  readonly commands: readonly string[];
  /** How the assistant summed it up. */
  readonly explanation: string;
  /** Runs of the command that failed, the first included, with what each said. */
  readonly attempts: readonly { readonly at: number; readonly line: string }[];
  readonly failedAt: number;
  readonly fixedAt: number;
  /** Documents in which it failed first and succeeded at last. */
  readonly failedIn: string;
  readonly fixedIn: string;
}

/** Types of errors that say only that something failed: too many different causes share them. */
const VAGUE = /^(?:exit code|npm error|test failed)$/i;

/** A line that says what went wrong without the form of an error. */
const COMPLAINT =
  /\b(?:failed|failure|cannot|can't|unable|refused|denied|invalid|missing|didn't|not (?:found|divisible|allowed|supported|match))\b/i;

/** Words a complaint must have to be told from another one. */
const COMPLAINT_WORDS = 4;
const COMPLAINT_CHARS = 300;

/**
 * The errors that `text` tells, by which they are known again; where none has the form of an error,
 * the first line that complains in enough words.
 */
export function errorCases(text: string): ErrorCase[] {
  const found = errorsIn(text).map(({ signature, type, line }) => ({
    signature,
    line,
    ...(type ? { type } : {}),
  }));
  if (found.some(({ signature, type }) => !isVague(signature, type))) return found;
  const line = text.split("\n", 40).find((one) => COMPLAINT.test(one.slice(0, COMPLAINT_CHARS)));
  if (line === undefined) return found;
  const message = generalised(line.trim().slice(0, COMPLAINT_CHARS));
  if (contentWords(message).length < COMPLAINT_WORDS) return found;
  return [...found, { signature: `complaint: ${message}`, line: line.trim() }];
}

/** The error that a failed command's output is about: the most specific one, the first of equals. */
export function mainError(output: string): ErrorCase | undefined {
  const errors = errorCases(output).filter(({ signature, type }) => !isVague(signature, type));
  return errors.find(({ type }) => type !== undefined) ?? errors[0];
}

/** Whether too many different causes share an error. */
function isVague(signature: string, type: string | undefined): boolean {
  if (VAGUE.test(type ?? "")) return true;
  return contentWords(signature.slice(signature.indexOf(":") + 1)).length < 2;
}

/** What of a signature's message is said, and not filled in. */
function contentWords(message: string): string[] {
  return message.replace(/<\w+>/g, " ").match(/[\p{L}\p{N}]{2,}/gu) ?? [];
}

/** Words that put a command somewhere or cut its output, and say nothing about what it runs. */
const WRAPPING = [
  /^\s*cd\s+(?:"[^"]*"|'[^']*'|\S+)\s*(?:&&|;)\s*/,
  /^\s*(?:[A-Z_][A-Z0-9_]*=\S*\s+)+/,
  /\s*\|\s*(?:tail|head|grep|tee|less|cat)\b.*$/s,
  /\s*(?:2>&1|2>\s*\/dev\/null|>\s*\/dev\/null)\s*/g,
  /^\s*(?:time|timeout\s+\S+|nice|sudo|env)\s+/,
];

/** A command by what it runs: the same in another folder, cut off differently. */
export function commandKey(command: string): string {
  let key = command;
  for (const pattern of WRAPPING) key = key.replace(pattern, " ");
  return key.replace(/\s+/g, " ").trim();
}

/** Program and sub-command: `npm test`, `cargo build`, `git push`. */
export function programOf(command: string): string {
  const [program = "", next = ""] = commandKey(command).split(" ");
  const name = program.replace(/^.*\//, "");
  return /^[a-z][\w:-]*$/.test(next) ? `${name} ${next}` : name;
}

/** What is left of the certainty where two errors name other things: the fix of one is not the other's. */
const OTHER_NAMES_SHARE = 0.6;

/**
 * How sure it is that an error and one met before are one, in 0..1: their signatures are equal, more
 * so where the same program printed it, and where the words that differ from case to case agree; far
 * less so where what they name in quotes differs, as in "reading 'id'" and "reading 'name'".
 */
export function certainty(
  now: { readonly line: string; readonly command?: string | undefined },
  before: { readonly line: string; readonly command: string },
): number {
  const same = now.command !== undefined && programOf(now.command) === programOf(before.command);
  const sure = 0.5 + (same ? 0.25 : 0) + 0.25 * overlap(now.line, before.line);
  return isAboutOthers(now.line, before.line) ? sure * OTHER_NAMES_SHARE : sure;
}

/** Whether two lines name things in quotes, and none that is in both. */
function isAboutOthers(a: string, b: string): boolean {
  const [one, other] = [quotedNames(a), quotedNames(b)];
  return one.size > 0 && other.size > 0 && one.isDisjointFrom(other);
}

/** Names in quotes: no numbers, paths or sentences, which differ where the error is the same. */
function quotedNames(line: string): Set<string> {
  const quoted = line.matchAll(/(?<!\w)(["'`‘“])([\p{L}_$@][\p{L}\p{N}_$.@-]*)(["'`’”])(?!\w)/gu);
  return new Set([...quoted].map(([, , name = ""]) => name));
}

/** Share of words that two lines have in common. */
function overlap(a: string, b: string): number {
  const [one, other] = [wordSet(a), wordSet(b)];
  const common = [...one].filter((word) => other.has(word)).length;
  return common / Math.max(1, one.size + other.size - common);
}

function wordSet(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []);
}
