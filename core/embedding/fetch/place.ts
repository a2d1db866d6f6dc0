import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { SbError } from "../../kernel/errors.ts";

/** The disk's own failure, which no other source mends. */
export class PlaceFailure extends SbError {}

/** Makes the folder and those above it. @throws SbError `unavailable` when it cannot be written. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw placeFailure(cause, folder);
  }
}

/** Writes a file whole or not at all: a crash leaves the old one. @throws SbError `unavailable`. */
export async function placeBytes(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID()}.new`;
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writev(parts);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await placeFile(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw placeFailure(cause, path);
  }
}

/** Gives a file that is written and synced its name, so that the name survives a crash too. */
export async function placeFile(from: string, to: string): Promise<void> {
  await rename(from, to);
  // Windows opens no folders, and keeps names safe by itself.
  const folder = await open(dirname(to), "r").catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

/** A failure of the disk as one line with the next step; anything else comes back as it is. */
export function placeFailure(error: unknown, path: string): unknown {
  if (error instanceof SbError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG" || code === "EIO") {
    return new PlaceFailure("unavailable", `the disk is full or failing: ${path}`, {
      hint: "free some space, or name another folder in SB_MODEL_DIR",
      cause: error,
    });
  }
  if (code !== undefined && /^E(ACCES|PERM|ROFS|NOTDIR|EXIST|NOENT|LOOP|ISDIR)$/.test(code)) {
    return new PlaceFailure(
      "unavailable",
      `the model's folder cannot be written: ${dirname(path)}`,
      {
        hint: "make it writable, or name another one in SB_MODEL_DIR",
        cause: error,
      },
    );
  }
  return error;
}
