import { readSync } from "node:fs";
import type { Line } from "./lines.ts";
import { type ReadBuffer, readBuffer } from "./read-buffer.ts";
import { Shrinker, type ShrinkLimits } from "./shrink.ts";

/** How a file is read. */
export interface FeedLimits {
  /** Bytes asked of the file at a time. */
  readonly chunkBytes: number;
  /** A longer line is never held whole: it goes through a `Shrinker`. */
  readonly longLineBytes: number;
  readonly shrink: ShrinkLimits;
}

/** Which part of an open file is read. */
export interface Span {
  readonly fd: number;
  /** The first byte, where a line starts. */
  readonly from: number;
  /** The byte after the last. */
  readonly to: number;
}

/** What stands for a long line that is no JSON: it parses as bad, as the line would. */
const BROKEN = Buffer.from("!");

/**
 * The buffer of the last feed that came to its end, for the next one: a history is many small files,
 * and a new memory costs milliseconds, more than most files take to read.
 */
let spare: ReadBuffer | undefined;

/** A buffer that no other feed uses, of at least `size` bytes. */
function takeBuffer(size: number): ReadBuffer {
  const taken = spare && spare.bytes.length >= size ? spare : readBuffer(size);
  spare = undefined;
  return taken;
}

/** Hands out the lines of a file span one by one, holding little more than one chunk. */
export class LineFeed {
  readonly #span: Span;
  readonly #limits: FeedLimits;
  readonly #onLine: (line: Line) => void;
  readonly #buffer: ReadBuffer;
  /** Bytes of the buffer that are a line's beginning. */
  #held = 0;
  /** Where in the file the line that is not yet complete starts. */
  #lineAt: number;
  #shrinker: Shrinker | undefined;
  /** Bytes of that line that the shrinker has taken. */
  #shrunk = 0;

  constructor(span: Span, limits: FeedLimits, onLine: (line: Line) => void) {
    this.#span = span;
    this.#limits = limits;
    this.#onLine = onLine;
    this.#lineAt = span.from;
    // The longest beginning of a line that is held, and one read.
    this.#buffer = takeBuffer(limits.longLineBytes + limits.chunkBytes);
  }

  /** The byte after the last newline seen: where the next pass begins. */
  get offset(): number {
    return this.#lineAt;
  }

  /**
   * Reads the span, or to the file's end if it has become shorter; yields the bytes of each read.
   *
   * @returns what the file system threw, if it did.
   * @throws only what `onLine` throws.
   */
  *run(): Generator<number, unknown> {
    try {
      return yield* this.#readAll();
    } finally {
      spare = this.#buffer;
    }
  }

  *#readAll(): Generator<number, unknown> {
    const { fd, from, to } = this.#span;
    let position = from;
    while (position < to) {
      const room = Math.min(this.#limits.chunkBytes, to - position);
      let got: number;
      try {
        got = readSync(fd, this.#buffer.bytes, this.#held, room, position);
      } catch (error) {
        return error;
      }
      if (got === 0) return undefined;
      position += got;
      this.#takeLines(this.#buffer.bytes.subarray(0, this.#held + got), this.#held);
      yield got;
    }
    return undefined;
  }

  /** @param searched bytes at the head of `bytes` known to hold no newline. */
  #takeLines(bytes: Buffer, searched: number): void {
    let start = 0;
    let end = bytes.indexOf(0x0a, searched);
    while (end >= 0) {
      this.#takeLine(bytes, start, end);
      start = end + 1;
      end = bytes.indexOf(0x0a, start);
    }
    this.#held = bytes.length - start;
    if (this.#shrinker || this.#held > this.#limits.longLineBytes) this.#shrinkHeld(bytes, start);
    else if (start > 0) bytes.copyWithin(0, start, bytes.length);
  }

  #shrinkHeld(bytes: Buffer, start: number): void {
    this.#shrinker ??= new Shrinker(this.#limits.shrink);
    this.#shrinker.push(bytes.subarray(start));
    this.#shrunk += this.#held;
    this.#held = 0;
  }

  #takeLine(bytes: Buffer, start: number, end: number): void {
    const at = this.#lineAt;
    const length = this.#shrunk + end - start;
    this.#lineAt += length + 1;
    if (length <= this.#limits.longLineBytes) {
      this.#onLine({ bytes, start, end, at, scan: this.#buffer.scan });
      return;
    }
    const shrinker = this.#shrinker ?? new Shrinker(this.#limits.shrink);
    shrinker.push(bytes.subarray(start, end));
    const shrunk = shrinker.finish() ?? BROKEN;
    this.#shrinker = undefined;
    this.#shrunk = 0;
    this.#onLine({ bytes: shrunk, start: 0, end: shrunk.length, at, scan: undefined });
  }
}
