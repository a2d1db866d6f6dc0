/** How one project depends on another, the closest tie first. */
export const DEPENDENCY_TYPES = ["extends", "shares_code", "uses", "references"] as const;
export type DependencyType = (typeof DEPENDENCY_TYPES)[number];

/** `source` depends on `target`. */
export interface Edge {
  readonly source: string;
  readonly target: string;
  readonly type: DependencyType;
}

const TIE: Readonly<Record<DependencyType, number>> = {
  extends: 0.95,
  shares_code: 0.9,
  uses: 0.85,
  references: 0.65,
};

/** What depends on me tells me less than what I depend on. */
const BACKWARDS = 0.8;

/** Each further hop counts this much of the one before. */
const PER_HOP = 0.6;

const MOST_HOPS = 3;

/**
 * How near every related project is to `from`, in 0..1: along its dependencies and backwards, over
 * at most three hops, by the best path. `from` itself and unrelated projects are not in it.
 */
export function proximities(from: string, edges: readonly Edge[]): ReadonlyMap<string, number> {
  const best = new Map<string, number>();
  let reached = new Map([[from, 1]]);
  for (let hop = 0; hop < MOST_HOPS; hop += 1) {
    const next = new Map<string, number>();
    for (const { source, target, type } of edges) {
      const tie = TIE[type] * (hop === 0 ? 1 : PER_HOP);
      step(next, target, (reached.get(source) ?? 0) * tie);
      step(next, source, (reached.get(target) ?? 0) * tie * BACKWARDS);
    }
    next.delete(from);
    for (const [key, nearness] of next) step(best, key, nearness);
    reached = next;
  }
  return best;
}

function step(map: Map<string, number>, key: string, nearness: number): void {
  if (nearness > (map.get(key) ?? 0)) map.set(key, nearness);
}
