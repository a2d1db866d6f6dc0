/** Longest word compared: a mistyped command is short, and the comparison is quadratic. */
const MOST_CHARS = 64;

/** ` did you mean "search"?` for the candidate nearest to `word`, or nothing when none is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const best = nearest(word, candidates);
  return best === undefined ? "" : `; did you mean "${best}"?`;
}

/** The candidate that `word` is most likely a slip of, or undefined. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MOST_CHARS) return undefined;
  // A third of the letters wrong is still a slip; more is another word.
  const limit = Math.max(1, Math.floor(word.length / 3));
  const near = candidates
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.name ?? uniqueBeginning(word, candidates);
}

/** The one candidate that begins with `word`: `sb comp` is `completion`. */
function uniqueBeginning(word: string, candidates: readonly string[]): string | undefined {
  const longer = word.length < 2 ? [] : candidates.filter((name) => name.startsWith(word));
  return longer.length === 1 ? longer[0] : undefined;
}

/** Letters to insert, drop, change, or swap with their neighbour to make `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swaps ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(change, swap, at(row, j) + 1, at(next, j - 1) + 1));
    }
    [before, row] = [row, next];
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
