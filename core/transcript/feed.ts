import { readSync } from "node:fs";
import type { Line } from "./lines.ts";
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
 * and memory fresh from the system costs more to map in than the bytes cost to read.
 */
let spare: Buffer | undefined;

/** A buffer that no other feed uses, of at least `bytes` bytes. */
function takeBuffer(bytes: number): Buffer {
  if (spare === undefined || spare.length < bytes) return Buffer.allocUnsafe(bytes);
  const taken = spare;
  spare = undefined;
  return taken;
}

/** Hands out the lines of a file span one by one, holding little more than one chunk. */
export class LineFeed {
  readonly #span: Span;
  readonly #limits: FeedLimits;
  readonly #onLine: (line: Line) => void;
  #buffer: Buffer;
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
    this.#buffer = takeBuffer(Math.max(1, Math.min(limits.chunkBytes, span.to - span.from)));
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
      const longest = Math.max(this.#limits.chunkBytes, spare?.length ?? 0);
      if (this.#buffer.length <= longest) spare = this.#buffer;
    }
  }

  *#readAll(): Generator<number, unknown> {
    const { fd, from, to } = this.#span;
    let position = from;
    while (position < to) {
      this.#makeRoom();
      const room = Math.min(
        this.#buffer.length - this.#held,
        this.#limits.chunkBytes,
        to - position,
      );
      let got: number;
      try {
        got = readSync(fd, this.#buffer, this.#held, room, position);
      } catch (error) {
        return error;
      }
      if (got === 0) return undefined;
      position += got;
      this.#takeLines(this.#buffer.subarray(0, this.#held + got), this.#held);
      yield got;
    }
    return undefined;
  }

  #makeRoom(): void {
    if (this.#held < this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(this.#buffer.length * 2);
    this.#buffer.copy(grown, 0, 0, this.#held);
    this.#buffer = grown;
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
    else if (start > 0) this.#buffer.copyWithin(0, start, bytes.length);
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
      this.#onLine({ bytes, start, end, at });
      return;
    }
    const shrinker = this.#shrinker ?? new Shrinker(this.#limits.shrink);
    shrinker.push(bytes.subarray(start, end));
    const shrunk = shrinker.finish() ?? BROKEN;
    this.#shrinker = undefined;
    this.#shrunk = 0;
    this.#onLine({ bytes: shrunk, start: 0, end: shrunk.length, at });
  }
}
