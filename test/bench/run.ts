import { parseArgs } from "node:util";
import { embedding } from "./embedding.ts";
import { extract } from "./extract.ts";
import { type GroupReport, machine, tableOf } from "./figure.ts";
import { ingest } from "./ingest.ts";
import { mcp } from "./mcp.ts";
import { Place } from "./place.ts";
import { type RetrievalPlan, retrieval } from "./retrieval.ts";
import { MODELS } from "./retrieval-model.ts";
import { search } from "./search.ts";
import { parseBytes, parseSizes } from "./size.ts";
import { startUp } from "./start-up.ts";
import { vectors } from "./vectors.ts";

/** What is measured, in this order. */
const GROUPS = {
  "start-up": (place: () => Place) => startUp(place()),
  mcp: (place: () => Place) => mcp(place()),
  ingest: (place: () => Place, { bytes }: Request) => ingest(place(), bytes),
  extract: () => extract(),
  embedding: (place: () => Place) => embedding(place()),
  vectors: (place: () => Place, { documents }: Request) => vectors(place(), documents),
  retrieval: (_place: () => Place, { retrieval: plan }: Request) => retrieval(plan),
  search: (place: () => Place, { documents, retrieval: { model, keep } }: Request) =>
    search(place(), { documents, model, keep }),
} as const;
type Group = keyof typeof GROUPS;

const USAGE = `bun run bench [GROUP…] [--bytes 256M] [--data DIR] [--sessions 100,1000]
  [--documents 1000,10000,100000] [--model off|int8|fp32] [--keep DIR] [--json]
groups: ${Object.keys(GROUPS).join(", ")}
`;

interface Request {
  readonly groups: readonly Group[];
  /** Size of the history that the group ingest reads. */
  readonly bytes: number;
  readonly retrieval: RetrievalPlan;
  /** Sizes of the stores that the groups vectors and search ask. */
  readonly documents: readonly number[];
  readonly json: boolean;
}

function isGroup(name: string): name is Group {
  return Object.hasOwn(GROUPS, name);
}

/** @returns undefined for what cannot be understood. */
function requested(args: readonly string[]): Request | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        bytes: { type: "string", default: "256M" },
        data: { type: "string" },
        model: { type: "string", default: "off" },
        sessions: { type: "string", default: "100,1000" },
        keep: { type: "string" },
        documents: { type: "string", default: "1000,10000,100000" },
        json: { type: "boolean", default: false },
      },
    });
    const groups = positionals.filter(isGroup);
    const model = MODELS.find((name) => name === values.model);
    if (groups.length < positionals.length || model === undefined) return undefined;
    const all = Object.keys(GROUPS).filter(isGroup);
    return {
      groups: groups.length > 0 ? groups : all,
      bytes: parseBytes(values.bytes),
      retrieval: {
        data: values.data,
        model,
        sessions: parseSizes(values.sessions),
        keep: values.keep,
      },
      documents: parseSizes(values.documents),
      json: values.json,
    };
  } catch {
    return undefined;
  }
}

/** @returns the exit code: 0, 1 where a bar is missed, 2 for wrong arguments. */
async function main(args: readonly string[]): Promise<number> {
  const request = requested(args);
  if (!request) {
    process.stderr.write(USAGE);
    return 2;
  }
  const { groups, json } = request;
  const on = machine();
  if (!json) process.stdout.write(`${on.cpu}, ${on.cores} cores, ${on.os}, Bun ${on.bun}\n\n`);
  let made: Place | undefined;
  const place = () => {
    made ??= new Place(); // builds sb when it is stale: not for a group that works in process
    return made;
  };
  const reports: GroupReport[] = [];
  try {
    for (const group of groups) {
      const report = await GROUPS[group](place, request);
      reports.push(report);
      if (!json) process.stdout.write(`${tableOf(report)}\n`);
    }
  } finally {
    made?.remove();
  }
  const missed = reports.flatMap(({ figures }) => figures).filter(({ ok }) => ok === false);
  if (json)
    process.stdout.write(`${JSON.stringify({ machine: on, missed: missed.length, reports })}\n`);
  return missed.length > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
