import type { StoredInsight } from "./store.ts";

const DAY_MS = 86_400_000;

/** Steps of the confidence histogram: [0, 0.1), [0.1, 0.2) … [0.9, 1]. */
const BINS = 10;

/** Counts over `insights`; a text with three topics counts under each. */
export function insightStatistics(
  insights: readonly StoredInsight[],
  at: { now: number; nameOf: (projectKey: string) => string },
) {
  const histogram = Array.from({ length: BINS }, () => 0);
  for (const { confidence } of insights) {
    const bin = Math.min(BINS - 1, Math.floor(confidence * BINS));
    histogram[bin] = (histogram[bin] ?? 0) + 1;
  }
  const sum = insights.reduce((total, { confidence }) => total + confidence, 0);
  return {
    total: insights.length,
    by_type: tally(insights.map(({ type }) => type)),
    by_topic: tally(insights.flatMap(({ topics }) => topics)),
    by_project: tally(insights.flatMap(({ projectKeys }) => projectKeys.map(at.nameOf))),
    confidence: {
      mean: insights.length === 0 ? null : Math.round((sum / insights.length) * 1000) / 1000,
      histogram,
    },
    captured_last_7_days: insights.filter(({ capturedAt }) => capturedAt > at.now - 7 * DAY_MS)
      .length,
  };
}

function tally(keys: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b)));
}
