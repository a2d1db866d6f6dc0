import type { Database } from "bun:sqlite";
import { closeSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import type { Paths } from "../kernel/paths.ts";
import type { Clock } from "../kernel/ports.ts";
import { redact } from "../kernel/redact.ts";
import {
  locateSession,
  locateTranscripts,
  type TranscriptFile,
  type TranscriptName,
} from "./locate.ts";
import type { Exchange, FileCursor, ReadCounts } from "./model.ts";
import { type FileProgress, transcriptStore } from "./store.ts";
import { type Pass, readInSteps, readTranscript } from "./tail.ts";

/** Characters that a file's name may have and no path that is shown: controls and line ends. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Bytes of a file in which the folder it was written in nearly always stands. */
const FIRST_PEEK_BYTES = 16 * 1024;
/** Bytes that are searched for it at a time where it does not. */
const PEEK_BYTES = 512 * 1024;
/** So far it is searched: a first prompt full of pictures has no more, as the API takes no more. */
const MOST_PEEK_BYTES = 32 * 1024 * 1024;

/** The first folder told, of as many bytes as a path has at most: fewer than `FIRST_PEEK_BYTES`. */
const CWD = /"cwd"\s{0,8}:\s{0,8}("(?:[^"\\\n]|\\.){1,4096}")/;

/** Bytes of a file between two cursors that are kept. */
const STRETCH_BYTES = 32 * 1024 * 1024;

/** A stretch of a file that was read. */
export interface Stretch {
  readonly pass: Extract<Pass, { kind: "read" }>;
  /** What was remembered of the file before, by this reading or by an earlier one. */
  readonly seen: FileProgress | undefined;
  /** Counts of all rows up to the pass's end. */
  readonly counts: ReadCounts;
  /** The rules under which what lies before the stretch was left out. */
  readonly leftOut: string | undefined;
}

/** What was found in a file besides its exchanges. */
export interface Found {
  readonly projectKey: string | undefined;
  /** The rules under which exchanges were left out. */
  readonly leftOut: string | undefined;
}

const NO_ROWS: ReadCounts = { rows: 0, badRows: 0, unknownRows: 0 };

export type TranscriptService = ReturnType<typeof transcriptService>;

/** Finds transcripts, reads what is new in them, and remembers how far it came. */
export function transcriptService(ports: { db: Database; clock: Clock; paths: Paths }) {
  const store = transcriptStore(ports.db);
  const cwdOf = folderReader();

  return {
    /** Every transcript on the machine that `isWanted`, newest first. */
    locate: (isWanted?: (path: string) => boolean) =>
      locateTranscripts(ports.paths.transcripts, isWanted),

    /** One conversation's file and those of its subagents. */
    locateSession: (sessionId: string) => locateSession(ports.paths.transcripts, { sessionId }),

    /** Those of `files` that changed since they were last read. */
    changed: store.changed,

    /** The folder a transcript was written in, from the rows at its head: never from its name. */
    cwdOf,

    shownPath: (file: TranscriptName): string => shownPath(file, cwdOf(file)),

    /** What is known of `files` without a look at them, by path. */
    sights: store.sights,

    /** Keeps what looks at the heads of files told, by path. */
    keepHeads: store.keepHeads,

    /** When a file was last read, epoch ms; undefined when it never was. */
    readAt: (file: TranscriptFile) => store.progressOf(file.path)?.readAt,

    /** The byte up to which a file was read. */
    readTo: (file: TranscriptFile) => store.progressOf(file.path)?.cursor.offset ?? 0,

    /** Reads what is new in `file`, a piece at each step. */
    read: (file: TranscriptFile, reader: Reader): Generator<number, void> =>
      readNews(file, store.progressOf(file.path), reader),

    /**
     * The exchanges in the last `bytes` bytes of `file`, which nothing remembers as read. The first
     * may lack its beginning.
     */
    readEnd(file: TranscriptFile, bytes: number): Exchange[] {
      const from = file.size - bytes;
      const exchanges: Exchange[] = [];
      readTranscript({
        file,
        ...(from > 0 ? { from } : {}),
        onExchange: (found) => exchanges.push(found),
      });
      return exchanges;
    },

    /**
     * Remembers how far a stretch came: in one transaction with what was stored from it. Where another
     * process has come as far meanwhile, what that one remembered stands.
     * @returns what was counted that nobody had counted before.
     */
    finish(file: TranscriptFile, stretch: Stretch, found: Found): ReadCounts {
      const { pass, counts } = stretch;
      const now = store.progressOf(file.path);
      if (now && isOvertaken(stretch, now.cursor)) return NO_ROWS;
      store.save({
        path: file.path,
        shownPath: shownPath(file, cwdOf(file)),
        sessionId: file.sessionId,
        agentId: file.agentId,
        projectKey: found.projectKey,
        cursor: pass.cursor,
        counts,
        leftOut: found.leftOut ?? stretch.leftOut,
        at: ports.clock.now(),
      });
      return pass.rescanned ? counts : sum(counts, now?.counts ?? NO_ROWS, -1);
    },

    extend: store.extend,
    conversation: store.conversation,
    conversations: store.conversations,
    times: store.times,
  };
}

/** Where what a reading finds goes. */
interface Reader {
  readonly rules: () => string;
  readonly onExchange: (exchange: Exchange) => void;
  readonly onStretch: (stretch: Stretch) => void;
  readonly onFailure: (pass: Exclude<Pass, { kind: "read" }>) => void;
}

/**
 * Reads what is new in `file` after what was `known` of it, and all of it again where other than the
 * present `rules` left something out. `onStretch` gets how each stretch of some `STRETCH_BYTES`
 * ended, whose cursor `finish` keeps: a huge file cut off goes on from there.
 */
function* readNews(
  file: TranscriptFile,
  known: FileProgress | undefined,
  { rules, onExchange, onStretch, onFailure }: Reader,
): Generator<number, void> {
  let seen = known;
  let from = known?.leftOut !== undefined && known.leftOut !== rules() ? undefined : known;
  for (;;) {
    const { cursor } = from ?? {};
    const pass = yield* readInSteps({ file, cursor, onExchange, maxBytes: STRETCH_BYTES });
    if (pass.kind !== "read") {
      onFailure(pass);
      return;
    }
    const base = pass.rescanned ? undefined : from;
    const counts = sum(base?.counts ?? NO_ROWS, pass.counts, 1);
    onStretch({ pass, seen, counts, leftOut: base?.leftOut });
    if (!pass.more) return;
    const { leftOut, projectKey } = base ?? {};
    from = { cursor: pass.cursor, counts, leftOut, projectKey, readAt: 0 };
    seen = from;
  }
}

/** Whether the file's cursor is no longer the one that the reading knew, and as far as it came. */
function isOvertaken({ pass, seen }: Stretch, now: FileCursor): boolean {
  const isAs = (other: FileCursor | undefined) =>
    other?.offset === now.offset && other.prefixHash === now.prefixHash;
  const { device, inode, offset } = pass.cursor;
  if (isAs(seen?.cursor) || now.device !== device || now.inode !== inode) return false;
  return now.offset >= offset;
}

/** Never below nothing: a file may have shrunk. */
function sum(a: ReadCounts, b: ReadCounts, sign: 1 | -1): ReadCounts {
  const add = (key: keyof ReadCounts) => Math.max(0, a[key] + sign * b[key]);
  return { rows: add("rows"), badRows: add("badRows"), unknownRows: add("unknownRows") };
}

/** By the file as it was listed: its head is read once, not before and after its rows. */
function folderReader(): (file: TranscriptName) => string | undefined {
  const folders = new WeakMap<TranscriptName, string>();
  return (file) => {
    const cwd = folders.get(file) ?? peekCwd(file.path);
    if (cwd !== undefined) folders.set(file, cwd);
    return cwd;
  };
}

function peekCwd(path: string): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    let window = { at: 0, bytes: FIRST_PEEK_BYTES };
    while (window.at < MOST_PEEK_BYTES) {
      const { cwd, isEnd } = peek(fd, window);
      if (cwd !== undefined || isEnd) return cwd;
      // Windows overlap by more than a path, so that none hides on a border.
      const at = window.at + window.bytes - FIRST_PEEK_BYTES;
      window = { at, bytes: PEEK_BYTES };
    }
    return undefined;
  } catch {
    return undefined; // unreadable or no JSON: reading it tells, and counts it
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function peek(
  fd: number,
  { at, bytes }: { at: number; bytes: number },
): { cwd?: string; isEnd: boolean } {
  const window = Buffer.allocUnsafe(bytes);
  const got = readSync(fd, window, 0, bytes, at);
  const isEnd = got < bytes;
  // Searched as Latin-1, which decodes at memory speed: only what is found is UTF-8.
  const [, json] = CWD.exec(window.toString("latin1", 0, got)) ?? [];
  if (!json) return { isEnd };
  return { cwd: String(JSON.parse(Buffer.from(json, "latin1").toString("utf8"))), isEnd };
}

/**
 * A transcript's path as it may be kept and shown: the folder's name is made from the working
 * folder's and hides the shape of a credential in it, so it is left out where that folder's own path
 * has one. What would write on the reader's terminal is replaced.
 */
function shownPath(file: TranscriptName, cwd: string | undefined): string {
  const isClean = cwd === undefined || redact(cwd).text === cwd;
  const path = isClean ? file.path : basename(file.path);
  return redact(path).text.replace(UNPRINTABLE, "\ufffd");
}
