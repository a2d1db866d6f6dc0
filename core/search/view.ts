import type { CodeKind } from "./code.ts";
import { globMatcher, isNamesake, literalMatch, type PathMatch, readPath } from "./file-path.ts";
import type { FileTouch } from "./file-store.ts";
import type { Hit } from "./model.ts";

/** What a result set shows of its documents, beside what every hit shows. */
export type View =
  /** All that a filter lets through, without words. */
  | { readonly by: "list" }
  /** `path` as it was asked for, in the folder `cwd`. */
  | { readonly by: "file"; readonly path: string; readonly cwd: string }
  /** With the files that it touched, where they are wanted. */
  | { readonly by: "concept"; readonly withFiles: boolean }
  /** The block of code that matches best. */
  | { readonly by: "code"; readonly language?: string; readonly kind?: CodeKind }
  /** The error of one of these messages, else the one that matches best. */
  | { readonly by: "error"; readonly messages: readonly string[]; readonly type?: string };

/** Most files of one exchange that are shown. */
const MOST_FILES = 5;

/** Longest path shown: its end, which tells more. */
const PATH_CHARS = 160;

/** A file and how it answers to what was asked. */
export interface FoundFile extends FileTouch {
  readonly match: PathMatch;
}

/** How each of `paths` answers to `asked`; of namesakes only where nothing answers better. */
export function matchPaths(
  paths: readonly string[],
  asked: { readonly path: string; readonly cwd: string },
): Map<string, PathMatch> {
  const question = readPath(asked.path, asked.cwd);
  const literal = paths.flatMap((path) => {
    const match = literalMatch(path, question);
    return match ? [[path, match] as const] : [];
  });
  if (literal.length > 0) return new Map(literal);
  if (question.hasWildcards || question.isFolder) {
    const fits = globMatcher(question);
    return new Map(paths.filter(fits).map((path) => [path, "glob"]));
  }
  return new Map(
    paths.filter((path) => isNamesake(path, question)).map((path) => [path, "basename"]),
  );
}

/** The parts of a hit that tell which files it touched, the ones changed most first. */
export function fileParts(found: readonly FileTouch[]): Pick<Hit, "files"> {
  const files = [...found]
    .sort((a, b) => changes(b) - changes(a) || a.path.localeCompare(b.path))
    .slice(0, MOST_FILES)
    .map(({ path, action, times }) => ({ path: endOf(path), action, times }));
  return { files };
}

/** How often a file was changed. */
export function changes({ action, times }: FileTouch): number {
  return action === "read" ? 0 : times;
}

function endOf(path: string): string {
  if (path.length <= PATH_CHARS) return path;
  return `…${path.slice(1 - PATH_CHARS).toWellFormed()}`;
}
