import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  atLeast,
  atMost,
  type Figure,
  type GroupReport,
  megabytes,
  milliseconds,
  times,
  told,
} from "./figure.ts";
import { type History, writeHistory } from "./history.ts";
import { median, type Program, type Run, run, settle } from "./measure.ts";
import type { Place } from "./place.ts";
import { showBytes } from "./size.ts";

const ROUNDS = 5;

/** What `sb ingest --json` reports, as far as it is used here. */
interface Report {
  readonly rows: number;
  readonly documents: number;
}

/**
 * Reading a history, against parsing the same files line by line: once as the client writes it, where
 * the bar stands, and once where tools gave back half of the bytes, to be told.
 */
export async function ingest(place: Place, bytes: number): Promise<GroupReport> {
  const typical = await measured(place, { bytes, style: "typical" });
  const tools = await measured(place, { bytes, style: "tools" });
  return {
    group: "ingest",
    notes: [
      `medians of ${ROUNDS} runs each, in turn, each a process of its own over an empty store`,
      "baseline: reads chunks, decodes each line as UTF-8 and gives it to JSON.parse, compiled as sb is",
      ...[typical, tools].flatMap(({ notes }) => notes),
    ],
    figures: [
      ...figures(typical, "bar"),
      ...figures(tools, "told").map((figure) => ({ ...figure, what: `tools: ${figure.what}` })),
    ],
  };
}

/** Runs of the baseline, of a first ingest and of a second one over one history. */
interface Measured {
  readonly notes: readonly string[];
  readonly parsed: readonly Run[];
  readonly first: readonly Run[];
  readonly second: readonly Run[];
}

async function measured(
  place: Place,
  { bytes, style }: { bytes: number; style: "typical" | "tools" },
): Promise<Measured> {
  const claude = join(place.folder, `history-${style}`);
  mkdirSync(claude, { recursive: true });
  const history = writeHistory({ folder: claude, seed: 1, bytes, style });
  const baseline: Program = {
    command: [await place.compile("baseline"), claude],
    cwd: place.folder,
    env: place.env(claude),
  };
  const program = place.program(["ingest", "--all", "--json"], claude);
  const [parsed, first, second]: [Run[], Run[], Run[]] = [[], [], []];
  await run(baseline); // brings the files into the page cache
  settle();
  for (let round = 0; round < ROUNDS; round += 1) {
    parsed.push(await run(baseline, "memory"));
    for (const folder of ["data", "logs"]) {
      rmSync(join(claude, folder), { recursive: true, force: true });
    }
    first.push(await run(program, "memory"));
    second.push(await run(program, "memory"));
  }
  rmSync(claude, { recursive: true, force: true });
  const notes = [`${style}: ${wordsOn(history)}`, `  sb: ${first[0]?.stdout.trim()}`];
  return { notes, parsed, first, second };
}

function wordsOn({ files, bytes, exchanges, saidBytes, talkBytes }: History): string {
  const share = (part: number) => `${((part / bytes) * 100).toFixed(1)} %`;
  const parts = [
    `${showBytes(bytes)} in ${files} files`,
    `${exchanges} exchanges`,
    `${share(talkBytes)} in rows of people, models and tools`,
    `${share(saidBytes)} said`,
  ];
  return parts.join(", ");
}

/** The figures of one history; without bars where they are only `told`. */
function figures({ parsed, first, second }: Measured, as: "bar" | "told"): Figure[] {
  const wall = (of: readonly Run[]) => median(of.map(({ wallMs }) => wallMs));
  const peak = (of: readonly Run[]) => Math.max(...of.map(({ peakBytes }) => peakBytes));
  const { documents } = JSON.parse(first[0]?.stdout ?? "{}") as Report;
  const { rows } = JSON.parse(second[0]?.stdout ?? "{}") as Report;
  const perSecond = documents / (wall(first) / 1000);
  const speed = wall(parsed) / wall(first);
  return [
    told("baseline", `${milliseconds(wall(parsed))}, ${megabytes(peak(parsed))} at its highest`),
    told("sb ingest", `${milliseconds(wall(first))}, ${perSecond.toFixed(0)} documents/s`),
    as === "bar"
      ? atLeast("speed of sb / baseline", { value: speed, bar: 0.3 }, times)
      : told("speed of sb / baseline", times(speed)),
    peak(first) > 0
      ? atMost("sb ingest: resident at its highest", { value: peak(first), bar: 400e6 }, megabytes)
      : told("sb ingest: resident", "not measured: no /proc here"),
    told("sb ingest with nothing new", milliseconds(wall(second))),
    atMost("rows read the second time", { value: rows, bar: 0 }, String),
  ];
}
