import { posix } from "node:path";

/** How a stored path answers to the one that was asked for, the best way first. */
export const PATH_MATCHES = ["exact", "suffix", "basename", "glob"] as const;
export type PathMatch = (typeof PATH_MATCHES)[number];

/** What a question about a file means. */
export interface PathQuestion {
  /** With `/` between its parts, without `.` and `..`. */
  readonly path: string;
  /** The absolute path that it names from the current folder. */
  readonly absolute: string;
  /** Last part in lower case, by which the index is asked; empty for a folder and a glob's star. */
  readonly name: string;
  readonly hasWildcards: boolean;
  /** It ends in a slash: everything below is meant. */
  readonly isFolder: boolean;
}

const WILDCARD = /[*?[\]{}]/;
const DRIVE = /^[a-z]:(?=\/|$)/i;

/** Reads the path, name or glob that is asked for. @param cwd absolute, for relative ones. */
export function readPath(said: string, cwd: string): PathQuestion {
  const slashed = unified(said.trim().replace(/^(["'`])(.*)\1$/, "$2")).replace(
    /:\d+(?::\d+)?$/,
    "",
  );
  const isFolder = /[^/]\/$/.test(slashed);
  const path = tidy(slashed.replace(/\/$/, ""));
  const name = isFolder ? "" : lower(lastPart(path));
  return {
    path: path.replace(/^(?:\.\.\/)+/, ""),
    absolute: isAbsolute(path) ? path : tidy(posix.join(unified(cwd), path)),
    name: WILDCARD.test(name) ? "" : name,
    hasWildcards: WILDCARD.test(path),
    isFolder,
  };
}

/** One way of slashes, no `//`. A file URL is its path. */
export function unified(path: string): string {
  return path
    .replace(/^file:\/\/(?=\/)/i, "")
    .replaceAll("\\", "/")
    .replace(/(?<!^)\/{2,}/g, "/");
}

function tidy(path: string): string {
  return path === "" ? "" : posix.normalize(path);
}

function isAbsolute(path: string): boolean {
  return path.startsWith("/") || DRIVE.test(path);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** ASCII letters in lower case, as SQLite's `lower` does it. */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * How `stored`, a path from a tool call, answers to `question` when both are taken literally.
 * Letters' case does not count: it does not on two of three systems.
 */
export function literalMatch(stored: string, question: PathQuestion): PathMatch | undefined {
  const have = lower(tidy(unified(stored)));
  const asked = lower(question.path);
  if (asked === "") return undefined;
  if (have === asked || have === lower(question.absolute)) return "exact";
  if (!asked.includes("/")) return lastPart(have) === asked ? "basename" : undefined;
  // A relative path was written from a folder that the absolute one knows, and the other way round.
  const isEnd = have.endsWith(`/${asked.replace(/^\//, "")}`) && !isAbsolute(asked);
  const isBegun = !isAbsolute(have) && have.includes("/") && asked.endsWith(`/${have}`);
  return isEnd || isBegun ? "suffix" : undefined;
}

/** Whether `stored` has the last part that is asked for: a second choice, where nothing else fits. */
export function isNamesake(stored: string, { name }: PathQuestion): boolean {
  return name !== "" && lower(lastPart(unified(stored))) === name;
}

/** A test of stored paths against a glob, or of lying below a folder; a relative one fits anywhere. */
export function globMatcher(question: PathQuestion): (stored: string) => boolean {
  const path = lower(question.path);
  const below = question.isFolder ? "/**" : "";
  const patterns = isAbsolute(path) ? [path + below] : [path + below, `**/${path}${below}`];
  const globs = patterns.map((pattern) => new Bun.Glob(pattern));
  return (stored) => {
    const have = lower(tidy(unified(stored)));
    return globs.some((glob) => glob.match(have) || glob.match(have.replace(/^\//, "")));
  };
}
