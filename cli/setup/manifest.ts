import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { Paths } from "../../core/kernel/paths.ts";
import { sha256 } from "../../core/kernel/text.ts";
import {
  missingFolders,
  pruneFolders,
  readText,
  removeFile,
  writeText,
} from "../../core/storage/text-file.ts";
import type { Change } from "./plan.ts";

/** What setup did, so that it can be taken back to the byte. */
export interface Manifest {
  readonly version: 1;
  /** Where the backups lie. */
  readonly folder: string;
  readonly files: readonly ManagedFile[];
  /** Folders that setup made, to be removed when they are empty again. */
  readonly folders: readonly string[];
}

/** A file that setup changed. */
interface ManagedFile {
  readonly path: string;
  /** Name of the copy of what stood there before setup; null where nothing did. */
  readonly backup: string | null;
  /** SHA-256 of what setup left. */
  readonly hash: string | null;
}

const NAME = "setup.json";

/** What earlier setups did: nothing without a manifest, or when it is damaged. */
export function readManifest(paths: Paths): Manifest {
  const folder = join(paths.claude, "data", "backups");
  const none: Manifest = { version: 1, folder, files: [], folders: [] };
  const text = readText(join(folder, NAME));
  if (text === undefined) return none;
  try {
    const value = JSON.parse(text) as Partial<Manifest>;
    const isWhole =
      Array.isArray(value.files) &&
      value.files.every((file) => typeof file?.path === "string") &&
      Array.isArray(value.folders) &&
      value.folders.every((folder) => typeof folder === "string");
    return value.version === 1 && isWhole ? { ...none, ...value, folder } : none;
  } catch {
    return none;
  }
}

/** What stood at `path` before setup, if `now` is what setup left there: somebody's change is kept. */
export function wasBefore(
  manifest: Manifest,
  path: string,
  now: string,
): { readonly text: string | undefined } | undefined {
  const file = manifest.files.find((one) => one.path === path);
  if (!file || file.hash !== sha256(now)) return undefined;
  if (file.backup === null) return { text: undefined };
  const text = readText(join(manifest.folder, file.backup));
  return text === undefined ? undefined : { text };
}

/**
 * Writes `changes`, and before them copies of what they replace: all or, when one fails, none.
 * @throws SbError `unavailable`.
 */
export function apply(paths: Paths, changes: readonly Change[]): void {
  if (changes.length === 0) return;
  const known = readManifest(paths);
  const manifestPath = join(known.folder, NAME);
  const made = [manifestPath, ...changes.map(({ path }) => path)].flatMap(missingFolders);
  const files = new Map(known.files.map((file) => [file.path, file]));
  const backups: Change[] = [];
  for (const { path, before, after, base = before } of changes) {
    const earlier = files.get(path);
    const isAsLeft = before !== undefined && wasBefore(known, path, before) !== undefined;
    const hash = after === undefined ? null : sha256(after);
    if (earlier && isAsLeft) {
      files.set(path, { ...earlier, hash });
      continue;
    }
    const backup = base === undefined ? null : `${sha256(path).slice(0, 8)}-${basename(path)}`;
    if (backup) backups.push({ path: join(known.folder, backup), before: undefined, after: base });
    files.set(path, { path, backup, hash });
  }
  const folders = [...new Set([...known.folders, ...made])];
  const manifest = { version: 1, files: [...files.values()], folders };
  const after = `${JSON.stringify(manifest, null, 2)}\n`;
  try {
    write([...backups, { path: manifestPath, before: readText(manifestPath), after }, ...changes]);
  } catch (error) {
    pruneFolders(made);
    throw error;
  }
}

/**
 * Writes the changes that take setup back, and removes the copies and what only setup needed; with
 * `data` that folder too, whatever is in it.
 */
export function takeBack(manifest: Manifest, changes: readonly Change[], data?: string): void {
  write(changes);
  for (const { backup } of manifest.files) if (backup) removeFile(join(manifest.folder, backup));
  removeFile(join(manifest.folder, NAME));
  if (data !== undefined) rmSync(data, { recursive: true, force: true });
  pruneFolders(manifest.folders);
}

/** Makes all changes or, when one fails, none. */
function write(changes: readonly Change[]): void {
  const done: Change[] = [];
  try {
    for (const change of changes) {
      put(change.path, change.after);
      done.push(change);
    }
  } catch (error) {
    for (const { path, before } of done.toReversed()) put(path, before);
    throw error;
  }
}

function put(path: string, text: string | undefined): void {
  if (text === undefined) removeFile(path);
  else writeText(path, text);
}
