import { chmodSync, existsSync, lstatSync, readdirSync, statfsSync, statSync } from "node:fs";
import { platform } from "node:os";
import { dirname, join } from "node:path";
import { brokenCursors, tryRecall, tryWrite } from "../../core/archive/soundness.ts";
import { deepDamageOf, modelFolder, modelState, readManifest } from "../../core/embedding/state.ts";
import { SbError } from "../../core/kernel/errors.ts";
import { type Paths, resolvePaths } from "../../core/kernel/paths.ts";
import { collapse } from "../../core/kernel/text.ts";
import { indexProblems } from "../../core/search/index-proof.ts";
import { lostVectors } from "../../core/search/vector-proof.ts";
import { damages, existingAbove } from "../../core/session/overview.ts";
import { INDEX_HINT, storageFailure } from "../../core/storage/failure.ts";
import { schemaVersion } from "../../core/storage/migrate.ts";
import { bytesText, plural } from "../render/layout.ts";
import { type Check, checkOf, messageOf, NOT_LOOKED_AT, quotedPath, type Ward } from "./check.ts";

/** Below this much free disk, in bytes, writes may soon fail. */
const LOW_DISK = 256 * 1024 * 1024;

/** Whether the store can be read whole, written and searched. */
export function databaseCheck({ services, failure, invocation: { host } }: Ward): Check {
  const { ok, broken } = checkOf("database");
  const paths = resolvePaths(host.env);
  if (!services) return broken(messageOf(failure), mendFor(failure, paths));
  const { db } = services.ports;
  if (!existsSync(paths.database)) return ok("none yet: it is made when something is kept");
  try {
    const found = damages(db);
    if (found.length > 0) {
      const isIndex = found.every((one) => /\bfts5\b/i.test(one));
      const way = isIndex ? "sb doctor --fix" : movedAway(paths);
      return broken(`it is damaged: ${collapse(found[0] ?? "")}`, way);
    }
    tryWrite(db);
    if (!tryRecall(services)) return broken("what is stored is not found", "sb doctor --fix");
    return ok(`schema ${schemaVersion(db)}, sound, written to and searched: ${paths.database}`);
  } catch (error) {
    const failed = storageFailure(error, paths.database);
    return broken(messageOf(failed), mendFor(failed, paths));
  }
}

/** A check that cannot be made: the store does not let it. */
export function failedCheck(name: string, error: unknown, { invocation: { host } }: Ward): Check {
  const paths = resolvePaths(host.env);
  const failure = storageFailure(error, paths.database);
  return checkOf(name).broken(`not looked at: ${messageOf(failure)}`, mendFor(failure, paths));
}

function mendFor(failure: unknown, paths: Paths): string {
  if (!(failure instanceof SbError)) return "sb doctor --fix";
  if (failure.code === "corrupt") {
    return failure.hint === INDEX_HINT ? "sb doctor --fix" : movedAway(paths);
  }
  if (/full/.test(failure.message)) return `df -h ${quotedPath(existingAbove(paths.data))}`;
  if (/read-only|cannot be opened/.test(failure.message)) {
    return `chmod -R u+rwX ${quotedPath(existingAbove(paths.data))}`;
  }
  return failure.hint ?? "sb doctor --fix";
}

/**
 * Puts a damaged file aside, whole, and makes the store anew from the transcripts. Its log goes with
 * it: the last memories may be in there, and SQLite would delete it.
 */
function movedAway({ database }: Paths): string {
  const files = [database, `${database}-wal`, `${database}-shm`].filter((file) => existsSync(file));
  let folder = `${database}.damaged`;
  for (let n = 2; existsSync(folder); n += 1) folder = `${database}.damaged-${n}`;
  const aside = quotedPath(folder);
  return `mkdir ${aside} && mv ${files.map(quotedPath).join(" ")} ${aside} && sb ingest --all`;
}

/** Whether every memory can be found by its words, and every file can be read on. */
export function indexCheck({ services }: Ward): Check {
  const { ok, warn, broken } = checkOf("index");
  if (!services) return warn(NOT_LOOKED_AT);
  const { words, derived } = indexProblems(services.ports.db);
  const problems = [words, derived].filter((problem) => problem !== undefined);
  if (problems.length > 0) return broken(collapse(problems.join("; ")), "sb doctor --fix");
  const lost = brokenCursors(services.ports.db);
  if (lost === 0) return ok("every memory is in the index of words, and found by its words");
  const what = plural(lost, "transcript");
  return broken(`${what} cannot be read on: the place is lost`, "sb doctor --fix");
}

/** Whether there is room to write. */
export function diskCheck({ invocation: { host } }: Ward): Check {
  const { ok, warn, broken } = checkOf("disk");
  const folder = existingAbove(resolvePaths(host.env).data);
  try {
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    const detail = `${bytesText(free)} free in ${folder}`;
    if (free === 0) return broken(detail, `df -h ${quotedPath(folder)}`);
    return free < LOW_DISK ? warn(detail, `df -h ${quotedPath(folder)}`) : ok(detail);
  } catch (error) {
    return warn(messageOf(error));
  }
}

/** Files and folders of ours that others on the machine can read. */
export function exposed({ data }: Paths): string[] {
  if (platform() === "win32") return []; // it has no such modes
  const files = entriesOf(data).filter((name) => /^session-buddy\.db/.test(name));
  const paths = [data, ...files.map((name) => join(data, name))];
  return paths.filter((path) => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat !== undefined && !stat.isSymbolicLink() && (stat.mode & 0o077) !== 0;
  });
}

/** Whether nobody else on the machine can read the memory. */
export function permissionsCheck({ invocation: { host } }: Ward): Check {
  const { ok, warn } = checkOf("permissions");
  const open = exposed(resolvePaths(host.env));
  if (open.length === 0) return ok("the memory is this user's alone");
  return warn(`others may read ${open.join(", ")}`, "sb doctor --fix");
}

/** Takes from others what they may do with `exposed` files and folders. */
export function close(paths: readonly string[]): void {
  for (const path of paths) chmodSync(path, statSync(path).isDirectory() ? 0o700 : 0o600);
}

/** Names of drafts that a killed process leaves: `<name>.<uuid>`, `<name>.<uuid>.tmp`. */
const DRAFT = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.tmp)?$/;

/** After this nobody writes at a draft any more, in milliseconds. */
const DRAFT_MS = 3_600_000;

/** What killed runs left behind in folders of ours, and beside the client's files that we write. */
export function leftovers({ invocation: { host } }: Ward): string[] {
  const paths = resolvePaths(host.env);
  const ours = /^(?:settings\.json|\.claude\.json|session-buddy\.)/;
  const places: readonly (readonly [string, RegExp])[] = [
    [paths.data, /./],
    [paths.native, /./],
    [paths.backups, /./],
    [paths.claude, ours],
    [dirname(paths.claude), /^\.claude\.json\./],
  ];
  const drafts = places.flatMap(([folder, name]) =>
    entriesOf(folder)
      .filter((entry) => DRAFT.test(entry) && name.test(entry))
      .map((entry) => join(folder, entry))
      .filter(isOld),
  );
  return [...new Set(drafts)];
}

function isOld(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true && Date.now() - stat.mtimeMs > DRAFT_MS;
}

export function leftoversCheck(ward: Ward): Check {
  const { ok, warn } = checkOf("leftovers");
  const found = leftovers(ward);
  if (found.length === 0) return ok("none");
  return warn(`killed runs left ${found.join(", ")}`, "sb doctor --fix");
}

/** Whether meaning is searched too: everything works without, by words. */
export function modelCheck({ services }: Ward): Check {
  const { ok, warn } = checkOf("model");
  if (!services) return warn(NOT_LOOKED_AT);
  const model = modelState(services.ports);
  switch (model.state) {
    case "off":
      return ok("switched off: search goes by words");
    case "ready":
      return readyCheck(services, `${model.precision}, ${bytesText(model.bytes)}`);
    case "fetching":
      return ok(`${bytesText(model.bytes)} of ${bytesText(model.total)} fetched`);
    case "failed":
      return warn(
        `${model.why}: search goes by words alone`,
        "sb model pull, or sb model pull --from-file FILE",
      );
    case "absent":
      return warn("not there: search goes by words alone", "sb model pull");
  }
}

/** Whether the model is what was put there, byte by byte, and each vector of it one. */
function readyCheck({ ports }: NonNullable<Ward["services"]>, what: string): Check {
  const { ok, warn } = checkOf("model");
  const folder = modelFolder(ports.paths);
  const manifest = readManifest(folder);
  const why = manifest && deepDamageOf(folder, manifest);
  if (why) return warn(`${why}: search goes by words alone`, "sb model pull");
  const lost = lostVectors(ports.db).length;
  if (lost === 0) return ok(what);
  const told = `${what}; ${plural(lost, "memory", "memories")} without a sound vector`;
  return warn(`${told}: found by words alone`, "sb ingest --all --embed");
}

/** Names of what is in a folder; none where it cannot be read. */
export function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
