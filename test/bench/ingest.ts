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
import { median, type Program, type Run, run } from "./measure.ts";
import type { Place } from "./place.ts";
import { showBytes } from "./size.ts";

const ROUNDS = 5;

/** What `sb ingest --json` reports, as far as it is used here. */
interface Report {
  readonly rows: number;
  readonly documents: number;
}

/** Reading a history, against parsing the same files line by line. */
export async function ingest(place: Place, bytes: number): Promise<GroupReport> {
  const claude = join(place.folder, "history");
  mkdirSync(claude, { recursive: true });
  const history = writeHistory({ folder: claude, seed: 1, bytes });
  const baseline: Program = {
    command: [await place.compile("baseline"), claude],
    cwd: place.folder,
    env: place.env(claude),
  };
  const program = place.program(["ingest", "--all", "--json"], claude);
  const parsed: Run[] = [];
  const first: Run[] = [];
  const second: Run[] = [];
  await run(baseline); // brings the files into the page cache
  for (let round = 0; round < ROUNDS; round += 1) {
    parsed.push(await run(baseline, "memory"));
    for (const folder of ["data", "logs"]) {
      rmSync(join(claude, folder), { recursive: true, force: true });
    }
    first.push(await run(program, "memory"));
    second.push(await run(program, "memory"));
  }
  return {
    group: "ingest",
    notes: [
      ...notesOn(history),
      `sb: ${first[0]?.stdout.trim()}`,
      `again: ${second[0]?.stdout.trim()}`,
    ],
    figures: figures({ parsed, first, second }),
  };
}

function notesOn({ files, bytes, exchanges, saidBytes }: History): string[] {
  const said = ((saidBytes / bytes) * 100).toFixed(1);
  return [
    `${showBytes(bytes)} in ${files} files, ${exchanges} exchanges; ${said} % of it was said by somebody`,
    `medians of ${ROUNDS} runs each, in turn, each a process of its own over an empty store`,
    "baseline: reads chunks, decodes each line as UTF-8 and gives it to JSON.parse, compiled as sb is",
  ];
}

function figures(runs: Record<"parsed" | "first" | "second", readonly Run[]>): Figure[] {
  const wall = (of: readonly Run[]) => median(of.map(({ wallMs }) => wallMs));
  const peak = (of: readonly Run[]) => Math.max(...of.map(({ peakBytes }) => peakBytes));
  const { parsed, first, second } = runs;
  const { documents } = JSON.parse(first[0]?.stdout ?? "{}") as Report;
  const { rows } = JSON.parse(second[0]?.stdout ?? "{}") as Report;
  const perSecond = documents / (wall(first) / 1000);
  return [
    told("baseline", `${milliseconds(wall(parsed))}, ${megabytes(peak(parsed))} at its highest`),
    told("sb ingest", `${milliseconds(wall(first))}, ${perSecond.toFixed(0)} documents/s`),
    atLeast("speed of sb / baseline", { value: wall(parsed) / wall(first), bar: 0.3 }, times),
    peak(first) > 0
      ? atMost("sb ingest: resident at its highest", { value: peak(first), bar: 400e6 }, megabytes)
      : told("sb ingest: resident", "not measured: no /proc here"),
    told("sb ingest with nothing new", milliseconds(wall(second))),
    atMost("rows read the second time", { value: rows, bar: 0 }, String),
  ];
}
