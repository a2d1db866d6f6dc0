import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Env } from "../kernel/paths.ts";
import type { Processes } from "../kernel/ports.ts";
import { type LocatedModel, locateModel, MODEL_NAME, PRECISIONS, type Precision } from "./model.ts";

// Asked for by every status: nothing heavy may be imported here.

/** Where a model comes from: its exporters' files, or the weights from which sb wrote the graph. */
export type ModelSource = "huggingface" | "npm";

/** What lies in the model's folder, and what it was when it was put there. */
export interface Manifest {
  readonly precision: Precision;
  readonly source: ModelSource;
  /** ISO 8601. */
  readonly installed_at: string;
  /** By name: the graph, and `tokenizer.json`. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

/** What the fetch that ran last says of itself; keys as in the file and in every answer. */
export type FetchNote =
  | {
      readonly kind: "fetching";
      readonly pid: number;
      /** `ProcessRef.startedAt`. */
      readonly started_at: number;
      readonly source: ModelSource;
      readonly bytes: number;
      readonly total: number;
    }
  | ({ readonly kind: "failed"; readonly failures: number } & Failure);

interface Failure {
  readonly why: string;
  readonly hint?: string;
  /** ISO 8601; when a running `sb mcp` tries again. */
  readonly at: string;
  readonly retry_at: string;
}

/** How it stands with the model on this machine. */
export type ModelState =
  | { readonly state: "off" }
  | { readonly state: "absent" }
  | {
      readonly state: "fetching";
      readonly pid: number;
      readonly source: ModelSource;
      readonly bytes: number;
      readonly total: number;
    }
  | {
      readonly state: "ready";
      readonly precision: Precision;
      readonly source: ModelSource;
      readonly bytes: number;
    }
  | {
      readonly state: "failed";
      readonly why: string;
      readonly hint?: string | undefined;
      /** ISO 8601; both are missing where it is the files on the disk that are wrong. */
      readonly at?: string | undefined;
      readonly retry_at?: string | undefined;
    };

/** Where the state is read from. */
export interface ModelPlace {
  readonly env: Env;
  readonly paths: { readonly models: string };
  readonly processes: Pick<Processes, "isAlive">;
}

const MANIFEST = "manifest.json";
const NOTE = "fetch.json";

/** What the files were when they were read whole. */
export const CHECKED = "checked.json";

/** The folder of the one model below `models`. */
export function modelFolder({ models }: { readonly models: string }): string {
  return join(models, MODEL_NAME);
}

/** Whether `SB_MODEL=off`: then nothing is fetched, loaded or asked. */
export function isModelOff(env: Env): boolean {
  return env["SB_MODEL"] === "off";
}

/** How it stands, from three small files and the model's sizes; cheap enough for a status. */
export function modelState(place: ModelPlace): ModelState {
  if (isModelOff(place.env)) return { state: "off" };
  const folder = modelFolder(place.paths);
  const manifest = readManifest(folder);
  const damage = manifest && damageOf(folder, manifest);
  if (manifest && !damage) return readyState(manifest);
  const found = manifest ? undefined : locateModel(place.paths.models);
  if (found) return foundState(found);
  const note = readNote(folder);
  if (note?.kind === "fetching") {
    const { pid, started_at, source, bytes, total } = note;
    const isAlive = place.processes.isAlive({ pid, startedAt: started_at });
    if (isAlive) return { state: "fetching", pid, source, bytes, total };
  }
  if (damage) return { state: "failed", why: damage, hint: "sb model pull brings it anew" };
  if (note?.kind !== "failed") return { state: "absent" };
  const { why, hint, at, retry_at } = note;
  return { state: "failed", why, ...(hint ? { hint } : {}), at, retry_at };
}

export function readyState(manifest: Manifest): Extract<ModelState, { state: "ready" }> {
  const { precision, source, files } = manifest;
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  return { state: "ready", precision, source, bytes };
}

/** A model that someone put there by hand, with no word of what it was to be. */
function foundState({ precision, origin, graph, tokenizer }: LocatedModel): ModelState {
  const sizes = [graph, tokenizer].map((path) => sizeOf(path) ?? 0);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return { state: "ready", precision, source: origin === "sb" ? "npm" : "huggingface", bytes };
}

/** The model to load: the one there is, unless its files are not what was put there. */
export function usableModel(paths: ModelPlace["paths"]): LocatedModel | undefined {
  const folder = modelFolder(paths);
  const manifest = readManifest(folder);
  if (manifest && damageOf(folder, manifest)) return undefined;
  return locateModel(paths.models, manifest?.precision);
}

/**
 * What is wrong with the files in `folder`; undefined when nothing is. A file whose size and time of
 * change are those with which it was read whole is not read again.
 */
export function damageOf(folder: string, { files }: Manifest): string | undefined {
  return damageBy(folder, files, readChecked(folder));
}

/** The same with every file read whole, which takes 50 ms or so. */
export function deepDamageOf(folder: string, { files }: Manifest): string | undefined {
  return damageBy(folder, files, {});
}

function damageBy(folder: string, files: Manifest["files"], known: Checked): string | undefined {
  let checked = known;
  try {
    for (const [name, { bytes, sha256 }] of Object.entries(files)) {
      const path = join(folder, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (!stat) return `${name} is missing`;
      if (stat.size !== bytes) return `${name} has ${stat.size} bytes, not ${bytes}`;
      let one = checked[name];
      if (one?.bytes !== bytes || one.modified_at !== stat.mtimeMs) {
        one = { bytes, modified_at: stat.mtimeMs, sha256: sha256Of(path) };
        checked = { ...checked, [name]: one };
      }
      if (one.sha256 !== sha256) return `${name} has the wrong checksum`;
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    if (checked !== known) writeChecked(folder, checked);
  }
  return undefined;
}

/** What files were when they were last read whole, by name. */
type Checked = Readonly<
  Record<string, { readonly bytes: number; readonly modified_at: number; readonly sha256: string }>
>;

/** What was written down; what is none of ours fits no file. */
function readChecked(folder: string): Checked {
  return readJson<Checked>(join(folder, CHECKED)) ?? {};
}

/** Where it cannot be written down, the files are read whole each time. */
function writeChecked(folder: string, checked: Checked): void {
  try {
    writeFileSync(join(folder, CHECKED), JSON.stringify(checked), { mode: 0o600 });
  } catch {}
}

/** SHA-256 of a file, hexadecimal; read in pieces, at a stretch: nothing may be used before. */
export function sha256Of(path: string): string {
  const hasher = new Bun.CryptoHasher("sha256");
  const piece = Buffer.allocUnsafe(1024 * 1024);
  const file = openSync(path, "r");
  try {
    for (let count = readSync(file, piece); count > 0; count = readSync(file, piece)) {
      hasher.update(piece.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
  return hasher.digest("hex");
}

/** What was put into `folder`; undefined when nothing was, or when the file is none of ours. */
export function readManifest(folder: string): Manifest | undefined {
  const manifest = readJson<Manifest>(join(folder, MANIFEST));
  if (!PRECISIONS.some((one) => one === manifest?.precision) || !isSource(manifest?.source)) {
    return undefined;
  }
  const files: unknown[] = Object.values(manifest?.files ?? {});
  const areFiles = files.every((file) => {
    const { bytes, sha256 } = (file ?? {}) as { bytes?: unknown; sha256?: unknown };
    return typeof bytes === "number" && typeof sha256 === "string";
  });
  return files.length > 0 && areFiles ? manifest : undefined;
}

function isSource(value: unknown): boolean {
  return value === "huggingface" || value === "npm";
}

export function manifestPath(folder: string): string {
  return join(folder, MANIFEST);
}

/** What the last fetch said of itself; undefined when none did, or when the file is none of ours. */
export function readNote(folder: string): FetchNote | undefined {
  const note = readJson<FetchNote>(join(folder, NOTE));
  if (note?.kind === "fetching") {
    const numbers: unknown[] = [note.pid, note.started_at, note.bytes, note.total];
    return isSource(note.source) && numbers.every(Number.isInteger) ? note : undefined;
  }
  if (note?.kind !== "failed") return undefined;
  const texts: unknown[] = [note.why, note.hint ?? "", note.at, note.retry_at];
  const isOurs = Number.isInteger(note.failures) && texts.every((text) => typeof text === "string");
  return isOurs && !Number.isNaN(Date.parse(note.retry_at)) ? note : undefined;
}

/** Writes down how a fetch is going. A note that cannot be written costs nothing but itself. */
export function writeNote(folder: string, note: FetchNote): void {
  try {
    writeFileSync(join(folder, NOTE), JSON.stringify(note), { mode: 0o600 });
  } catch {}
}

export function clearNote(folder: string): void {
  rmSync(join(folder, NOTE), { force: true });
}

/** Removes what `keep` does not name: pieces that a killed fetch or an older sb left. */
export function sweep(folder: string, keep: (name: string) => boolean): void {
  for (const name of readdirSync(folder)) {
    if (!keep(name)) rmSync(join(folder, name), { force: true, recursive: true });
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return statSync(path).size;
  } catch {
    return undefined;
  }
}

function readJson<T>(path: string): T | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof value === "object" && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
