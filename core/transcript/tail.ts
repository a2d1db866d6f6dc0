import { closeSync, fstatSync, openSync, type Stats, statSync } from "node:fs";
import { type Source, timeOf } from "./draft.ts";
import { ExchangeAssembler, type PartLimits } from "./exchange.ts";
import { FactsReader } from "./facts.ts";
import { type FeedLimits, LineFeed } from "./feed.ts";
import { contains, fingerprint } from "./fingerprint.ts";
import { type Line, parseLine } from "./lines.ts";
import { nameTranscript, type TranscriptName } from "./locate.ts";
import type { Before, Exchange, FileCursor, ReadCounts, SessionFacts } from "./model.ts";
import { isKnown, isRead, type Row } from "./rows.ts";

/** What became of one pass over a file. None of these is an error: files come and go. */
export type Pass =
  | { readonly kind: "unchanged" }
  | {
      readonly kind: "read";
      readonly cursor: FileCursor;
      readonly counts: ReadCounts;
      readonly facts: SessionFacts;
      /** The file is no longer the one that was read before: all of it was read, and counted, again. */
      readonly rescanned: boolean;
      /** Whether the pass stopped at `maxBytes` with lines still to read. */
      readonly more: boolean;
    }
  | { readonly kind: "gone" }
  | { readonly kind: "unreadable"; readonly reason: string };

/** Sizes that bound what a pass holds in memory and reads twice. */
export type ReadLimits = FeedLimits & PartLimits;

const KB = 1024;
const MB = 1024 * KB;

/** Chosen so that a pass stays below some 50 MB beyond the runtime's own, whatever the file. */
export const READ_LIMITS: ReadLimits = {
  chunkBytes: MB,
  longLineBytes: 4 * MB,
  shrink: { headBytes: 32 * KB, tailBytes: 8 * KB, lineBytes: 16 * MB },
  partChars: 64 * KB,
  partBytes: 16 * MB,
};

/** Bytes at the file's head by which it is known again. */
const PREFIX_BYTES = 4 * KB;

/** One pass over one file. */
export interface ReadRequest {
  readonly file: TranscriptName | string;
  /** Where the last pass stopped; without it the file is read whole. */
  readonly cursor?: FileCursor | undefined;
  /** Without a cursor: the byte to begin at, in the middle of a line, which is left out. */
  readonly from?: number;
  /** Gets each exchange with something new in file order; one still open comes again when it grows. */
  readonly onExchange: (exchange: Exchange) => void;
  /** New bytes after which the pass stops at the next newline, so that its cursor can be kept. */
  readonly maxBytes?: number;
}

/**
 * Reads what is new in a file since `cursor`, up to its last newline, in memory that does not grow
 * with the file. An exchange with a known id replaces what an earlier pass said of it.
 *
 * @throws only what `onExchange` throws; whatever ails the file is in the answer.
 */
export function readTranscript(request: ReadRequest): Pass {
  const steps = readInSteps(request);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * `readTranscript` that yields the number of bytes after each read of the file, so that a server can
 * answer in between. Leaving it early closes the file.
 */
export function* readInSteps(
  request: ReadRequest,
  limits: ReadLimits = READ_LIMITS,
): Generator<number, Pass> {
  const file = typeof request.file === "string" ? nameTranscript(request.file) : request.file;
  const fd = orFailure(() => openFile(file.path));
  if (typeof fd !== "number") return fd;
  try {
    const stats = orFailure(() => fstatSync(fd));
    if ("kind" in stats) return stats;
    const pass = new FilePass({ ...request, file, fd, stats }, limits);
    return yield* pass.run();
  } finally {
    closeSync(fd);
  }
}

/** A named pipe would block its opener for ever, so only plain files are opened. */
function openFile(path: string): number {
  if (!statSync(path).isFile()) throw Object.assign(new Error(path), { code: "ENOTFILE" });
  return openSync(path, "r");
}

type Failure = Extract<Pass, { kind: "gone" | "unreadable" }>;

/** What `act` gives, or what its failure says of the file. */
function orFailure<T>(act: () => T): T | Failure {
  try {
    return act();
  } catch (error) {
    return failureOf(error);
  }
}

function failureOf(error: unknown): Failure {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  if (code === "ENOENT" || code === "ENOTDIR") return { kind: "gone" };
  return { kind: "unreadable", reason: code };
}

interface OpenRequest extends ReadRequest {
  readonly file: TranscriptName;
  readonly fd: number;
  readonly stats: Stats;
}

class FilePass {
  readonly #request: OpenRequest;
  readonly #limits: ReadLimits;
  readonly #facts = new FactsReader();
  readonly #assembler: ExchangeAssembler;
  /** Rows from here on have not been counted by an earlier pass. */
  #freshFrom = 0;
  #isKnown = false;
  #isCutShort = false;
  /** Epoch ms: the last readable time of the rows taken. */
  #time: number | undefined;
  #rows = 0;
  #badRows = 0;
  #unknownRows = 0;

  constructor(request: OpenRequest, limits: ReadLimits) {
    const { file, stats, onExchange } = request;
    const source: Source = {
      sessionId: file.sessionId,
      modifiedAt: Math.trunc(stats.mtimeMs),
      ...(file.agentId === undefined ? {} : { agentId: file.agentId }),
    };
    this.#request = request;
    this.#limits = limits;
    this.#assembler = new ExchangeAssembler(source, limits, onExchange);
  }

  *run(): Generator<number, Pass> {
    const { cursor, stats, fd } = this.#request;
    if (cursor && isUntouched(cursor, stats)) return { kind: "unchanged" };
    const known = cursor && this.#isSame(cursor) ? cursor : undefined;
    this.#isKnown = known !== undefined;
    this.#freshFrom = known?.offset ?? 0;
    this.#time = known?.before?.time;
    this.#assembler.resume(known?.before?.copied);
    const span = { fd, from: known?.resumeAt ?? this.#request.from ?? 0, to: stats.size };
    const feed = new LineFeed(span, this.#limits, (line) => this.#take(line));
    const error = yield* this.#readUntilFull(feed);
    return error === undefined ? this.#outcome(feed.offset) : failureOf(error);
  }

  /** @returns what the file system threw, if it did. */
  *#readUntilFull(feed: LineFeed): Generator<number, unknown> {
    const { maxBytes = Number.POSITIVE_INFINITY } = this.#request;
    const run = feed.run();
    for (;;) {
      const step = run.next();
      if (step.done) return step.value;
      yield step.value;
      const newBytes = feed.offset - this.#freshFrom;
      // At least one new line, so that passes of any size come to an end.
      if (newBytes > 0 && newBytes >= maxBytes && feed.offset < this.#request.stats.size) {
        this.#isCutShort = true;
        return undefined;
      }
    }
  }

  #outcome(offset: number): Pass {
    const { cursor, stats } = this.#request;
    const more = this.#isCutShort;
    const resumeAt = this.#assembler.opening?.at ?? offset;
    const before = this.#before();
    this.#assembler.flush();
    return {
      kind: "read",
      // A size short of the file's own keeps the next pass from taking it for one read whole.
      cursor: this.#cursor({ offset, resumeAt, before, size: more ? offset : stats.size }),
      counts: { rows: this.#rows, badRows: this.#badRows, unknownRows: this.#unknownRows },
      facts: this.#facts.facts((uuid) => this.#holds(uuid, offset)),
      rescanned: cursor !== undefined && !this.#isKnown,
      more,
    };
  }

  /** What the rows before the open segment told, before it is handed out. */
  #before(): Before {
    const { opening, copied } = this.#assembler;
    const time = opening === undefined ? this.#time : opening.timeBefore;
    return { ...(time === undefined ? {} : { time }), ...(copied === undefined ? {} : { copied }) };
  }

  #take(line: Line): void {
    if (line.at === this.#request.from) return;
    const isFresh = line.at >= this.#freshFrom;
    const parsed = parseLine(line);
    if (parsed.kind === "empty") return;
    const { at } = line;
    if (parsed.kind === "bad") {
      if (isFresh) this.#badRows += 1;
      for (const row of parsed.salvaged) this.#use(row, at, isFresh);
      return;
    }
    if (isFresh) {
      this.#rows += 1;
      if (!isKnown(parsed.row)) this.#unknownRows += 1;
    }
    this.#use(parsed.row, at, isFresh);
  }

  #use(row: Row, at: number, isFresh: boolean): void {
    if (!isRead(row)) return;
    if (isFresh) this.#facts.take(row);
    this.#assembler.take(row, { at, isFresh, timeBefore: this.#time });
    this.#time = timeOf(row["timestamp"], Math.trunc(this.#request.stats.mtimeMs)) ?? this.#time;
  }

  #isSame(cursor: FileCursor): boolean {
    const { stats, fd } = this.#request;
    if (cursor.device !== stats.dev || cursor.inode !== stats.ino) return false;
    const found = fingerprint(fd, cursor.prefixBytes, cursor.offset);
    return found !== undefined && found === cursor.prefixHash;
  }

  #cursor(end: Pick<FileCursor, "offset" | "resumeAt" | "size" | "before">): FileCursor {
    const { stats, fd } = this.#request;
    const { offset } = end;
    const prefixBytes = Math.min(offset, PREFIX_BYTES);
    return {
      device: stats.dev,
      inode: stats.ino,
      ...end,
      prefixHash: fingerprint(fd, prefixBytes, offset) ?? "",
      prefixBytes,
      modifiedAt: Math.trunc(stats.mtimeMs),
    };
  }

  #holds(uuid: string, to: number): boolean {
    return contains(
      { fd: this.#request.fd, from: 0, to },
      Buffer.from(`"uuid":${JSON.stringify(uuid)}`),
    );
  }
}

function isUntouched(cursor: FileCursor, stats: Stats): boolean {
  const isSameFile = cursor.device === stats.dev && cursor.inode === stats.ino;
  const isSameTime = cursor.modifiedAt === Math.trunc(stats.mtimeMs);
  return isSameFile && isSameTime && cursor.size === stats.size;
}
