import { dirname, join } from "node:path";

/** One file of ours as the architecture test looks at it. */
export interface Source {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** `text` with every comment blanked: same length, same lines. */
  readonly code: string;
  /** `code` with the quoted strings blanked too; template literals stay, since they hold code. */
  readonly bare: string;
}

/** What one file takes from another; type-only imports and `import()` count. */
export interface Import {
  readonly from: string;
  /** From the root, when the import is relative; else the package's name. */
  readonly to: string;
  readonly kind: "value" | "type" | "lazy";
}

/** Lines of a function that belong neither to a function inside it nor to a prepared statement. */
export interface FunctionSize {
  readonly path: string;
  /** 1 is the first line of the file. */
  readonly line: number;
  readonly own: number;
}

/** Lines from `first` to `last`, counted from 0. */
interface Span {
  readonly first: number;
  readonly last: number;
}

/** Reads the files that match `pattern`, which is relative to the current folder. */
export async function readSources(pattern: string): Promise<Source[]> {
  const paths = [...new Bun.Glob(pattern).scanSync(".")].sort();
  return Promise.all(
    paths.map(async (path) => {
      const text = await Bun.file(path).text();
      const code = blanked(text, /^\/[/*]/);
      return { path: path.replaceAll("\\", "/"), text, code, bare: blanked(code, /^["']/) };
    }),
  );
}

/** Blanks the comments or strings whose beginning is `kind`; one inside another does not count. */
function blanked(text: string, kind: RegExp): string {
  const token =
    /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return text.replace(token, (match) => (kind.test(match) ? match.replace(/[^\n]/g, " ") : match));
}

/** Every import and re-export of a file. */
export function importsOf({ path, code }: Source): Import[] {
  const found: Import[] = [];
  const clause = /^(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"\n]+)"/gm;
  for (const [, type, to = ""] of code.matchAll(clause)) {
    found.push({ from: path, to: target(path, to), kind: type ? "type" : "value" });
  }
  for (const [, to = ""] of code.matchAll(/\bimport\(\s*"([^"\n]+)"/g)) {
    found.push({ from: path, to: target(path, to), kind: "lazy" });
  }
  return found;
}

function target(from: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return join(dirname(from), specifier).replaceAll("\\", "/");
}

/**
 * The functions of a file with their sizes, by indentation: the formatter puts a function's last
 * brace under the start of its first line. Lines of code count, not blank ones or comments. Bodies
 * of one line are not listed.
 */
export function functionSizes({ path, code }: Source): FunctionSize[] {
  const lines = code.split("\n");
  const spans: Span[] = [];
  for (const [first, line] of lines.entries()) {
    if (!opensFunction(line, lines, first)) continue;
    const indent = indentOf(line);
    const end = lines.findIndex(
      (other, at) => at > first && indentOf(other) === indent && other.trimStart().startsWith("}"),
    );
    if (end > 0) spans.push({ first, last: end });
  }
  const statements = preparedStatements(lines);
  return spans.map((span) => {
    const inner = spans.filter((s) => s.first > span.first && s.last <= span.last);
    const covered = new Set([...inner, ...statements].flatMap((s) => range(s.first, s.last)));
    const isOwn = (line: number) => !covered.has(line) && lines[line]?.trim() !== "";
    const own = range(span.first, span.last).filter(isOwn).length;
    return { path, line: span.first + 1, own };
  });
}

/** `const name = db.query(…);`: SQL and its types, which are data that a store lists at its top. */
function preparedStatements(lines: readonly string[]): Span[] {
  return [...lines.entries()]
    .filter(([, line]) => /^\s*const \w+ = \w+\.(?:query|prepare)\b/.test(line))
    .map(([first]) => ({
      first,
      last: lines.findIndex((line, at) => at >= first && line.endsWith(";")),
    }));
}

const KEYWORDS = /^\s*(?:if|for|while|switch|catch|return|else|do|try|throw|await)\b/;

function opensFunction(line: string, lines: readonly string[], at: number): boolean {
  if (/=>\s*\{$/.test(line)) return true;
  if (KEYWORDS.test(line)) return false;
  const isFunction = /\bfunction\b/.test(line);
  const isMethod = /^\s*(?:(?:async|get|set|static|private|readonly)\s+)*[\w#]+(?:<.*>)?\(/.test(
    line,
  );
  if (!isFunction && !isMethod) return false;
  if (line.endsWith("{")) return true;
  if (!line.endsWith("(")) return false;
  // Parameters on lines of their own: the closing line at the same depth opens the body.
  const closing = lines.slice(at + 1).find((other) => indentOf(other) === indentOf(line));
  return closing !== undefined && /^\s*\).*\{$/.test(closing);
}

function indentOf(line: string): number {
  return line.trim() === "" ? -1 : line.length - line.trimStart().length;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
