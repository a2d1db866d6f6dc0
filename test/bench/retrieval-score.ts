import { median, p95 } from "./measure.ts";

/** One result, in the words of the question's author. */
export interface Recalled {
  readonly session: string;
  /** Turns whose text the result shows. */
  readonly turns: readonly string[];
  /** UTF-8 bytes of the result as compact JSON. */
  readonly bytes: number;
}

/** How much is asked for: at most so many results, in at most so many tokens. */
export interface Amount {
  readonly limit: number;
  readonly maxTokens: number;
}

/** What is measured: the product's search, or what it is compared with. */
export type Recall = (
  query: string,
  amount: Amount,
) => readonly Recalled[] | Promise<readonly Recalled[]>;

/** What a question wants found. */
export interface Wanted {
  readonly query: string;
  readonly category: string;
  readonly sessions: readonly string[];
  readonly turns: readonly string[];
}

/** How one question went. */
export interface Outcome {
  readonly category: string;
  /** Of each wanted session, its place among the sessions found: 1 is the first. */
  readonly ranks: readonly number[];
  /** Share of the wanted turns shown by the first ten results. */
  readonly turnsInTen: number;
  /** Share of the wanted turns among the first ten turns shown. */
  readonly tenTurns: number;
  /** Share of the wanted turns shown in so many tokens. */
  readonly in1000: number;
  readonly in2000: number;
  /** Time of an answer as a caller gets it who names no amount. */
  readonly ms: number;
}

/** Means over questions: percentages, but for `mrr`. */
export interface Summary {
  readonly count: number;
  /** Any wanted session among the first 1, 5 and 10. */
  readonly any: readonly [number, number, number];
  /** Every wanted session among the first 5 and 10. */
  readonly all: readonly [number, number];
  /** Mean of 1 / rank of the first wanted session; 0 behind the 50th. */
  readonly mrr: number;
  readonly turnsInTen: number;
  readonly tenTurns: number;
  readonly in1000: number;
  readonly in2000: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Deep enough that every session of a dialogue has its place. */
const DEEP: Amount = { limit: 200, maxTokens: 1_000_000 };
/** Defaults of `quick_search`. */
const USUAL: Amount = { limit: 5, maxTokens: 1_500 };
const LAST_RANK = 50;

/** Asks one question. */
export async function ask(
  recall: Recall,
  { query, category, sessions, turns }: Wanted,
): Promise<Outcome> {
  const started = performance.now();
  await recall(query, USUAL);
  const ms = performance.now() - started;
  const results = await recall(query, DEEP);
  const found = [...new Set(results.map(({ session }) => session))];
  const shown = [...new Set(results.flatMap((result) => result.turns))];
  const within = async (maxTokens: number) =>
    shareOf(turns, fitting(await recall(query, { limit: 100, maxTokens }), maxTokens));
  return {
    category,
    ranks: sessions.map((session) => found.indexOf(session) + 1 || Number.POSITIVE_INFINITY),
    turnsInTen: shareOf(
      turns,
      results.slice(0, 10).flatMap((result) => result.turns),
    ),
    tenTurns: shareOf(turns, shown.slice(0, 10)),
    in1000: await within(1_000),
    in2000: await within(2_000),
    ms,
  };
}

/** Turns shown by the results that together, as a JSON array, cost at most `maxTokens`. */
function fitting(results: readonly Recalled[], maxTokens: number): string[] {
  let bytes = 1;
  const turns: string[] = [];
  for (const result of results) {
    bytes += result.bytes + 1;
    if (Math.ceil(bytes / 4) > maxTokens) break;
    turns.push(...result.turns);
  }
  return turns;
}

function shareOf(wanted: readonly string[], shown: readonly string[]): number {
  const there = new Set(shown);
  return wanted.filter((turn) => there.has(turn)).length / wanted.length;
}

/** Sums up what was asked. */
export function summarise(outcomes: readonly Outcome[]): Summary {
  const mean = (value: (outcome: Outcome) => number) =>
    outcomes.reduce((sum, outcome) => sum + value(outcome), 0) / Math.max(1, outcomes.length);
  const percent = (value: (outcome: Outcome) => number) => 100 * mean(value);
  const first = ({ ranks }: Outcome) => Math.min(...ranks);
  const any = (k: number) => percent((outcome) => Number(first(outcome) <= k));
  const all = (k: number) => percent(({ ranks }) => Number(Math.max(...ranks) <= k));
  const times = outcomes.map(({ ms }) => ms);
  return {
    count: outcomes.length,
    any: [any(1), any(5), any(10)],
    all: [all(5), all(10)],
    mrr: mean((outcome) => (first(outcome) <= LAST_RANK ? 1 / first(outcome) : 0)),
    turnsInTen: percent(({ turnsInTen }) => turnsInTen),
    tenTurns: percent(({ tenTurns }) => tenTurns),
    in1000: percent(({ in1000 }) => in1000),
    in2000: percent(({ in2000 }) => in2000),
    p50Ms: median(times),
    p95Ms: p95(times),
  };
}
