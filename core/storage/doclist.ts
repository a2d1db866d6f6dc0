/** What holds a word in one segment of an FTS5 index: rowids, each with the places of the word. */
export interface Doclist {
  readonly bytes: Uint8Array;
  /** Where a rowid is told as it is, and not by its distance from the one before; ascending. */
  readonly restarts: readonly number[];
  /** Rowids that are no longer of it. */
  readonly gone: ReadonlySet<number> | undefined;
}

/** The documents that hold a word, each once. */
export interface Postings {
  /** Those that hold it in another column than the one told apart, in no order. */
  readonly others: Uint32Array;
  /** Those that hold it in that column alone, ascending. */
  readonly apart: Uint32Array;
}

/** Bytes of the shortest entry: the distance of its rowid, the size of its places, one place. */
const LEAST_BYTES = 3;

/** Before the number of another column than the first one. */
const COLUMN = 1;

/** Reads lists as they lie on the pages; undefined where one is not as it should be. */
export function readDoclists(lists: readonly Doclist[], apart: number): Postings | undefined {
  const most = lists.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / LEAST_BYTES), 0);
  const found: Found = { others: scratch(0, most), apart: scratch(1, most), counts: [0, 0] };
  for (const list of lists) if (!readDoclist(list, apart, found)) return undefined;
  return {
    others: found.others.slice(0, found.counts[0]),
    apart: found.apart.slice(0, found.counts[1]).sort(),
  };
}

/** What is found while it is gathered: rowids, and how many of either kind. */
interface Found {
  readonly others: Uint32Array;
  readonly apart: Uint32Array;
  readonly counts: [others: number, apart: number];
}

/** Room to gather in, used again by the next list: a search leaves no megabyte behind. */
const rooms: Uint32Array[] = [];

function scratch(index: number, length: number): Uint32Array {
  const room = rooms[index];
  if (room && room.length >= length) return room;
  const made = new Uint32Array(length);
  rooms[index] = made;
  return made;
}

/** Whether all of it was as it should be. Numbers are read in place: a call for each takes twice as long. */
function readDoclist({ bytes, restarts, gone }: Doclist, apart: number, found: Found): boolean {
  const { length } = bytes;
  let [others, aparts] = found.counts;
  let restart = 0;
  let rowid = 0;
  let at = 0;
  while (at < length) {
    if (at === restarts[restart]) {
      restart += 1;
      rowid = 0;
    }
    let byte = bytes[at++] as number;
    let step = byte & 127;
    while (byte > 127) {
      byte = bytes[at++] as number;
      step = step * 128 + (byte & 127);
    }
    rowid += step;
    byte = bytes[at++] as number;
    let size = byte & 127;
    while (byte > 127) {
      byte = bytes[at++] as number;
      size = size * 128 + (byte & 127);
    }
    // An odd size marks what another segment's entry takes away: there is none beside tombstones.
    if ((size & 1) === 1) return false;
    const start = at;
    at += size >> 1;
    if (size === 0 || gone?.has(rowid)) continue;
    if (bytes[start] === COLUMN && isIn(bytes, start, at, apart)) found.apart[aparts++] = rowid;
    else found.others[others++] = rowid;
  }
  found.counts[0] = others;
  found.counts[1] = aparts;
  return at === length && restart === restarts.length;
}

/** Whether places that begin with another column than the first are all of column `apart`. */
function isIn(bytes: Uint8Array, start: number, end: number, apart: number): boolean {
  if (bytes[start + 1] !== apart) return false;
  // A byte of 1 that goes on with no other is no place: those are counted from 2 on.
  for (let at = start + 2; at < end; at += 1) {
    if (bytes[at] === COLUMN && (bytes[at - 1] as number) < 128) return false;
  }
  return true;
}
