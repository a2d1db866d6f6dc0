import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { ProjectIdentity } from "../project/detect.ts";
import type { ProjectFinder } from "../project/finder.ts";
import type { Ports } from "../services.ts";
import { fileTotals } from "../transcript/totals.ts";
import { type Link, recordingLinks } from "./recording.ts";

/** Files up to this size are checked whole whenever someone looks; larger ones by health_check. */
const QUICK_CHECK_BYTES = 2 * 1024 * 1024;

/** Whether what is said in `identity` is being kept, link by link. */
export function recording(
  ports: Pick<Ports, "db" | "clock" | "paths" | "config">,
  project: Pick<ProjectFinder, "isLeftAlone">,
  identity: ProjectIdentity,
) {
  const totals = fileTotals(ports.db);
  const links = recordingLinks({
    db: ports.db,
    faults: ports.config.faults,
    now: ports.clock.now(),
    totals,
    identity,
    claude: ports.paths.claude,
    transcripts: ports.paths.transcripts,
    writable: isWritable(ports.paths.database),
    left: project.isLeftAlone(identity),
  });
  const lastAt = totals.lastReadAt;
  return {
    ok: links.every(({ ok }) => ok),
    last_recorded_at: lastAt === null ? null : new Date(lastAt).toISOString(),
    links: links.map(shownLink),
  };
}

function shownLink({ name, ok, lastAt, detail }: Link) {
  return { name, ok, last_at: lastAt === null ? null : new Date(lastAt).toISOString(), detail };
}

/** Size and soundness of the store; a large one is only checked whole by `health_check`. */
export function storage(ports: Ports) {
  const { paths } = ports;
  const bytes = sizeOf(paths.database) + sizeOf(`${paths.database}-wal`);
  const integrity =
    bytes <= QUICK_CHECK_BYTES ? quickCheck(ports) : "unchecked: sb session health reads it all";
  return { bytes, path: paths.database, integrity };
}

/** What SQLite says of the whole file: `ok`, or the first thing wrong. */
export function quickCheck({ db }: Pick<Ports, "db">): string {
  const row = db.query<{ quick_check: string }, []>("PRAGMA quick_check(1)").get();
  return row?.quick_check ?? "unchecked";
}

/** All that SQLite finds wrong in the file, up to a hundred. */
export function damages(db: Ports["db"]): string[] {
  const rows = db.query<{ quick_check: string }, []>("PRAGMA quick_check(100)").all();
  return rows.map(({ quick_check }) => quick_check).filter((found) => found !== "ok");
}

/** The nearest folder upwards that exists. */
export function existingAbove(folder: string): string {
  let path = folder;
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
  return path;
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

/** Whether a file can be written, or made in its folder. */
export function isWritable(path: string): boolean {
  try {
    const isThere = existsSync(path);
    if (isThere) accessSync(path, constants.W_OK);
    // SQLite makes files beside it.
    if (isThere) accessSync(dirname(path), constants.W_OK);
    if (isThere) return true;
    const folder = existingAbove(dirname(path));
    accessSync(folder, constants.W_OK);
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}
