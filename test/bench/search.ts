import { Database } from "bun:sqlite";
import { join } from "node:path";
import { findEntry } from "../../core/capabilities.ts";
import type { Env } from "../../core/kernel/paths.ts";
import type { Services } from "../../core/services.ts";
import type { World } from "../support/services.ts";
import { type Figure, type GroupReport, megabytes, milliseconds, told } from "./figure.ts";
import { connect } from "./mcp.ts";
import { cpuOf, median, memoryOf, type Program, p95, run } from "./measure.ts";
import type { Place } from "./place.ts";
import { expression } from "./retrieval-floor.ts";
import { type Model, modelEnv } from "./retrieval-model.ts";
import { searchQueries, WORDS } from "./search-queries.ts";
import { type Asked, storeOf } from "./search-store.ts";

/** Most that 95 of 100 searches in process may take over so many documents, and `sb mcp` in memory. */
const BAR = { documents: 100_000, textMs: 10, hybridMs: 20, residentBytes: 260e6 } as const;
/** Queries before the first that is measured. */
const WARM_UP = 20;
/** Processes that each answer one query. */
const COLD = 15;
/** A model goes from memory a minute after its last use, the rest soon after. */
const RELEASED_MS = 75_000;

/** What is asked: how large the stores are, with which model, and where they stay. */
export interface SearchPlan {
  readonly documents: readonly number[];
  readonly model: Model;
  readonly keep: string | undefined;
}

/**
 * How long a search takes over stores of several sizes: in process, through `sb mcp`, and in a new
 * process each time, by words alone and with a model. The stores are those of day 0, ingested from
 * transcripts and embedded by the product itself.
 */
export async function search(place: Place, plan: SearchPlan): Promise<GroupReport> {
  const queries = searchQueries();
  const figures: Figure[] = [];
  const env = await modelEnv(plan.model);
  for (const documents of plan.documents) {
    using asked = await storeOf(documents, { env, keep: plan.keep });
    const what = (name: string) => `${documents.toLocaleString("en")}: ${name}`;
    const isBarred = documents === BAR.documents;
    const ways = plan.model === "off" ? [OFF] : [OFF, env];
    figures.push(
      told(
        what("ingest"),
        `${(asked.ingestMs / 1_000).toFixed(1)} s, ${megabytes(asked.storeBytes)}`,
      ),
      told(
        what("FTS5 alone, any word but stop words, best 50"),
        spread(plain(asked.world, queries)),
      ),
    );
    for (const one of ways) {
      const mode = one === OFF ? "text" : "hybrid";
      const name = (way: string) => what(`${mode}, ${way}`);
      figures.push(...(await measure(place, asked, { env: one, queries, name, isBarred })));
    }
  }
  return {
    group: "search",
    notes: [
      `${queries.length} queries of ${WORDS[0]} to ${WORDS[1]} words: the questions of day 0, and drawn words, common and rare`,
      "median, 95th percentile, longest; quick_search with its defaults, a query's vector included",
    ],
    figures,
  };
}

const OFF: Env = { SB_MODEL: "off" };

interface Way {
  readonly env: Env;
  readonly queries: readonly string[];
  readonly name: (way: string) => string;
  readonly isBarred: boolean;
}

async function measure(place: Place, asked: Asked, way: Way): Promise<Figure[]> {
  const { env, queries, name, isBarred } = way;
  const isText = env === OFF;
  const { cwd } = asked.services.ports;
  const warm = await inProcess(asked.world.another({ cwd, env }), queries);
  const program = (args: readonly string[]): Program => {
    const given = isText ? OFF : { SB_MODEL: "auto", ...env };
    const all = { ...place.env(asked.world.claude), ...given } as Record<string, string>;
    return { command: [place.sb, ...args], cwd, env: all };
  };
  const bar = isText ? BAR.textMs : BAR.hybridMs;
  const own = told(name("in process"), spread(warm.clock));
  return [
    isBarred ? { ...own, bar: `p95 ≤ ${milliseconds(bar)}`, ok: p95(warm.clock) <= bar } : own,
    told(name("in process, processor time"), spread(warm.processor)),
    ...(await throughServer(program(["mcp"]), way)),
    told(name("a new sb call"), spread(await cold(program, queries))),
  ];
}

/** Milliseconds of each search. */
interface Times {
  readonly clock: number[];
  /** All threads of the process together, the model's among them. */
  readonly processor: number[];
}

async function inProcess(services: Services, queries: readonly string[]): Promise<Times> {
  const capability = await findEntry("quick_search")?.load();
  if (!capability) throw new Error("no quick_search");
  const processor: number[] = [];
  const clock = await timed(queries, async (query) => {
    const before = process.cpuUsage();
    await capability.call(services, { query });
    const { user, system } = process.cpuUsage(before);
    processor.push((user + system) / 1_000);
  });
  services.ports.embedder?.release();
  return { clock, processor: processor.slice(WARM_UP) };
}

/** The same through `sb mcp`, and what that has in memory after the last query, and when idle. */
async function throughServer(
  program: Program,
  { env, queries, name, isBarred }: Way,
): Promise<Figure[]> {
  const client = connect(program);
  try {
    await client.open();
    const ask = (query: string) =>
      client.request("tools/call", { name: "quick_search", arguments: { query } });
    await ask(queries[0] ?? "");
    const first = memoryOf(client.pid);
    const clock = await timed(queries, ask);
    const used = cpuOf(client.pid) ?? 0;
    const after = memoryOf(client.pid);
    const figures = [
      told(name("through sb mcp"), spread(clock)),
      told(
        name("through sb mcp, processor time a query"),
        milliseconds(used / (queries.length + WARM_UP + 1)),
      ),
    ];
    if (!first || !after) return figures;
    const resident = told(name("sb mcp, resident after one search"), megabytes(first.bytes));
    const bar = `≤ ${megabytes(BAR.residentBytes)}`;
    figures.push(
      isBarred ? { ...resident, bar, ok: first.bytes <= BAR.residentBytes } : resident,
      told(name("sb mcp, resident after all of them in a row"), megabytes(after.bytes)),
      told(name("sb mcp, resident at its highest"), megabytes(after.peakBytes)),
    );
    if (env === OFF) return figures;
    await Bun.sleep(RELEASED_MS);
    const idle = memoryOf(client.pid)?.bytes ?? 0;
    return [...figures, told(name("sb mcp, resident when idle again"), megabytes(idle))];
  } finally {
    await client.close();
  }
}

async function cold(
  program: (args: readonly string[]) => Program,
  queries: readonly string[],
): Promise<number[]> {
  const times: number[] = [];
  for (const query of queries.slice(0, COLD)) {
    const call = program(["call", "quick_search", JSON.stringify({ query })]);
    times.push((await run(call)).wallMs);
  }
  return times;
}

/** What the product is compared with: the words as FTS5 finds and ranks them, nothing else. */
function plain(world: World, queries: readonly string[]): number[] {
  using db = new Database(join(world.claude, "data/session-buddy.db"), { readonly: true });
  const find = db.query<{ rowid: number }, [string]>(
    "SELECT rowid FROM document_fts WHERE document_fts MATCH ? ORDER BY rank LIMIT 50",
  );
  const times: number[] = [];
  for (const query of queries) {
    const started = performance.now();
    find.all(expression(query));
    times.push(performance.now() - started);
  }
  return times;
}

async function timed(
  queries: readonly string[],
  one: (query: string) => Promise<void>,
): Promise<number[]> {
  for (const query of queries.slice(-WARM_UP)) await one(query);
  const times: number[] = [];
  for (const query of queries) {
    const started = performance.now();
    await one(query);
    times.push(performance.now() - started);
  }
  return times;
}

const spread = (times: readonly number[]): string =>
  [median(times), p95(times), Math.max(...times)].map(milliseconds).join(", ");
