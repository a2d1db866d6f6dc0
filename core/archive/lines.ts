import { readSync } from "node:fs";

/** Bytes read at a time. */
const CHUNK_BYTES = 1024 * 1024;

/** Longest line that is a record, in bytes: longer ones are passed over without being held. */
export const MOST_LINE_BYTES = 64 * 1024 * 1024;

/** What a file is when it begins so, and what to do about it: latin-1 of its first bytes. */
const FOREIGN: readonly (readonly [start: string, what: string])[] = [
  ["\x1f\x8b", "a gzip file: unpack it first, gunzip -c FILE | sb import -"],
  ["\x28\xb5\x2f\xfd", "a zstd file: unpack it first, zstd -dc FILE | sb import -"],
  ["PK\x03\x04", "a zip file: unpack it first"],
  ["SQLite format 3\0", "a database, no export: sb export makes one"],
  ["\xff\xfe", "UTF-16 text: save it as UTF-8 first"],
  ["\xfe\xff", "UTF-16 text: save it as UTF-8 first"],
];

/** A line that is not empty: its number, counted from 1, and its text or why it has none. */
export type RecordLine =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly problem: string };

/** What a file is instead of JSON Lines, by its first bytes; undefined when it may be that. */
export function foreignFormat(head: Buffer): string | undefined {
  const start = head.toString("latin1", 0, 16);
  return FOREIGN.find(([magic]) => start.startsWith(magic))?.[1];
}

/** What was read so far, in bytes. */
export interface Reading {
  bytes: number;
  /** What the file turned out to be instead. */
  foreign?: string;
}

/** The lines of the open file `fd`: UTF-8, a byte order mark and CRLF are allowed. */
export function* readRecordLines(fd: number, reading: Reading): Generator<RecordLine> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let pieces: Buffer[] = [];
  let size = 0;
  let number = 0;

  function* line(end: Buffer): Generator<RecordLine> {
    const length = size + end.length;
    const before = pieces;
    pieces = [];
    size = 0;
    number += 1;
    if (length > MOST_LINE_BYTES) {
      yield { number, problem: `longer than ${MOST_LINE_BYTES / 1024 / 1024} MB` };
      return;
    }
    const text = decode(decoder, before.length === 0 ? end : Buffer.concat([...before, end]));
    if (text === undefined) yield { number, problem: "not UTF-8" };
    else if (text.trim() !== "") yield { number, text };
  }

  for (;;) {
    const count = readSome(fd, chunk);
    if (reading.bytes === 0) {
      const foreign = foreignFormat(chunk.subarray(0, count));
      if (foreign) reading.foreign = foreign;
      if (foreign) return;
    }
    reading.bytes += count;
    if (count === 0) break;
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0 && end < count; end = chunk.indexOf(10, start)) {
      yield* line(chunk.subarray(start, end));
      start = end + 1;
    }
    size += count - start;
    if (size <= MOST_LINE_BYTES) pieces.push(Buffer.from(chunk.subarray(start, count)));
    else pieces = [];
  }
  if (size > 0) yield* line(Buffer.alloc(0));
}

function decode(decoder: TextDecoder, bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The next bytes, 0 at the end. A terminal or pipe may say that it has none yet. */
function readSome(fd: number, into: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, into, 0, into.length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Bun.sleepSync(2);
    }
  }
}
