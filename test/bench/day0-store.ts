import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Transcript } from "../support/transcript.ts";
import { FACTS } from "./day0-facts.ts";
import { type Fact, TOPICS, type Told, type Topic } from "./day0-model.ts";
import { PROJECTS, type ProjectPlan } from "./day0-projects.ts";
import { type Speaker, Speech } from "./day0-speech.ts";
import { insightBlock, Prose } from "./prose.ts";
import { Random } from "./random.ts";
import { type Names, projectNames } from "./vocabulary.ts";

/** What a store of day 0 is made from; the same values give the same bytes. */
export interface Day0Plan {
  /** Stands for `~/.claude`: the transcripts lie in its `projects`. */
  readonly claude: string;
  /** The projects' folders lie here. */
  readonly work: string;
  readonly seed: number;
  /** Ends with the first session at or above one of these. */
  readonly sessions?: number;
  readonly exchanges?: number;
}

/** Where a fact was told: its session, and the rows that say it. */
export interface Evidence {
  readonly fact: Fact;
  readonly session: string;
  readonly uuids: readonly string[];
  /** Sessions that tell of the same at other times. */
  readonly besides: readonly string[];
}

export interface Day0 {
  readonly sessions: number;
  readonly exchanges: number;
  readonly bytes: number;
  readonly evidence: readonly Evidence[];
}

/** First and last day of the history; the questions are asked some days after. */
const FIRST = Date.UTC(2025, 11, 1);
const LAST = Date.UTC(2026, 10, 15);
/** When the questions are asked: a Friday. */
export const ASKED_AT = Date.UTC(2026, 10, 20, 10);

const DAY_MS = 86_400_000;
/** Fewest and most exchanges of a session. */
const TURNS = [3, 30] as const;
/** How many answers speak of what a fact of the project is about, without what it says. */
const ECHOES = 0.05;
/** How many of the files that are worked on have the name of a fact's file, in another folder. */
const NAMESAKES = 0.02;
/** Facts that are told in one session, where their day is not given. */
const FACTS_IN_SESSION = 2;

/** A project with its folder and its words. */
interface Place {
  readonly cwd: string;
  readonly names: Names;
  readonly facts: readonly Fact[];
}

/** One fact told once. */
interface Planted {
  readonly fact: Fact;
  readonly told: Told;
}

interface SessionPlan {
  readonly key: string;
  readonly project: string;
  readonly topic: Topic;
  readonly start: number;
  readonly planted: readonly Planted[];
}

/**
 * Writes a store: first the sessions that tell the facts, the same at any size, then others about
 * the same topics in the same words. A smaller store's sessions are all in a larger one.
 * @throws RangeError for fewer sessions than the facts take.
 */
export function writeDay0(plan: Day0Plan): Day0 {
  const { seed, sessions = Infinity, exchanges = Infinity } = plan;
  const writer = new Writer(plan);
  const telling = factSessions(seed);
  if (telling.length > sessions) {
    throw new RangeError(`the facts take ${telling.length} sessions, not ${sessions}`);
  }
  for (let index = 0; index < sessions && writer.exchanges < exchanges; index += 1) {
    writer.write(telling[index] ?? fillerSession(seed, index));
  }
  return writer.done();
}

/** Folder of the project `name`. */
export const folderOf = (work: string, name: string): string => join(work, name);

/** Makes the projects' folders, each with a manifest that names the folders it depends on. */
export function writeProjects(work: string): void {
  for (const { name, uses } of PROJECTS) {
    const folder = folderOf(work, name);
    mkdirSync(folder, { recursive: true });
    const dependencies = Object.fromEntries(uses.map((other) => [other, `file:../${other}`]));
    writeFileSync(
      join(folder, "package.json"),
      `${JSON.stringify({ name, dependencies }, null, 2)}\n`,
    );
  }
}

/** A source of chance for one thing by name: what comes before it changes nothing. */
function chanceOf(seed: number, name: string): Random {
  return new Random(Number(Bun.hash.xxHash32(name, seed)));
}

/** The sessions that tell the facts: dated ones alone, the others by two in their project. */
function factSessions(seed: number): SessionPlan[] {
  const undated = new Map<string, Planted[]>();
  const plans: SessionPlan[] = [];
  const add = (planted: readonly Planted[], day?: string) => {
    const [first] = planted;
    if (!first) return;
    const { id, project, topic } = first.fact;
    const key = `${id}/${first.told.day ?? ""}`;
    plans.push({ key, project, topic, start: timeOf(chanceOf(seed, `time/${key}`), day), planted });
  };
  for (const fact of FACTS) {
    for (const told of [...(fact.besides ?? []), fact.told]) {
      if (told.day !== undefined) add([{ fact, told }], told.day);
      else undated.set(fact.project, [...(undated.get(fact.project) ?? []), { fact, told }]);
    }
  }
  for (const planted of undated.values()) {
    for (let at = 0; at < planted.length; at += FACTS_IN_SESSION) {
      add(planted.slice(at, at + FACTS_IN_SESSION));
    }
  }
  return plans;
}

/** A time of work on `day`, or on any day of the history. */
function timeOf(random: Random, day?: string): number {
  const days = Math.floor((LAST - FIRST) / DAY_MS);
  const date =
    day === undefined ? FIRST + random.between(0, days) * DAY_MS : Date.parse(`2026-${day}`);
  return date + random.between(7 * 3_600, 18 * 3_600) * 1_000;
}

function fillerSession(seed: number, index: number): SessionPlan {
  const random = chanceOf(seed, `filler/${index}`);
  const { name } = random.pick(PROJECTS);
  const topics = topicsOf(name, seed);
  const topic = random.chance(0.75) ? random.pick(topics) : random.pick(TOPICS);
  return { key: `filler/${index}`, project: name, topic, start: timeOf(random), planted: [] };
}

/** What is mostly talked about in a project: the topics of its facts and two others. */
function topicsOf(project: string, seed: number): Topic[] {
  const random = chanceOf(seed, `topics/${project}`);
  const own = FACTS.filter((fact) => fact.project === project).map(({ topic }) => topic);
  return [...new Set([...own, random.pick(TOPICS), random.pick(TOPICS)])];
}

class Writer {
  readonly #plan: Day0Plan;
  readonly #speech: Speech;
  readonly #places: ReadonlyMap<string, Place>;
  readonly #told = new Map<Told, { session: string; uuids: string[] }>();
  #sessions = 0;
  exchanges = 0;
  #bytes = 0;

  constructor(plan: Day0Plan) {
    this.#plan = plan;
    this.#speech = new Speech(chanceOf(plan.seed, "speech"));
    this.#places = new Map(PROJECTS.map((project) => [project.name, this.#place(project)]));
  }

  #place(project: ProjectPlan): Place {
    const random = chanceOf(this.#plan.seed, `project/${project.name}`);
    const names = projectNames(random);
    const cwd = folderOf(this.#plan.work, project.name);
    const facts = FACTS.filter((fact) => fact.project === project.name);
    return { cwd, names, facts };
  }

  write({ key, project, topic, start, planted }: SessionPlan): void {
    const place = this.#places.get(project);
    if (!place) throw new Error(`no project ${project}`);
    const random = chanceOf(this.#plan.seed, `session/${key}`);
    const prose = new Prose(random, place.names);
    const transcript = new Transcript({
      sessionId: random.uuid(),
      cwd: place.cwd,
      branch: random.chance(0.5)
        ? "main"
        : `feature/${random.pick(TOPICS)}-${random.between(1, 900)}`,
      start,
    });
    const turns = random.size(...TURNS);
    const slots = planted.map((_, index) =>
      Math.floor(((index + random.next()) * turns) / planted.length),
    );
    const by: Turn = {
      random,
      topic,
      names: place.names,
      prose,
      cwd: place.cwd,
      facts: place.facts,
    };
    for (let turn = 0; turn < turns; turn += 1) {
      for (const [index, one] of planted.entries()) {
        if (slots[index] === turn) this.#tell(transcript, one, by);
      }
      this.#turn(transcript, by);
    }
    this.#keep(transcript);
  }

  /** One exchange that says nothing in particular. */
  #turn(into: Transcript, by: Turn): void {
    const { random, prose } = by;
    const pasted = random.chance(0.04) ? `\n\n${this.#failure(by)}` : "";
    into.prompt(this.#speech.prompt(by, random.size(1, 4)) + pasted);
    if (random.chance(0.3)) {
      for (let left = random.size(1, 3); left > 0; left -= 1) this.#call(into, by);
    }
    const words = [this.#speech.answer(by, random.size(2, 12))];
    if (random.chance(ECHOES)) words.push(this.#speech.echo(by));
    if (random.chance(0.12)) words.push(`\`\`\`ts\n${prose.code(random.between(3, 8))}\n\`\`\``);
    if (random.chance(0.03)) words.push(this.#insight(by));
    into.answer(words.join("\n\n"));
    this.exchanges += 1;
  }

  /** The exchange that tells a fact, among other things. */
  #tell(into: Transcript, { told }: Planted, by: Turn): void {
    const { random } = by;
    const around = () => this.#speech.answer(by, random.size(1, 5));
    const uuids = [into.prompt(told.prompt)];
    if (told.failed) {
      const { command, output } = told.failed;
      into.tool({ name: "Bash", input: { command }, output, isError: true, toolUseResult: output });
    }
    const edited = told.edits ?? (told.failed ? by.names.paths.draw(random) : undefined);
    if (edited) edit(into, `${into.cwd}/${edited}`, ["const kept = 1;", "const kept = 2;"]);
    if (told.failed) {
      into.tool({ name: "Bash", input: { command: told.failed.command }, output: "done" });
    }
    uuids.push(into.answer([around(), told.answer, around()].join("\n\n")));
    this.#told.set(told, { session: into.sessionId, uuids });
    this.exchanges += 1;
  }

  /** A tool call as sessions are full of them. */
  #call(into: Transcript, by: Turn): void {
    const { random, names, prose, cwd } = by;
    const namesake = random.chance(NAMESAKES) ? random.pick(FILE_NAMES) : undefined;
    const drawn = names.paths.draw(random);
    const path = `${cwd}/${namesake ? join(dirname(drawn), namesake) : drawn}`;
    const kind = random.next();
    if (kind < 0.35) {
      const output = prose.code(random.size(5, 30));
      into.tool({ name: "Read", input: { file_path: path }, output });
    } else if (kind < 0.65) {
      edit(into, path, [prose.code(2), prose.code(3)]);
    } else {
      const isError = random.chance(0.25);
      const command = `bun test ${names.paths.draw(random)}`;
      const output = isError ? this.#failure(by) : prose.output(random.size(1, 8));
      into.tool({ name: "Bash", input: { command }, output, isError });
    }
  }

  #failure(by: Turn): string {
    return by.random.chance(0.4) ? by.prose.failure() : this.#speech.failure(by);
  }

  #insight(by: Turn): string {
    const lines = Array.from(
      { length: by.random.between(1, 3) },
      () => `- ${this.#speech.answer(by, 2)}`,
    );
    return insightBlock(lines);
  }

  #keep(transcript: Transcript): void {
    const path = transcript.path(join(this.#plan.claude, "projects"));
    const text = transcript.text();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o600 });
    const end = new Date(/.*"timestamp":"([^"]+)"/s.exec(transcript.lines.at(-1) ?? "")?.[1] ?? 0);
    utimesSync(path, end, end);
    this.#sessions += 1;
    this.#bytes += Buffer.byteLength(text);
  }

  done(): Day0 {
    const sessionOf = (told: Told) => this.#told.get(told)?.session ?? "";
    const evidence = FACTS.map((fact) => ({
      fact,
      session: sessionOf(fact.told),
      uuids: this.#told.get(fact.told)?.uuids ?? [],
      besides: (fact.besides ?? []).map(sessionOf),
    }));
    return { sessions: this.#sessions, exchanges: this.exchanges, bytes: this.#bytes, evidence };
  }
}

/** What a turn is made with. */
interface Turn extends Speaker {
  readonly prose: Prose;
  readonly cwd: string;
}

const FILE_NAMES = FACTS.flatMap(({ told }) => (told.edits ? [basename(told.edits)] : []));

function edit(into: Transcript, path: string, [before, after]: readonly [string, string]): void {
  const input = { file_path: path, old_string: before, new_string: after };
  into.tool({ name: "Edit", input, output: `The file ${path} has been updated successfully.` });
}
