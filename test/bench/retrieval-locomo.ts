import { join } from "node:path";
import type { Env } from "../../core/kernel/paths.ts";
import { makeWorld, NOW, type World } from "../support/services.ts";
import { type Figure, told } from "./figure.ts";
import {
  type Dialogue,
  folderOf,
  type Place,
  readDialogues,
  sessionOf,
  timeOf,
  writeDialogue,
} from "./locomo.ts";
import { floor } from "./retrieval-floor.ts";
import {
  ask,
  type Outcome,
  type Recall,
  type Summary,
  summarise,
  type Wanted,
} from "./retrieval-score.ts";

/** Fewest that the product must reach without a model, and with one. */
const BARS = {
  text: { any1: 76.5, any5: 95, mrr: 0.845, tenTurns: 0, in1000: 0 },
  hybrid: { any1: 80, any5: 96.5, mrr: 0.87, tenTurns: 72, in1000: 75 },
} as const;
type Bars = (typeof BARS)[keyof typeof BARS];

const DAY_MS = 86_400_000;

/**
 * LoCoMo through the product's own ingest and search: one store for each dialogue, asked in the
 * dialogue's project a day after its last session; then all dialogues in one store, asked from a
 * project of none of them.
 */
export async function locomo(
  folder: string,
  env: Env,
): Promise<{ notes: string[]; figures: Figure[] }> {
  const dialogues = readDialogues(folder);
  const product: Outcome[][] = [];
  const beside: Outcome[] = [];
  for (const dialogue of dialogues) {
    product.push(await inStore([dialogue], env, (recall) => askAll(recall, [dialogue])));
    beside.push(...(await askAll(floor([dialogue]), [dialogue])));
  }
  const pooled = {
    product: summarise(await inStore(dialogues, env, (recall) => askAll(recall, dialogues))),
    floor: summarise(await askAll(floor(dialogues), dialogues)),
  };
  const bars = env["SB_MODEL"] === "off" ? BARS.text : BARS.hybrid;
  const turns = dialogues.flatMap(({ sessions }) => sessions.flatMap((session) => session.turns));
  const sessions = dialogues.flatMap((dialogue) => dialogue.sessions);
  return {
    notes: [
      `LoCoMo: ${dialogues.length} dialogues, ${sessions.length} sessions, ${turns.length} turns, ${product.flat().length} questions with evidence`,
      "one store for each dialogue, in process over SQLite; latency: the default amount of an answer",
      "floor: FTS5 alone over windows of three turns, a row of text with its ids for each",
      "in a row: any@1 5 10 | all@5 10 | MRR | % of wanted turns in 10 hits, within 1,000 tokens",
    ],
    figures: [
      ...headline(summarise(product.flat()), summarise(beside), bars),
      told(
        "any@1 of each dialogue, %",
        product.map((one) => summarise(one).any[0].toFixed(1)).join(" "),
      ),
      ...byCategory(product.flat(), beside),
      told("all dialogues in one store", lineOf(pooled.product)),
      told("  floor", lineOf(pooled.floor)),
    ],
  };
}

/** Fills a store with `dialogues`, asks, and removes it. */
async function inStore<T>(
  dialogues: readonly Dialogue[],
  env: Env,
  work: (recall: Recall) => Promise<T>,
): Promise<T> {
  const [only] = dialogues;
  const cwd = only && dialogues.length === 1 ? folderOf(only) : "/home/dev/elsewhere";
  using world = makeWorld({ cwd, env });
  const places = dialogues.map((dialogue) => ({
    name: dialogue.name,
    place: writeDialogue(dialogue, join(world.claude, "projects")),
  }));
  const dates = dialogues.flatMap(({ sessions }) => sessions.map(({ date }) => timeOf(date)));
  world.pass(Math.max(...dates) + DAY_MS - NOW);
  world.services.ingest.run({ kind: "all" });
  if (env["SB_MODEL"] !== "off") await world.services.semantic.run();
  const outcome = await work(recallOf(world, places));
  world.services.ports.embedder?.release();
  return outcome;
}

function recallOf(world: World, places: readonly { name: string; place: Place }[]): Recall {
  const sessions = new Map<string, string>();
  const turns = new Map<string, string>();
  for (const { name, place } of places) {
    for (const [id, session] of place.sessions) sessions.set(id, `${name}/${session}`);
    for (const [uuid, turn] of place.turns) turns.set(uuid, `${name}/${turn}`);
  }
  return async (query, amount) => {
    const { hits } = await world.services.search.recall({ query, ...amount });
    return hits.map((hit) => ({
      session: sessions.get(hit.session_id ?? "") ?? "",
      turns: (hit.message_uuids ?? []).flatMap((uuid) => turns.get(uuid) ?? []),
      bytes: Buffer.byteLength(JSON.stringify(hit)),
    }));
  };
}

async function askAll(recall: Recall, dialogues: readonly Dialogue[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { name, questions } of dialogues) {
    for (const question of questions) outcomes.push(await ask(recall, wantedBy(question, name)));
  }
  return outcomes;
}

function wantedBy(question: Dialogue["questions"][number], dialogue: string): Wanted {
  const { text: query, category, evidence } = question;
  return {
    query,
    category,
    sessions: [...new Set(evidence.map((turn) => `${dialogue}/${sessionOf(turn)}`))],
    turns: evidence.map((turn) => `${dialogue}/${turn}`),
  };
}

/** A line of the table: its least value for the product where it has one, and its decimals. */
interface Line {
  readonly what: string;
  readonly value: (of: Summary) => number;
  readonly least?: keyof Bars;
  readonly digits: number;
}

const LINES: readonly Line[] = [
  { what: "any@1, %", value: ({ any }) => any[0], least: "any1", digits: 1 },
  { what: "any@5, %", value: ({ any }) => any[1], least: "any5", digits: 1 },
  { what: "any@10, %", value: ({ any }) => any[2], digits: 1 },
  { what: "all@5, %", value: ({ all }) => all[0], digits: 1 },
  { what: "all@10, %", value: ({ all }) => all[1], digits: 1 },
  { what: "MRR", value: ({ mrr }) => mrr, least: "mrr", digits: 3 },
  { what: "wanted turns in the first 10 hits, %", value: (of) => of.turnsInTen, digits: 1 },
  {
    what: "wanted turns among the first 10 turns, %",
    value: (of) => of.tenTurns,
    least: "tenTurns",
    digits: 1,
  },
  {
    what: "wanted turns within 1,000 tokens, %",
    value: ({ in1000 }) => in1000,
    least: "in1000",
    digits: 1,
  },
  { what: "wanted turns within 2,000 tokens, %", value: ({ in2000 }) => in2000, digits: 1 },
  { what: "latency p50, ms", value: ({ p50Ms }) => p50Ms, digits: 2 },
  { what: "latency p95, ms", value: ({ p95Ms }) => p95Ms, digits: 2 },
];

function headline(product: Summary, beside: Summary, bars: Bars): Figure[] {
  return LINES.map(({ what, value, least, digits }) => {
    const measured = `${value(product).toFixed(digits)} (floor ${value(beside).toFixed(digits)})`;
    const bar = least === undefined ? 0 : bars[least];
    if (bar === 0) return told(what, measured);
    return { what, bar: `≥ ${bar}`, measured, ok: value(product) >= bar };
  });
}

function byCategory(product: readonly Outcome[], beside: readonly Outcome[]): Figure[] {
  const categories = [...new Set(product.map(({ category }) => category))].sort();
  const summaryOf = (outcomes: readonly Outcome[], category: string) =>
    summarise(outcomes.filter((outcome) => outcome.category === category));
  return categories.flatMap((category) => {
    const own = summaryOf(product, category);
    return [
      told(`${category}, ${own.count} questions`, lineOf(own)),
      told("  floor", lineOf(summaryOf(beside, category))),
    ];
  });
}

/** A summary on one line: what the numbers are stands in the notes. */
function lineOf({ any, all, mrr, turnsInTen, in1000 }: Summary): string {
  const list = (values: readonly number[]) => values.map((value) => value.toFixed(1)).join(" ");
  return [list(any), list(all), mrr.toFixed(3), list([turnsInTen, in1000])].join(" | ");
}
