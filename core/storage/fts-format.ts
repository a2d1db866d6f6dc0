/**
 * How FTS5 lays its index out, as its source (`fts5_index.c`) describes it: the format of a file, so
 * it stays what it is. What looks otherwise is answered with undefined, never with a guess.
 */

/** A number and the place behind it. */
interface Read {
  readonly value: number;
  readonly end: number;
}

/** A segment: a sorted run of words on leaf pages of its own. */
export interface Segment {
  readonly id: number;
  readonly firstPage: number;
  readonly lastPage: number;
  /** Pages that tell which of its documents are gone. */
  readonly tombstonePages: number;
}

/** Where a word's list begins on a leaf page, and where it ends; `isWhole` where it ends there. */
export interface ListPlace {
  readonly start: number;
  readonly end: number;
  readonly isWhole: boolean;
}

/** Bytes before the text of a leaf page: where the first rowid stands, and where the text ends. */
export const LEAF_HEAD = 4;

/** Bytes before the rowids of a tombstone page, and of each of them. */
const TOMBSTONE_HEAD = 8;
const ROWID_BYTES = 4;

/** Says that segments have tombstones: tables with `contentless_delete`. */
const WITH_TOMBSTONES = 0xff000001;

/** Numbers of a segment that tell of its origin and its entries: only their lengths matter here. */
const ORIGIN_NUMBERS = 2;
const ENTRY_NUMBERS = 2;

/** A number of 7 bits a byte, the highest first. Those of nine bytes are beyond what is met here. */
export function varintAt(bytes: Uint8Array, at: number): Read {
  let value = 0;
  let next = at;
  for (;;) {
    const byte = bytes[next++] ?? 0;
    value = value * 128 + (byte & 127);
    if (byte < 128) return { value, end: next };
  }
}

/** The segments that the structure record tells of; undefined where it is of another form. */
export function segmentsOf(record: Uint8Array): Segment[] | undefined {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  if (record.length < 8 || view.getUint32(4) !== WITH_TOMBSTONES) return undefined;
  let at = 8;
  const next = (): number => {
    const { value, end } = varintAt(record, at);
    at = end;
    return value;
  };
  const levels = next();
  const total = next();
  next(); // how often it was written
  const segments: Segment[] = [];
  for (let level = 0; level < levels && at < record.length; level += 1) {
    next(); // segments of it that are being merged: they are read like the others
    const count = next();
    for (let index = 0; index < count && at < record.length; index += 1) {
      const [id, firstPage, lastPage] = [next(), next(), next()];
      for (let skipped = 0; skipped < ORIGIN_NUMBERS; skipped += 1) next();
      const tombstonePages = next();
      for (let skipped = 0; skipped < ENTRY_NUMBERS; skipped += 1) next();
      segments.push({ id, firstPage, lastPage, tombstonePages });
    }
  }
  if (at !== record.length || segments.length !== total) return undefined;
  // One of which a merge under way has taken all has no page any more.
  return segments.filter(({ firstPage }) => firstPage > 0);
}

/**
 * The rowids on a tombstone page: a table of places, 0 where one is free. Undefined where they are
 * so large that a place takes eight bytes.
 */
export function tombstonesOn(page: Uint8Array): number[] | undefined {
  if (page[0] !== ROWID_BYTES) return undefined;
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const rowids: number[] = [];
  for (let at = TOMBSTONE_HEAD; at + ROWID_BYTES <= page.length; at += ROWID_BYTES) {
    const rowid = view.getUint32(at);
    if (rowid !== 0) rowids.push(rowid);
  }
  return rowids;
}

/** Where the text of a leaf page ends, and behind it the places of its words begin. */
export const leafEnd = (page: Uint8Array): number => ((page[2] ?? 0) << 8) | (page[3] ?? 0);

/** Where the first rowid stands of those that go on from the page before; 0 where there is none. */
export const firstRowidAt = (page: Uint8Array): number => ((page[0] ?? 0) << 8) | (page[1] ?? 0);

/** Where the first word of a leaf page begins; undefined where no word begins on it. */
export function firstWordAt(page: Uint8Array): number | undefined {
  const end = leafEnd(page);
  return end < page.length ? varintAt(page, end).value : undefined;
}

/** The list of `word` on a leaf page; undefined where the word does not begin there. */
export function findWord(page: Uint8Array, word: Uint8Array): ListPlace | undefined {
  const end = leafEnd(page);
  let entry = end;
  let wordAt = 0;
  let matched = 0;
  while (entry < page.length) {
    const step = varintAt(page, entry);
    entry = step.end;
    const isFirst = wordAt === 0;
    wordAt += step.value;
    // Each word but the first says how much of the one before it begins with too.
    const kept = isFirst ? { value: 0, end: wordAt } : varintAt(page, wordAt);
    const size = varintAt(page, kept.end);
    const start = size.end + size.value;
    if (kept.value < matched) return undefined;
    if (kept.value > matched) continue;
    let same = 0;
    while (same < size.value && page[size.end + same] === word[matched + same]) same += 1;
    matched += same;
    if (same === size.value && matched === word.length) {
      const isWhole = entry < page.length;
      return { start, end: isWhole ? wordAt + varintAt(page, entry).value : end, isWhole };
    }
    if (same < size.value && (page[size.end + same] ?? 0) > (word[matched] ?? -1)) return undefined;
  }
  return undefined;
}
