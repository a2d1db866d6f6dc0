import { Database } from "bun:sqlite";
import { join } from "node:path";
import { findEntry } from "../../core/capabilities.ts";
import type { Services } from "../../core/services.ts";
import { makeWorld, type World } from "../support/services.ts";
import { type Stand, standIn } from "./day0-stand.ts";
import { type Figure, type GroupReport, megabytes, milliseconds, told } from "./figure.ts";
import { connect } from "./mcp.ts";
import { median, type Program, p95, run } from "./measure.ts";
import type { Place } from "./place.ts";
import { expression } from "./retrieval-floor.ts";
import { searchQueries, WORDS } from "./search-queries.ts";

/** Most that 95 of 100 searches in process may take over so many documents, in milliseconds. */
const BAR = { documents: 100_000, textMs: 10 } as const;
/** Queries before the first that is measured. */
const WARM_UP = 20;
/** Processes that each answer one query. */
const COLD = 15;

/**
 * How long a search takes over stores of several sizes: in process, through `sb mcp`, and in a new
 * process each time. The stores are those of day 0, ingested from transcripts.
 */
export async function search(place: Place, sizes: readonly number[]): Promise<GroupReport> {
  const queries = searchQueries();
  const figures: Figure[] = [];
  for (const documents of sizes) {
    using world = makeWorld({ env: { SB_MODEL: "off" } });
    const stand = standIn(world, { exchanges: documents });
    figures.push(...(await measure(place, world, { stand, documents, queries })));
  }
  return {
    group: "search",
    notes: [
      `${queries.length} queries of ${WORDS[0]} to ${WORDS[1]} words: the questions of day 0, and drawn words, common and rare`,
      "median, 95th percentile, longest; quick_search with its defaults, text alone",
    ],
    figures,
  };
}

async function measure(
  place: Place,
  world: World,
  { stand, documents, queries }: { stand: Stand; documents: number; queries: readonly string[] },
): Promise<Figure[]> {
  const what = (name: string) => `${documents.toLocaleString("en")}: ${name}`;
  const warm = await inProcess(stand.from("billing-api"), queries);
  const { folder } = place;
  const program = (args: readonly string[]): Program => ({
    command: [place.sb, ...args],
    cwd: folder,
    env: { ...place.env(world.claude), SB_MODEL: "off" },
  });
  const own: Figure = { ...told(what("text, in process"), spread(warm)) };
  const barred: Figure =
    documents === BAR.documents
      ? { ...own, bar: `p95 ≤ ${milliseconds(BAR.textMs)}`, ok: p95(warm) <= BAR.textMs }
      : own;
  return [
    told(
      what("ingest"),
      `${(stand.ingestMs / 1_000).toFixed(1)} s, ${megabytes(stand.storeBytes)}`,
    ),
    barred,
    told(what("FTS5 alone, any word but stop words, best 50"), spread(plain(world, queries))),
    told(what("text, through sb mcp"), spread(await throughServer(program(["mcp"]), queries))),
    told(what("text, a new sb call"), spread(await cold(program, queries))),
  ];
}

async function inProcess(services: Services, queries: readonly string[]): Promise<number[]> {
  const capability = await findEntry("quick_search")?.load();
  if (!capability) throw new Error("no quick_search");
  return timed(queries, async (query) => {
    await capability.call(services, { query });
  });
}

async function throughServer(program: Program, queries: readonly string[]): Promise<number[]> {
  const client = connect(program);
  try {
    await client.open();
    return await timed(queries, (query) =>
      client.request("tools/call", { name: "quick_search", arguments: { query } }),
    );
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
