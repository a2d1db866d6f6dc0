import { SbError } from "../kernel/errors.ts";
import { truncate } from "../kernel/text.ts";
import type { Redactor } from "../storage/redactions.ts";
import { type ImporterDeps, importer, type Outcome } from "./importer.ts";
import { type Reading, type RecordLine, readRecordLines } from "./lines.ts";
import { BadRecord, LaterFormat, parseRecord } from "./parse.ts";

/** Bad lines that a report names; more are only counted. */
const MOST_NAMED = 20;

/** Keys that a report names. */
const MOST_KEYS = 20;

/** Longest work at a stretch, in milliseconds: signals get through in between. */
const BREATH_EVERY_MS = 20;

export interface ImportRequest {
  /** An open file. */
  readonly fd: number;
  /** Bad lines are left out and named, instead of ending the import with nothing stored. */
  readonly skipBad: boolean;
  /** What was forgotten is stored again. */
  readonly revive: boolean;
  /** All of it is done, and then taken back. */
  readonly dryRun: boolean;
}

export interface ImportReport {
  readonly records: number;
  readonly imported: number;
  readonly updated: number;
  readonly duplicates: number;
  /** Left out because it was forgotten. */
  readonly forgotten: number;
  readonly skipped: number;
  readonly by_type: Readonly<Record<string, number>>;
  readonly bad: readonly { readonly line: number; readonly problem: string }[];
  /** Keys that no record of ours has, with how often they were left out. */
  readonly ignored_keys: Readonly<Record<string, number>>;
  readonly ms: number;
}

export interface ImportDeps extends ImporterDeps {
  readonly redactor: Redactor;
}

type Tally = {
  -readonly [K in Exclude<keyof ImportReport, "ignored_keys">]: ImportReport[K];
} & {
  by_type: Record<string, number>;
  bad: { line: number; problem: string }[];
  /** A map, since the keys are anybody's: an object has a `constructor` of its own. */
  ignored: Map<string, number>;
};

const COUNTED = {
  imported: "imported",
  updated: "updated",
  duplicate: "duplicates",
  forgotten: "forgotten",
} as const satisfies Record<Outcome, keyof ImportReport>;

/**
 * Stores the records of a file in one transaction: all of it or nothing, whatever cuts it off.
 * Others read meanwhile; who wants to write waits.
 * @throws SbError `invalid_input` naming the line of the first bad record.
 */
export async function importRecords(
  deps: ImportDeps,
  request: ImportRequest,
  onProgress: (done: { records: number; bytes: number }) => void,
): Promise<ImportReport> {
  const started = performance.now();
  const { db } = deps.ports;
  const tally = emptyTally();
  const reading: Reading = { bytes: 0 };
  db.run("BEGIN IMMEDIATE");
  try {
    deps.tombstones.refresh();
    const take = taker(deps, request, tally);
    let breath = performance.now() + BREATH_EVERY_MS;
    for (const line of readRecordLines(request.fd, reading)) {
      take(line);
      if (performance.now() < breath) continue;
      onProgress({ records: tally.records, bytes: reading.bytes });
      await new Promise((resolve) => setImmediate(resolve));
      breath = performance.now() + BREATH_EVERY_MS;
    }
    if (reading.foreign) {
      throw new SbError("invalid_input", `this is no export but ${reading.foreign}`);
    }
    deps.redactor.note();
    db.run(request.dryRun ? "ROLLBACK" : "COMMIT");
  } catch (error) {
    if (db.inTransaction) db.run("ROLLBACK");
    throw error;
  }
  const { ignored, ...told } = tally;
  const ignored_keys = Object.fromEntries(ignored);
  return { ...told, ignored_keys, ms: Math.round(performance.now() - started) };
}

function taker(deps: ImportDeps, { skipBad, revive }: ImportRequest, tally: Tally) {
  const into = importer(deps, { revive });
  const onIgnored = (key: string) => {
    const name = truncate(deps.redactor.clean(key), 40);
    const known = tally.ignored.get(name);
    if (known !== undefined || tally.ignored.size < MOST_KEYS) {
      tally.ignored.set(name, (known ?? 0) + 1);
    }
  };

  function store(line: RecordLine): void {
    if ("problem" in line) throw new BadRecord(line.problem);
    const record = parseRecord(line.text, deps.redactor.clean, onIgnored);
    if (record.type === "header") return;
    const outcome = into.take(record);
    tally.records += 1;
    tally[COUNTED[outcome]] += 1;
    if (outcome === "imported") tally.by_type[record.type] = (tally.by_type[record.type] ?? 0) + 1;
  }

  return (line: RecordLine): void => {
    try {
      store(line);
    } catch (error) {
      if (error instanceof LaterFormat) {
        throw new SbError("invalid_input", `line ${line.number}: ${error.message}`, {
          hint: "upgrade sb",
        });
      }
      if (!(error instanceof BadRecord)) throw error;
      if (!skipBad) {
        throw new SbError("invalid_input", `line ${line.number}: ${error.message}`, {
          hint: "nothing was imported; mend the line, or leave bad ones out with --skip-bad",
        });
      }
      tally.skipped += 1;
      if (tally.bad.length < MOST_NAMED) {
        tally.bad.push({ line: line.number, problem: error.message });
      }
    }
  };
}

function emptyTally(): Tally {
  return {
    records: 0,
    imported: 0,
    updated: 0,
    duplicates: 0,
    forgotten: 0,
    skipped: 0,
    by_type: {},
    bad: [],
    ignored: new Map(),
    ms: 0,
  };
}
