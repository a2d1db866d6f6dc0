/** Only the order of so many first results is looked at: what is seen at once. */
const FIRST = 10;

/** A result of another session is as good where it scores so much of the one that it goes before. */
const AS_GOOD = 0.95;

/** A result, as far as it is looked at here. */
interface Result {
  readonly candidate: { readonly sessionId: string | null };
  readonly parts: { readonly score: number };
}

/**
 * The same results, the first of them not all of one session where others are as good: each place
 * goes to the best, or to one nearly as good of a session that has had fewer places.
 * @param ranked best first.
 */
export function spread<R extends Result>(ranked: readonly R[]): R[] {
  const left = [...ranked];
  const places = new Map<string, number>();
  const had = ({ candidate: { sessionId } }: R) =>
    sessionId === null ? 0 : (places.get(sessionId) ?? 0);
  const first: R[] = [];
  while (first.length < FIRST && left.length > 0) {
    const next = nextOf(left, had);
    const [one] = left.splice(next, 1);
    if (!one) break;
    const { sessionId } = one.candidate;
    if (sessionId !== null) places.set(sessionId, had(one) + 1);
    first.push(one);
  }
  return [...first, ...left];
}

/** Index of the result that comes next. */
function nextOf<R extends Result>(left: readonly R[], had: (one: R) => number): number {
  const [best] = left;
  if (!best) return 0;
  let chosen = 0;
  let fewest = had(best);
  const least = best.parts.score * AS_GOOD;
  for (const [index, one] of left.entries()) {
    if (fewest === 0 || one.parts.score < least) break;
    if (had(one) < fewest) [chosen, fewest] = [index, had(one)];
  }
  return chosen;
}
