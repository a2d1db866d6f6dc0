/** A hit, as far as its score is concerned. */
interface Scored {
  readonly score: number;
  readonly why: Readonly<Record<string, unknown>>;
}

/** The score that a reader makes of `why`, as README.md says it. */
export function scoreBy({ why }: Scored): number {
  const part = (name: string, otherwise: number) => {
    const value = why[name];
    return typeof value === "number" ? value : otherwise;
  };
  const age = why["path"] === undefined ? 0.02 : 0.4;
  return Math.min(
    1,
    part("match", part("text", 1)) *
      (1 - age + age * part("recency", 1)) *
      (0.7 + 0.3 * part("proximity", 1)) *
      part("kind", 1) *
      (1 + 0.03 * part("use", 0)),
  );
}

/** Hits whose score is another than `why` says, beyond what rounding to four decimals can do. */
export function unexplained<H extends Scored>(hits: readonly H[]): H[] {
  return hits.filter((hit) => Math.abs(hit.score - scoreBy(hit)) > 0.0002);
}
