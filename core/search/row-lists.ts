// Lists of rowids. Plain loops: over tens of thousands `for … of` took five times as long.

/** By rowid, 1 for what was met: all 0 between two uses. */
let met = new Uint8Array(0);

/**
 * What is on any of the lists `one`, each once and in no order, and what is on any of `other` and
 * not among these, ascending.
 */
export function toldApart(
  one: readonly Uint32Array[],
  other: readonly Uint32Array[],
): { one: Uint32Array; other: Uint32Array } {
  const last = [...one, ...other].reduce((most, list) => Math.max(most, greatest(list)), 0);
  if (last >= met.length) met = new Uint8Array(2 * last + 1);
  const first = distinct(one);
  const rest = distinct(other);
  for (const list of [first, rest]) {
    for (let at = 0; at < list.length; at += 1) met[list[at] as number] = 0;
  }
  return { one: first, other: rest.sort() };
}

/** What is on `lists` and was not met before. */
function distinct(lists: readonly Uint32Array[]): Uint32Array {
  const found = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let count = 0;
  for (const list of lists) {
    for (let at = 0; at < list.length; at += 1) {
      const rowid = list[at] as number;
      if (met[rowid] === 1) continue;
      met[rowid] = 1;
      found[count++] = rowid;
    }
  }
  return found.subarray(0, count);
}

function greatest(list: Uint32Array): number {
  let most = 0;
  for (let at = 0; at < list.length; at += 1) most = Math.max(most, list[at] as number);
  return most;
}

/** Whether `rowid` is among `rowids`, which ascend. */
export function isAmong(rowids: Uint32Array, rowid: number): boolean {
  let low = 0;
  let high = rowids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rowids[middle] as number) < rowid) low = middle + 1;
    else high = middle;
  }
  return rowids[low] === rowid;
}

/** The `count` whole numbers of a text between commas. */
export function numbersIn(text: string, count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  let index = 0;
  let number = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit >= 0) number = number * 10 + digit;
    else {
      numbers[index++] = number;
      number = 0;
    }
  }
  if (count > 0) numbers[index] = number;
  return numbers;
}
