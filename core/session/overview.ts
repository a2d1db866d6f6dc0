import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { ProjectIdentity } from "../project/detect.ts";
import type { Services } from "../services.ts";
import { vectorSupport } from "../storage/vector-support.ts";
import { type Link, recordingLinks } from "./recording.ts";

/** Files up to this size are checked whole whenever someone looks; larger ones by health_check. */
const QUICK_CHECK_BYTES = 16 * 1024 * 1024;

/** Below this much free disk, in bytes, writes may soon fail. */
const LOW_DISK = 256 * 1024 * 1024;

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Whether what is said in `identity` is being kept, link by link. */
export function recording(services: Services, identity: ProjectIdentity) {
  const { ports, project, transcript } = services;
  const links = recordingLinks({
    totals: transcript.totals(),
    identity,
    transcripts: ports.paths.transcripts,
    writable: isWritable(ports.paths.database),
    left: project.isLeftAlone(identity),
  });
  const lastAt = transcript.totals().lastReadAt;
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
export function storage(services: Services) {
  const { paths } = services.ports;
  const bytes = sizeOf(paths.database) + sizeOf(`${paths.database}-wal`);
  const integrity =
    bytes <= QUICK_CHECK_BYTES ? quickCheck(services) : "unchecked: sb session health reads it all";
  return { bytes, path: paths.database, integrity };
}

/** Looks at what everything rests on. Slower than a status: the whole database is read. */
export function healthChecks(services: Services): Check[] {
  const { ports } = services;
  const integrity = quickCheck(services);
  const { files, unreadable } = services.transcript.locate();
  return [
    { name: "database", ok: integrity === "ok", detail: integrity },
    {
      name: "data folder",
      ok: isWritable(ports.paths.database),
      detail: ports.paths.data,
    },
    {
      name: "transcripts",
      ok: unreadable === 0,
      detail: `${files.length} files, ${unreadable} folders unreadable`,
    },
    diskCheck(ports.paths.data),
    { name: "vectors", ok: true, detail: vectorSupport(ports.paths.native) },
  ];
}

function quickCheck({ ports }: Services): string {
  const row = ports.db.query<{ quick_check: string }, []>("PRAGMA quick_check(1)").get();
  return row?.quick_check ?? "unchecked";
}

function diskCheck(folder: string): Check {
  try {
    const { bavail, bsize } = statfsSync(existingAbove(folder));
    const free = bavail * bsize;
    return {
      name: "disk",
      ok: free > LOW_DISK,
      detail: `${Math.round(free / 1024 / 1024)} MB free`,
    };
  } catch (error) {
    return { name: "disk", ok: false, detail: String(error) };
  }
}

function existingAbove(folder: string): string {
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

function isWritable(path: string): boolean {
  try {
    if (existsSync(path)) accessSync(path, constants.W_OK);
    const folder = existingAbove(dirname(path));
    accessSync(folder, constants.W_OK);
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}
