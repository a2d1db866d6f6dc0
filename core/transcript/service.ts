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
import type { Exchange } from "./model.ts";
import { transcriptStore } from "./store.ts";
import { type Pass, readInSteps, readTranscript } from "./tail.ts";

/** Characters that a file's name may have and no path that is shown: controls and line ends. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A file's head is searched this far for the folder it was written in. */
const FIRST_PEEK_BYTES = 16 * 1024;
const PEEK_BYTES = 512 * 1024;

/** The first folder told, of as many bytes as a path has at most. */
const CWD = /"cwd":("(?:[^"\\\n]|\\.){1,4096}")/;

/** Bytes of a file between two cursors that are kept. */
const STRETCH_BYTES = 32 * 1024 * 1024;

export type TranscriptService = ReturnType<typeof transcriptService>;

/** Finds transcripts, reads what is new in them, and remembers how far it came. */
export function transcriptService(ports: { db: Database; clock: Clock; paths: Paths }) {
  const store = transcriptStore(ports.db);
  /** By the file as it was listed: its head is read once, not before and after its rows. */
  const folders = new WeakMap<TranscriptName, string>();

  function cwdOf(file: TranscriptName): string | undefined {
    const cwd = folders.get(file) ?? peekCwd(file.path);
    if (cwd !== undefined) folders.set(file, cwd);
    return cwd;
  }

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

    /** The project a file was found to belong to when it was last read. */
    projectOf: (file: TranscriptFile) => store.progressOf(file.path)?.projectKey,

    /** When a file was last read, epoch ms; undefined when it never was. */
    readAt: (file: TranscriptFile) => store.progressOf(file.path)?.readAt,

    /** The byte up to which a file was read. */
    readTo: (file: TranscriptFile) => store.progressOf(file.path)?.cursor.offset ?? 0,

    /**
     * Reads what is new in `file`, a piece at each step. `onPass` gets how each stretch of some
     * `STRETCH_BYTES` ended, whose cursor `finish` keeps: a huge file cut off goes on from there.
     */
    *read(
      file: TranscriptFile,
      onExchange: (exchange: Exchange) => void,
      onPass: (pass: Pass) => void,
    ): Generator<number, void> {
      let cursor = store.progressOf(file.path)?.cursor;
      for (;;) {
        const pass = yield* readInSteps({ file, cursor, onExchange, maxBytes: STRETCH_BYTES });
        onPass(pass);
        if (pass.kind !== "read" || !pass.more) return;
        cursor = pass.cursor;
      }
    },

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

    /** Remembers how far a pass came: in one transaction with what was stored from it. */
    finish(file: TranscriptFile, pass: Extract<Pass, { kind: "read" }>, projectKey?: string): void {
      store.save({
        path: file.path,
        shownPath: shownPath(file, cwdOf(file)),
        sessionId: file.sessionId,
        agentId: file.agentId,
        projectKey,
        cursor: pass.cursor,
        counts: pass.counts,
        recount: pass.rescanned,
        at: ports.clock.now(),
      });
    },

    extend: store.extend,
    conversation: store.conversation,
    conversations: store.conversations,
    times: store.times,
  };
}

function peekCwd(path: string): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    return peek(fd, FIRST_PEEK_BYTES) ?? peek(fd, PEEK_BYTES);
  } catch {
    return undefined; // unreadable or no JSON: reading it tells, and counts it
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function peek(fd: number, bytes: number): string | undefined {
  const head = Buffer.allocUnsafe(bytes);
  // Searched as Latin-1, which decodes at memory speed: only what is found is UTF-8.
  const [, json] = CWD.exec(head.toString("latin1", 0, readSync(fd, head, 0, bytes, 0))) ?? [];
  return json ? String(JSON.parse(Buffer.from(json, "latin1").toString("utf8"))) : undefined;
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
