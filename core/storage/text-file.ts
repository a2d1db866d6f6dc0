import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { SbError } from "../kernel/errors.ts";

/**
 * The whole text of a file, undefined when it is not there.
 * @throws SbError `unavailable`, or `conflict` for bytes that are no UTF-8 and would not survive.
 */
export function readText(path: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unavailable(path, "cannot be read", error);
  }
  const text = bytes.toString("utf8");
  if (Buffer.from(text).equals(bytes)) return text;
  throw new SbError("conflict", `${path}: it is no UTF-8`, {
    hint: "mend the file; nothing was changed",
  });
}

/**
 * Puts `text` into a file whole or not at all, under its own mode, behind a symbolic link where
 * there is one: dotfiles are often kept elsewhere.
 * @throws SbError `unavailable`.
 */
export function writeText(path: string, text: string): void {
  try {
    const target = behindLinks(path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    replace(target, text);
  } catch (error) {
    throw unavailable(path, "cannot be written", error);
  }
}

function replace(target: string, text: string): void {
  const mode = (statSync(target, { throwIfNoEntry: false })?.mode ?? 0o600) & 0o777;
  const temporary = `${target}.${crypto.randomUUID()}`;
  try {
    const file = openSync(temporary, "wx", mode);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    chmodSync(temporary, mode); // the process's mask may have taken something away
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Removes a file, behind a symbolic link where there is one. @throws SbError `unavailable`. */
export function removeFile(path: string): void {
  try {
    rmSync(behindLinks(path), { force: true });
  } catch (error) {
    throw unavailable(path, "cannot be removed", error);
  }
}

/** Removes those of `folders` that are empty, the innermost first. */
export function pruneFolders(folders: readonly string[]): void {
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) {
    try {
      rmdirSync(folder);
    } catch {
      // It holds something, or is gone: both are as they should be.
    }
  }
}

/** The folders above `path` that are not there yet. */
export function missingFolders(path: string): string[] {
  const missing: string[] = [];
  for (let folder = dirname(path); dirname(folder) !== folder; folder = dirname(folder)) {
    if (existsSync(folder)) break;
    missing.push(folder);
  }
  return missing;
}

function behindLinks(path: string): string {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
  try {
    return realpathSync(path);
  } catch {
    return resolve(dirname(path), readlinkSync(path)); // it points at nothing yet
  }
}

function unavailable(path: string, what: string, cause: unknown): SbError {
  const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new SbError("unavailable", `${path} ${what} (${why}); nothing was changed`, {
    hint: "make it and its folder readable and writable, then try again",
    cause,
  });
}
