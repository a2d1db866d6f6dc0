import type { Database } from "bun:sqlite";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ConfigFault, faultText } from "../kernel/config.ts";
import { isoTime, sha256 } from "../kernel/text.ts";
import type { ProjectIdentity } from "../project/detect.ts";
import { projectSlug } from "../transcript/slug.ts";
import type { FileTotals } from "../transcript/totals.ts";
import { isHistoryRead } from "./backfill.ts";
import { hookLink } from "./hook-link.ts";

/** One link of the chain from the conversation to the memory. Times are epoch ms. */
export interface Link {
  readonly name: "settings" | "hook" | "transcript" | "parser" | "database";
  readonly ok: boolean;
  readonly lastAt: number | null;
  readonly detail: string;
}

/** More rows of unknown types than this share, and the client's format has moved on. */
const UNKNOWN_SHARE = 0.2;

/** More unreadable lines than this share, and what is read is not a transcript. */
const BAD_SHARE = 0.05;

/** Rows below which a share says nothing. */
const FEW_ROWS = 50;

/** A transcript that went on for so long unread is not going to be read by itself. In milliseconds. */
const LATE_MS = 3_600_000;

/**
 * Whether what a changed transcript holds is kept late. The client writes rows of its own behind the
 * last turn: a file that was read shortly before its last change is as good as read. Epoch ms.
 */
export function isLate(
  { changedAt, readAt }: { changedAt: number; readAt: number | undefined },
  now: number,
): boolean {
  return now - changedAt > LATE_MS && changedAt - (readAt ?? 0) > LATE_MS;
}

/** What the links are told from. */
export interface Seen {
  readonly db: Database;
  readonly totals: FileTotals;
  readonly identity: ProjectIdentity;
  /** The client's folder. */
  readonly claude: string;
  readonly transcripts: string;
  readonly writable: boolean;
  readonly left: boolean;
  readonly now: number;
  readonly faults: readonly ConfigFault[];
}

/** The latest changed transcript of a project. */
interface Newest {
  readonly path: string;
  readonly changedAt: number;
}

/** Whether each link holds, told from what was read so far and what lies in the project's folder. */
export function recordingLinks(seen: Seen): Link[] {
  const { totals, db, claude, now, left } = seen;
  const inFolder = newestIn(join(seen.transcripts, projectSlug(seen.identity.root)));
  const found = inFolder === "unreadable" ? inFolder : later(inFolder, newestRead(seen));
  const changedAt = left || found === "unreadable" ? undefined : found?.changedAt;
  return [
    ...settingsLinks(seen.faults),
    hookLink(db, { claude, now, changedAt }),
    transcriptLink(seen, found),
    parserLink(totals),
    {
      name: "database",
      ok: seen.writable,
      lastAt: totals.lastReadAt,
      detail: seen.writable ? "writable" : "cannot be written: nothing new is kept",
    },
  ];
}

/** Only where something of the settings cannot be read. Bad values break the chain if all is hidden. */
function settingsLinks(faults: readonly ConfigFault[]): Link[] {
  if (faults.length === 0) return [];
  const detail = faults.map(faultText).join("; ");
  return [{ name: "settings", ok: !faults.some(({ hides }) => hides), lastAt: null, detail }];
}

function transcriptLink(
  { db, totals, left, now, transcripts }: Seen,
  newest: Newest | "unreadable" | undefined,
): Link {
  const link = { name: "transcript" as const, lastAt: totals.lastReadAt };
  if (left) return { ...link, ok: false, detail: "paused or ignored: nothing is recorded" };
  if (newest === "unreadable") {
    return { ...link, ok: false, detail: `${transcripts} cannot be read: run sb doctor` };
  }
  if (newest === undefined) {
    return { ...link, ok: true, detail: "no transcript of this project yet" };
  }
  const changed = `newest transcript changed ${isoTime(newest.changedAt)}`;
  const read = lastReading(db, newest.path);
  // What lay there before sb did is read bit by bit: that it takes its time breaks nothing.
  const isAwaited = read !== undefined || isHistoryRead(db);
  const isUnread = read?.modifiedAt !== newest.changedAt;
  const lag = { changedAt: newest.changedAt, readAt: read?.at };
  if (!(isAwaited && isUnread && isLate(lag, now))) return { ...link, ok: true, detail: changed };
  const detail = `${changed}, last read ${read ? isoTime(read.at) : "never"}: run sb ingest`;
  return { ...link, ok: false, detail };
}

/** When a transcript was read last, and when it had changed by then. */
function lastReading(db: Database, path: string): { at: number; modifiedAt: number } | undefined {
  return (
    db
      .query<{ at: number; modifiedAt: number }, [string]>(
        "SELECT read_at AS at, modified_at AS modifiedAt FROM transcript_file WHERE path_hash = ?",
      )
      .get(sha256(path)) ?? undefined
  );
}

/** Whether what was read last is of the format that is known: what was read long ago says nothing. */
export function parserLink({ recent, lastReadAt, ...totals }: FileTotals): Link {
  const { rows, badRows, unknownRows } = recent;
  const all = rows + badRows;
  const [unknown, bad] = [unknownRows / all > UNKNOWN_SHARE, badRows / all > BAD_SHARE];
  const counts = `${totals.rows} rows read, ${totals.badRows} bad, ${totals.unknownRows} of unknown types`;
  if (all < FEW_ROWS || !(unknown || bad)) {
    return { name: "parser", ok: true, lastAt: lastReadAt, detail: counts };
  }
  const share = Math.round((100 * (unknown ? unknownRows : badRows)) / all);
  const what = unknown ? "of types that this sb does not know" : "no JSON";
  const detail = `${share} % of the rows read last are ${what}: a newer sb may read them`;
  return { name: "parser", ok: false, lastAt: lastReadAt, detail };
}

/** The newest transcript of the project among those that were read, in whatever folder it lies. */
function newestRead({ db, identity }: Seen): Newest | undefined {
  const row = db
    .query<{ path: string }, [string]>(
      "SELECT path FROM transcript_file WHERE project_key = ? ORDER BY modified_at DESC LIMIT 1",
    )
    .get(identity.key);
  // What is gone, or kept under a redacted name, is not to be found.
  const stat = row && statSync(row.path, { throwIfNoEntry: false });
  return stat ? { path: row.path, changedAt: Math.trunc(stat.mtimeMs) } : undefined;
}

function later(one: Newest | undefined, other: Newest | undefined): Newest | undefined {
  return one && other && one.changedAt < other.changedAt ? other : (one ?? other);
}

function newestIn(folder: string): Newest | "unreadable" | undefined {
  let newest: Newest | undefined;
  try {
    // Told apart without an error: making one takes longer than the look.
    if (!statSync(folder, { throwIfNoEntry: false })) return undefined;
    for (const name of readdirSync(folder)) {
      if (!name.endsWith(".jsonl")) continue;
      const path = join(folder, name);
      const changedAt = Math.trunc(statSync(path).mtimeMs);
      if (!newest || changedAt > newest.changedAt) newest = { path, changedAt };
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? newest : "unreadable";
  }
  return newest;
}
