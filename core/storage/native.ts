import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { SbError } from "../kernel/errors.ts";
import { VERSION } from "../kernel/version.ts";
import { nativeFile } from "./native-embedded.ts";
import { contentHash, fileHash, type NativeFile, type NativeName } from "./native-files.ts";

/**
 * Puts the embedded library `name` below `dir` (`Paths.native`), in a folder of this sb's version,
 * and returns its path. A file that is already there is kept when size and hash are right, else
 * replaced. Any number of processes may do this at once: each sees a whole file or none.
 *
 * To be called when the library is first needed, never at start-up.
 *
 * @throws SbError `unavailable` when this machine has no such library or `dir` cannot be written,
 * `corrupt` when the one embedded is damaged.
 */
export function extractNative(name: NativeName, dir: string): string {
  const file = nativeFile(name);
  if (!file) {
    throw new SbError("unavailable", `there is no ${name} for ${platform()}-${arch()}`);
  }
  const path = join(dir, VERSION, file.fileName);
  if (isIntact(path, file)) return path;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    place(path, file);
  } catch (cause) {
    if (cause instanceof SbError) throw cause;
    throw new SbError("unavailable", `${name} could not be put into ${dirname(path)}`, {
      hint: "make that folder writable, or name one that is in SB_DATA_DIR",
      cause,
    });
  }
  return path;
}

/** Whether `path` holds exactly what `file` says. */
function isIntact(path: string, file: NativeFile): boolean {
  try {
    return statSync(path).size === file.bytes && fileHash(path) === file.hash;
  } catch {
    return false;
  }
}

/** Writes the whole content under a name of its own, then renames: a crash leaves no half file. */
function place(path: string, file: NativeFile): void {
  const temporary = `${path}.${crypto.randomUUID()}`;
  try {
    writeDurably(temporary, unpacked(file));
    // Once an installation: else up to 60 MB of what was unpacked stay resident for a while.
    Bun.gc(true);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    // Windows refuses to replace a library in use; then another process has put it there.
    if (!isIntact(path, file)) throw error;
  }
}

function writeDurably(path: string, content: Uint8Array): void {
  const handle = openSync(path, "wx", 0o600);
  try {
    writeFileSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function unpacked(file: NativeFile): Uint8Array {
  const stored = readFileSync(file.source);
  const content = file.packing === "zstd" ? Bun.zstdDecompressSync(stored) : stored;
  if (contentHash(content) === file.hash) return content;
  throw new SbError("corrupt", `the ${file.fileName} inside this sb is damaged`, {
    hint: "install sb again",
  });
}
