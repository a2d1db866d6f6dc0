import { Database } from "bun:sqlite";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { SbError } from "../kernel/errors.ts";
import { storageFailure } from "./failure.ts";

/** A whole copy of the store. */
export interface Backup {
  readonly path: string;
  readonly bytes: number;
}

const NAME = /^session-buddy-\d{8}T\d{6}(?:-\d+)?\.db$/;

/**
 * Copies the store, as it is at one moment, into `folder`: mode 0600, checked whole, and there under
 * its name only then. Others read and write meanwhile.
 * @throws SbError `unavailable` (no room, no permission) or `corrupt`; nothing is left behind.
 */
export function backUp(db: Database, folder: string, now: number): Backup {
  let draft: string | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = freePath(folder, now);
    draft = `${path}.tmp`;
    closeSync(openSync(draft, "wx", 0o600)); // VACUUM INTO takes an empty file, and keeps its mode
    db.query("VACUUM INTO ?").run(draft);
    check(draft);
    const fd = openSync(draft, "r");
    fsyncSync(fd);
    closeSync(fd);
    renameSync(draft, path);
    return { path, bytes: statSync(path).size };
  } catch (error) {
    if (draft) rmSync(draft, { force: true });
    throw storageFailure(error, folder);
  }
}

/** The backups in `folder`, oldest first. */
export function backupsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => NAME.test(name))
    .toSorted()
    .map((name) => join(folder, name));
}

function freePath(folder: string, now: number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]/g, "").slice(0, 15);
  for (let n = 1; ; n += 1) {
    const path = join(folder, `session-buddy-${stamp}${n === 1 ? "" : `-${n}`}.db`);
    if (!existsSync(path)) return path;
  }
}

function check(path: string): void {
  const copy = new Database(path, { readonly: true });
  try {
    const row = copy.query<{ integrity_check: string }, []>("PRAGMA integrity_check(1)").get();
    if (row?.integrity_check === "ok") return;
    throw new SbError("corrupt", `the copy is damaged: ${row?.integrity_check}`, {
      hint: "sb session health looks at the store itself",
    });
  } finally {
    copy.close();
  }
}
