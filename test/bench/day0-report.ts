import { COUNTED_KINDS, KINDS, type Kind } from "./day0-model.ts";
import type { Day0 } from "./day0-store.ts";
import { type Figure, megabytes, milliseconds, told } from "./figure.ts";
import { median, p95, quantile } from "./measure.ts";

/** How one question went through one tool. */
export interface Answered {
  readonly kind: Kind;
  readonly tool: string;
  /** Place of the wanted session among the sessions found: 1 is the first, infinite if it is not. */
  readonly rank: number;
  /** The best place of a session that tells of the same at another time. */
  readonly staleRank: number;
  /** Score of the wanted session's best hit; 0 if it was not found. */
  readonly score: number;
  /** Whether anything was found at the default threshold. */
  readonly isAnswered: boolean;
  /** Time of an answer of the usual size. */
  readonly ms: number;
}

/** What a question about nothing that was said brought up at the default threshold. */
export interface Silence {
  readonly total: number;
  readonly best: number;
}

interface Asked {
  readonly made: Day0;
  readonly ingestMs: number;
  readonly storeBytes: number;
  readonly answered: readonly Answered[];
  readonly silences: readonly Silence[];
}

/** Fewest that must be found in the largest store. */
const BARS = { sessions: 20_000, any1: 60, any5: 80 } as const;
const GENERAL = "quick_search";
/** Shares of the negatives that a threshold silences, for which the positives it keeps are told. */
const SILENCED = [0.5, 0.9, 0.95, 1] as const;

/** The figures of one store. */
export function report(asked: Asked): { notes: string[]; figures: Figure[] } {
  const { made, answered, silences } = asked;
  const all = answered.filter(({ tool }) => tool === GENERAL);
  const counted: readonly Kind[] = COUNTED_KINDS;
  const general = all.filter(({ kind }) => counted.includes(kind));
  const size = made.sessions.toLocaleString("en");
  return {
    notes: [
      `day 0, ${size} sessions: ${made.exchanges} exchanges, ${megabytes(made.bytes)} of transcripts, ${all.length} questions about ${made.evidence.length} facts, ${silences.length} about none`,
      "in a row: any@1 5 10 | MRR; a question counts as found by its session",
    ],
    figures: [
      ...shares(made, general),
      told("all questions", lineOf(general)),
      ...shares(made, all, " with reworded"),
      told("all questions with reworded", lineOf(all)),
      ...costs(asked, general, size),
      ...KINDS.flatMap((kind) => byTool(answered, kind)),
      ...superseded(general),
      ...silence(general, silences),
    ].map((figure) => ({ ...figure, what: `${size}: ${figure.what}` })),
  };
}

/** Beside their bars where the store is as large as those are meant for. */
function shares(made: Day0, answered: readonly Answered[], which = ""): Figure[] {
  const isBarred = made.sessions >= BARS.sessions;
  const share = (k: number, bar: number): Figure => {
    const what = `any@${k}${which}, %`;
    const value = found(answered, k);
    const measured = value.toFixed(1);
    if (!isBarred) return told(what, measured);
    return { what, bar: `≥ ${bar}`, measured, ok: value >= bar };
  };
  return [share(1, BARS.any1), share(5, BARS.any5)];
}

function costs(
  { ingestMs, storeBytes }: Asked,
  general: readonly Answered[],
  size: string,
): Figure[] {
  const times = general.map(({ ms }) => ms);
  return [
    told("latency p50, p95", `${milliseconds(median(times))}, ${milliseconds(p95(times))}`),
    told("ingest", `${(ingestMs / 1_000).toFixed(1)} s for ${size} files`),
    told("store", megabytes(storeBytes)),
  ];
}

function byTool(answered: readonly Answered[], kind: Kind): Figure[] {
  const own = answered.filter((one) => one.kind === kind);
  const tools = [...new Set(own.map(({ tool }) => tool))];
  return tools.map((tool) => {
    const asked = own.filter((one) => one.tool === tool);
    const by = tool === GENERAL ? `${asked.length} questions` : `by ${tool}`;
    return told(`${kind}, ${by}`, lineOf(asked));
  });
}

/** How often what was said before it was replaced comes up ahead of what replaced it. */
function superseded(general: readonly Answered[]): Figure[] {
  const own = general.filter(({ kind }) => kind === "superseded");
  const stale = own.filter(({ rank, staleRank }) => staleRank < rank).length;
  return [told("superseded fact ahead of the one that holds", `${stale} of ${own.length}`)];
}

function silence(general: readonly Answered[], silences: readonly Silence[]): Figure[] {
  const silent = silences.filter(({ total }) => total === 0).length;
  const right = general.filter(({ rank, isAnswered }) => isAnswered && rank === 1).length;
  const spoken = general.filter(({ isAnswered }) => isAnswered).length + silences.length - silent;
  const scores = general.map(({ score }) => score).filter((score) => score > 0);
  const best = silences.map((one) => one.best);
  return [
    told("negatives that return nothing", `${silent} of ${silences.length}`),
    told(
      "precision: first hit is the wanted one, of all answers",
      percent(right / Math.max(1, spoken)),
    ),
    told("score of wanted hits, p5 10 25 50 75", quantiles(scores, [0.05, 0.1, 0.25, 0.5, 0.75])),
    told("best score of negatives, p50 75 90 95 100", quantiles(best, [0.5, 0.75, 0.9, 0.95, 1])),
    ...SILENCED.map((share) => kept(general, best, share)),
  ];
}

/** Of what is found among the first five, how much a threshold that silences so many negatives keeps. */
function kept(general: readonly Answered[], best: readonly number[], share: number): Figure {
  const threshold = quantile(best, share);
  const inFive = general.filter(({ rank }) => rank <= 5);
  const stays = inFive.filter(({ score }) => score > threshold).length;
  return told(
    `a threshold that silences ${share * 100} % of negatives keeps`,
    `${percent(stays / Math.max(1, inFive.length))} of any@5, above ${threshold.toFixed(3)}`,
  );
}

function found(answered: readonly Answered[], k: number): number {
  return (100 * answered.filter(({ rank }) => rank <= k).length) / Math.max(1, answered.length);
}

function lineOf(answered: readonly Answered[]): string {
  const any = [1, 5, 10].map((k) => found(answered, k).toFixed(1)).join(" ");
  const mrr = answered.reduce((sum, { rank }) => sum + 1 / rank, 0) / Math.max(1, answered.length);
  return `${any} | ${mrr.toFixed(3)}`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function quantiles(values: readonly number[], shares: readonly number[]): string {
  return shares.map((share) => quantile(values, share).toFixed(3)).join(" ");
}
