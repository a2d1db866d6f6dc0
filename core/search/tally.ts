/** Sums within so many equal steps of the greatest are put in order together. */
const STEPS = 1_024;

/**
 * A sum for each document, by rowid, in one array: a search adds to it tens of thousands of times,
 * and a map takes ten times as long for each.
 */
export interface Tally {
  /** Adds `weight` to each of `rowids`; once it is closed, only to those that have a sum already. */
  add(rowids: Uint32Array, weight: number): void;
  close(): void;
  /** How many sums are above `bound`. */
  above(bound: number): number;
  of(rowid: number): number;
  /** All that have a sum, the greatest first, of equals the latest, `most` or fewer at a time. */
  greatestFirst(most: number): Generator<number[]>;
}

// Plain loops: over arrays of this size `for … of` and `reduce` took five times as long.

/**
 * Makes tallies, one after the other: each takes over the array of the one before, so that a search
 * leaves no megabyte behind. A tally is done with once the next one is made.
 */
export function tallies(): (last: number) => Tally {
  let sums = new Float64Array(0);
  const found: number[] = [];
  return (last) => {
    if (last < sums.length) for (const rowid of found) sums[rowid] = 0;
    else sums = new Float64Array(last + 1 + ROOM);
    found.length = 0;
    return tally(sums, found);
  };
}

/** Rowids that may still come before the array is made anew. */
const ROOM = 4_096;

/** @param sums all 0. @param found the rowids that have a sum: none. */
function tally(sums: Float64Array, found: number[]): Tally {
  let isOpen = true;

  const sumAt = (rowid: number): number => sums[rowid] ?? 0;

  /** What is found, by the step that its sum lies in. */
  function steps(): number[][] {
    let greatest = 0;
    for (let at = 0; at < found.length; at += 1)
      greatest = Math.max(greatest, sums[found[at] as number] as number);
    const perSum = (STEPS - 1) / greatest;
    const steps: number[][] = Array.from({ length: STEPS }, () => []);
    for (let at = 0; at < found.length; at += 1) {
      const rowid = found[at] as number;
      steps[Math.floor(sumAt(rowid) * perSum)]?.push(rowid);
    }
    return steps;
  }

  return {
    add(rowids, weight) {
      for (let at = 0; at < rowids.length; at += 1) {
        const rowid = rowids[at] as number;
        const sum = sums[rowid] as number;
        if (sum > 0) sums[rowid] = sum + weight;
        else if (isOpen) {
          sums[rowid] = weight;
          found.push(rowid);
        }
      }
    },
    close() {
      isOpen = false;
    },
    above(bound) {
      let count = 0;
      for (let at = 0; at < found.length; at += 1)
        if ((sums[found[at] as number] as number) > bound) count += 1;
      return count;
    },
    of: sumAt,
    *greatestFirst(most) {
      let part: number[] = [];
      for (const step of steps().reverse()) {
        step.sort((a, b) => sumAt(b) - sumAt(a) || b - a);
        for (const rowid of step) {
          part.push(rowid);
          if (part.length < most) continue;
          yield part;
          part = [];
        }
      }
      if (part.length > 0) yield part;
    },
  };
}
