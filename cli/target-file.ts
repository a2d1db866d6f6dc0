import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { SbError } from "../core/kernel/errors.ts";

/** Where a long output goes. */
export interface Target {
  readonly path: string;
  write(text: string): void;
  /** Puts the file in its place. */
  keep(): void;
  /** Removes what was written, unless it was kept. */
  discard(): void;
}

/**
 * Opens a file of mode 0600 that appears at `path` when it is kept, in place of one that is there. A
 * pipe or a device is written as it is.
 * @throws SbError `invalid_input` for a folder, `not_found` and `unavailable` for what cannot be made.
 */
export function openTarget(path: string): Target {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      throw new SbError("invalid_input", `${path} is a folder`, { hint: "name a file in it" });
    }
    if (stat && !stat.isFile()) return inPlace(path);
    return atomic(stat ? realpathSync(path) : path);
  } catch (error) {
    throw targetFailure(error, path);
  }
}

function inPlace(path: string): Target {
  const fd = openSync(path, "w");
  return { path, write: writerOf(fd, path), keep: () => closeSync(fd), discard() {} };
}

function atomic(path: string): Target {
  const draft = `${path}.${Bun.randomUUIDv7()}.tmp`;
  const fd = openSync(draft, "wx", 0o600);
  let isDone = false;
  return {
    path,
    write: writerOf(fd, path),
    keep() {
      try {
        fsyncSync(fd);
        closeSync(fd);
        renameSync(draft, path);
        isDone = true;
      } catch (error) {
        throw targetFailure(error, path);
      }
    },
    discard() {
      if (!isDone) unlinkSync(draft);
      isDone = true;
    },
  };
}

function writerOf(fd: number, path: string): (text: string) => void {
  return (text) => {
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    } catch (error) {
      throw targetFailure(error, path);
    }
  };
}

function targetFailure(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof SbError || !code) return error;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new SbError("not_found", `no folder for ${path}`, {
      hint: "make it first",
      cause: error,
    });
  }
  const hint = /^(ENOSPC|EDQUOT)$/.test(code) ? "free some space" : "choose another place";
  return new SbError("unavailable", `${path} cannot be written: ${code}`, { hint, cause: error });
}
