import { sha256, truncate } from "../kernel/text.ts";

/** One error as a text tells it. */
export interface FoundError {
  /** Its class or code as it is written (`TypeError`, `TS2322`, `ENOENT`); missing where none is said. */
  readonly type?: string;
  /** What is the same in every case of it: `typeerror: cannot read properties of <q>`. */
  readonly signature: string;
  /** The signature without its type. */
  readonly message: string;
  /** Its line, and where that begins in the text, UTF-16 units. */
  readonly line: string;
  readonly at: number;
}

/** Characters of a line that are looked at, and of a message that are kept. */
const LINE_CHARS = 500;
const MESSAGE_CHARS = 160;

/** Most errors taken from one text: a build that fails everywhere says the same again and again. */
const MOST_ERRORS = 20;

/** Lines that may hold an error have one of these; most texts have none and are not cut into lines. */
const HINT =
  /error|exception|panic|fail|fatal|not found|denied|no such|exit(?:ed)?(?: with)?(?: code| status)|\bE[A-Z]{4,}|cannot |✗|npm ERR|segmentation|killed|timed out|\.(?:go|py):\d+:\d/i;

/** Names of error classes: `java.lang.NullPointerException`, `sqlite3.OperationalError`, `KeyboardInterrupt`. */
const CLASS =
  "(?:[\\w$]+(?:\\.|::))*[A-Z]\\w*(?:Error|Exception|Failure|Failed|Interrupt|Fault|Violation|Panic)|Error";

/** Codes of operating systems, npm and Node's resolver: not every word in capitals is one. */
const ERRNO =
  "E(?:CONN\\w+|NOENT|ACCES|ADDR\\w+|PERM|PIPE|TIMEDOUT|EXIST|ISDIR|NOTDIR|NOTFOUND|AI_AGAIN|MFILE|NOSPC|HOST\\w+|NET\\w+|BUSY|INVAL|NOTEMPTY|RESOLVE|INTEGRITY|USAGE|XDEV|PROTO|LIFECYCLE|BADENGINE|ROFS|AGAIN|SRCH|DQUOT|NOMEM|NOSYS|BADF)";

/** What comes before the point of a line: marks of test runners and logs, times, a level. */
const NOISE =
  /^(?:[\s>|│●✗✖×❌⨯*+-]|E(?=\s{2,})|\[?\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?\]?|\[?\d\d:\d\d:\d\d[\d.,]*\]?)+/;

interface Rule {
  /** What a line must hold for the pattern to be tried: prose has many a hint and few of these. */
  readonly needs?: string;
  readonly pattern: RegExp;
  /** Groups of the pattern: the type, or one that is always the same, and the message. */
  readonly read: (match: RegExpExecArray) => { type?: string | undefined; message: string };
}

const typed: Rule["read"] = ([, type, message = ""]) => ({ type, message });
const as =
  (type: string): Rule["read"] =>
  ([, message = ""]) => ({ type, message });

/** Each line is read by the first rule that fits, the exact ones before the general. */
const RULES: readonly Rule[] = [
  // tsc, both forms: `a.ts(1,2): error TS2322: …` and `a.ts:1:2 - error TS2322: …`.
  { needs: "error TS", pattern: /\berror (TS\d{3,5}): (.+)/, read: typed },
  // rustc: `error[E0308]: mismatched types`.
  { needs: "[E", pattern: /^(?:error|warning)\[(E\d{4})\]: (.+)/, read: typed },
  // Rust: `thread 'main' panicked at src/main.rs:4:5:` and its message, before or on the next line.
  {
    needs: "panicked",
    pattern: /^thread '[^']*' (?:\(\d+\) )?panicked at '([^\n]*)', \S+$/,
    read: as("panic"),
  },
  {
    needs: "panicked",
    pattern: /^thread '[^']*' (?:\(\d+\) )?panicked at \S+:\n?(.*)/,
    read: as("panic"),
  },
  { needs: "panic: ", pattern: /^panic: (.+)/, read: as("panic") },
  { needs: "fatal error", pattern: /^(?:fatal error): (.+)/, read: as("fatal error") },
  // gcc, clang, mypy, go vet: `file:line:col: error: …`.
  {
    needs: " error: ",
    pattern: /^\S[^:\n]*:\d+(?::\d+)?: (?:fatal )?error: (.+)/,
    read: as("error"),
  },
  // ruff, flake8: `a.py:1:1: F401 …`; go build: `./main.go:9:2: undefined: x`.
  { needs: ".py:", pattern: /^\S[^:\n]*\.py:\d+:\d+: ([A-Z]{1,4}\d{2,4}) (.+)/, read: typed },
  { needs: ".go:", pattern: /^\S*\.go:\d+:\d+: (.+)/, read: as("go") },
  // eslint: `  10:5  error  'x' is defined but never used  no-unused-vars`.
  {
    pattern: /^\d+:\d+\s+error\s+(.+?)\s{2,}([\w@/-]+)\s*$/,
    read: ([, message = "", type]) => ({ type, message }),
  },
  // pytest, cargo, go test, jest, bun test: a test that failed, by its name.
  { needs: "FAILED", pattern: new RegExp(`^FAILED \\S+ - (${CLASS})(?:: (.*))?$`), read: typed },
  { pattern: /^(?:FAILED|--- FAIL:|\(fail\)|FAIL) +(.+)/, read: as("test failed") },
  { needs: "FAILED", pattern: /^test (\S+) \.\.\. FAILED/, read: as("test failed") },
  // Shells: bash, dash and zsh say it in three ways.
  {
    needs: "not found",
    pattern: /^(?:\S+: )?(?:line \d+: |\d+: )?(\S+): (?:command )?not found$/,
    read: as("command not found"),
  },
  {
    needs: "command not found",
    pattern: /command not found: (\S+)/,
    read: as("command not found"),
  },
  // Node: `Error [ERR_X]: …`, `connect ECONNREFUSED 127.0.0.1:5432`, `ENOENT: no such file`.
  { needs: "[ERR_", pattern: /\b(?:\w*Error) \[(ERR_\w+)\]: (.+)/, read: typed },
  { pattern: new RegExp(`\\b(${ERRNO})\\b:? ?(.*)`), read: typed },
  { pattern: new RegExp(`(?<![\\w.$])(${CLASS})(?: \\[\\w+\\])?: (.+)`), read: typed },
  // A class alone on its line: Python's `AssertionError`, Java's `java.lang.NullPointerException`.
  { pattern: /^((?:[\w$]+\.)*[A-Z]\w+(?:Error|Exception|Interrupt))\s*$/, read: typed },
  { needs: "npm ", pattern: /^npm (?:ERR!|error) (?:code )?(.+)/, read: as("npm error") },
  {
    pattern:
      /\b(?:exited with|exit|failed with exit|returned|process completed with exit)(?:ed)? (?:code|status):? (\d+)/i,
    read: as("exit code"),
  },
  { pattern: /^\[?(ERROR|FATAL|CRITICAL)\]?[:\s]+(?:[\w.-]+(?: -|:)\s+)?(.+)/, read: typed },
  {
    pattern: /^(?:\w[\w-]*: )?(fatal|error|err|critical|failure|failed)(?:[:!]| -)\s+(.+)/i,
    read: typed,
  },
  {
    pattern:
      /No such file or directory|Permission denied|Segmentation fault|Connection refused|timed out|Operation not permitted|Address already in use/i,
    read: ({ input }) => ({ type: "error", message: input }),
  },
];

/** Words that say only that there is an error: they are no type. */
const NO_TYPE = /^(?:error|err|fatal|critical|failure|failed)$/i;

/** The errors that `text` tells, in order, each signature once. */
export function errorsIn(text: string): FoundError[] {
  if (!HINT.test(text)) return [];
  const found = new Map<string, FoundError>();
  let at = 0;
  for (const whole of text.split("\n")) {
    const start = at;
    at += whole.length + 1;
    if (!HINT.test(whole)) continue;
    const next = /panicked at \S+:$/.test(whole)
      ? `\n${text.slice(at, at + LINE_CHARS).split("\n")[0]}`
      : "";
    const error = errorOf(whole.slice(0, LINE_CHARS) + next);
    if (!error || found.has(error.signature)) continue;
    found.set(error.signature, { ...error, line: whole.trim().slice(0, LINE_CHARS), at: start });
    if (found.size >= MOST_ERRORS) break;
  }
  return [...found.values()];
}

function errorOf(line: string): Omit<FoundError, "line" | "at"> | undefined {
  const said = Bun.stripANSI(line).replace(NOISE, "").trimEnd();
  for (const { needs, pattern, read } of RULES) {
    const match = needs === undefined || said.includes(needs) ? pattern.exec(said) : null;
    if (!match) continue;
    const { type, message } = read(match);
    return withType(
      type && !NO_TYPE.test(type) && type !== "Error" ? lastName(type) : undefined,
      message,
    );
  }
  return undefined;
}

/** `java.lang.NullPointerException` and `NullPointerException` are one. */
function lastName(type: string): string {
  return type.split(/\.|::/).at(-1) ?? type;
}

function withType(type: string | undefined, said: string) {
  const message = generalised(said);
  if (message === "" && type === undefined) return undefined;
  const signature = `${(type ?? "error").toLowerCase()}: ${message}`;
  return { ...(type ? { type } : {}), signature, message };
}

/** The parts of a message that differ from case to case, and what stands for them. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/[a-z][a-z+.-]*:\/\/[^\s"'`)\]]+/gi, "<url>"],
  [/\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, "<time>"],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, "<id>"],
  [
    /"[^"\n]{0,300}"|`[^`\n]{0,300}`|(?<!\w)'[^'\n]{0,300}'(?!\w)|‘[^’\n]{0,300}’|“[^”\n]{0,300}”/g,
    "<q>",
  ],
  [/\[REDACTED[^\]]*\]/g, "<q>"],
  [/\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,}\b/gi, "<hex>"],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b|\blocalhost:\d+\b|\[?::1\]?:\d+/g, "<address>"],
  [
    /(?:[A-Za-z]:)?(?:[\w.@~+-]*[\\/])+[\w.@~+-]*(?::\d+)*|\b[\w-]+\.(?:[cm]?[jt]sx?|py|rs|go|java|rb|c|cc|cpp|h|kt|cs|php|swift|json|ya?ml|toml|sql|sh|md|lock)\b(?::\d+)*/g,
    "<path>",
  ],
  [/\(\d+[,:]\d+\)|:\d+:\d+\b/g, ""],
  [/(?<![a-z])[-+]?\d[\d.,_]*(?:ms|s|kb|mb|gb|%|px)?(?![a-z])/gi, "<n>"],
];

/** `message` without what differs from case to case: numbers, paths, quoted names, ids, times. */
export function generalised(message: string): string {
  let text = message.slice(0, LINE_CHARS);
  for (const [pattern, sign] of VARIABLE) text = text.replace(pattern, sign);
  return truncate(
    text
      .toLowerCase()
      .replace(/\s+/g, " ")
      .trim()
      .replace(/[\s.:,;!]+$/, ""),
    MESSAGE_CHARS,
  );
}

/** Shorter messages say too little to be known by where something else is said behind them. */
export const TELLING_CHARS = 16;

/** `message` and what it begins with, up to each blank: people go on behind an error's message. */
export function beginnings(message: string): string[] {
  const ends = [...message.matchAll(/ /g)].map(({ index }) => index);
  return [
    message,
    ...ends.filter((end) => end >= TELLING_CHARS).map((end) => message.slice(0, end)),
  ];
}

/** Whether two messages tell the same error, one of them perhaps with more said behind it. */
export function isSameMessage(one: string, other: string): boolean {
  const [short = "", long = ""] = one.length <= other.length ? [one, other] : [other, one];
  return short === long || (short.length >= TELLING_CHARS && long.startsWith(`${short} `));
}

/** A word that stands for a signature in a text index: the same signature, the same word. */
export function signatureWord(signature: string): string {
  return `sig${sha256(signature).slice(0, 20)}`;
}

/** Whether a text speaks of something going wrong, though it holds no error's own line. */
export function speaksOfError(text: string): boolean {
  return (
    HINT.test(text) ||
    /\b(?:bug|broken|crash\w*|hang\w*|wrong|stuck|refused|leak\w*|deadlock\w*)\b/i.test(text)
  );
}
