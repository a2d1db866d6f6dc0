import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Transcript } from "../support/transcript.ts";
import { Random } from "./random.ts";
import { Project, SessionWriter, type Style } from "./session.ts";
import { parseBytes } from "./size.ts";

/** What a history holds. Made again from the same values, it is the same to the byte. */
export interface HistoryPlan {
  /** Stands for `~/.claude`: the files lie in its `projects`. */
  readonly folder: string;
  readonly seed: number;
  /** Ends with the first session at or above one of these. */
  readonly bytes?: number;
  readonly sessions?: number;
  readonly exchanges?: number;
  readonly style: Style;
}

/** What was written. */
export interface History {
  readonly files: number;
  readonly bytes: number;
  readonly sessions: number;
  readonly exchanges: number;
  /** Bytes of what people and models said. */
  readonly saidBytes: number;
  /** Bytes of the rows that hold it and the tools' calls and results: the conversation. */
  readonly talkBytes: number;
}

/** Fewest and most prompts in a session. */
const TURNS: Readonly<Record<Style, readonly [number, number]>> = {
  typical: [1, 5],
  tools: [2, 40],
  brief: [10, 10],
};

const PROJECTS = 12;
/** Sessions begin in the 30 days from here: 2026-10-01, as long as the client keeps them. */
const FIRST_DAY = Date.UTC(2026, 9, 1);
const MONTH_MS = 30 * 24 * 60 * 60 * 1000;

/** Writes a history in the client's layout, file by file: memory does not grow with it. */
export function writeHistory(plan: HistoryPlan): History {
  const { bytes = Infinity, sessions = Infinity, exchanges = Infinity, style } = plan;
  const random = new Random(plan.seed);
  const projects = Array.from({ length: PROJECTS }, (_, index) => new Project(random, index));
  const made = { files: 0, bytes: 0, sessions: 0, exchanges: 0, saidBytes: 0, talkBytes: 0 };
  const [fewest, most] = TURNS[style];
  const keep = (transcript: Transcript) => {
    made.files += 1;
    made.bytes += writeFile(transcript, join(plan.folder, "projects"));
    made.talkBytes += talkBytes(transcript);
  };
  while (made.bytes < bytes && made.sessions < sessions && made.exchanges < exchanges) {
    const session = new SessionWriter({
      project: random.pick(projects),
      random,
      sessionId: random.uuid(),
      start: FIRST_DAY + Math.floor(random.next() * MONTH_MS),
      turns: random.size(fewest, most),
      style,
    });
    session.write();
    for (const transcript of session.transcripts) keep(transcript);
    made.sessions += 1;
    const fork = style !== "brief" && random.chance(0.04) && session.fork(random.uuid(), 2);
    if (fork) keep(fork);
    made.exchanges += session.written.exchanges;
    made.saidBytes += session.written.saidBytes;
  }
  return made;
}

/** Writes one file, changed last when its last row was written. @returns its bytes. */
function writeFile(transcript: Transcript, projectsDir: string): number {
  const path = transcript.path(projectsDir);
  const text = Buffer.from(transcript.text());
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
  const end = endOf(transcript);
  if (end) utimesSync(path, end, end);
  return text.length;
}

/** Bytes of the rows of people, models and tools. */
function talkBytes({ lines }: Transcript): number {
  const talk = lines.filter((line) => /"type":"(?:user|assistant)"/.test(line.slice(0, 160)));
  return talk.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
}

/** The time of the last row that has one. */
function endOf({ lines }: Transcript): Date | undefined {
  const line = lines.findLast((each) => each.includes('"timestamp":"'));
  const [, time] = /"timestamp":"([^"]+)"/.exec(line ?? "") ?? [];
  return time === undefined ? undefined : new Date(time);
}

function isStyle(name: string): name is Style {
  return Object.hasOwn(TURNS, name);
}

/** `history.ts DIR --bytes 2G [--seed N] [--sessions N] [--style tools]` writes a history and says what it holds. */
function main(): void {
  const usage =
    "history.ts DIR --bytes 2G [--seed N] [--sessions N] [--style typical|tools|brief]\n";
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2),
    allowPositionals: true,
    options: {
      bytes: { type: "string" },
      seed: { type: "string", default: "1" },
      sessions: { type: "string" },
      style: { type: "string", default: "typical" },
    },
  });
  const [folder] = positionals;
  const { style } = values;
  if (folder === undefined || (!values.bytes && !values.sessions) || !isStyle(style)) {
    process.stderr.write(usage);
    process.exitCode = 2;
    return;
  }
  if (existsSync(join(folder, "projects"))) {
    process.stderr.write(`history.ts: ${folder} holds projects already\n`);
    process.exitCode = 2;
    return;
  }
  const made = writeHistory({
    folder: resolve(folder),
    seed: Number(values.seed),
    style,
    ...(values.bytes ? { bytes: parseBytes(values.bytes) } : {}),
    ...(values.sessions ? { sessions: Number(values.sessions) } : {}),
  });
  process.stdout.write(`${JSON.stringify(made)}\n`);
}

if (import.meta.main) main();
