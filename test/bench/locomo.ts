import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Transcript } from "../support/transcript.ts";

/** One turn of a dialogue. */
export interface Turn {
  /** As evidence names it: `D3:14` is the 14th turn of session 3. */
  readonly id: string;
  readonly speaker: string;
  /** What was said; the caption of a shared picture stands on a line of its own. */
  readonly text: string;
}

export interface DialogueSession {
  /** `D3` */
  readonly id: string;
  /** As it is written: `1:56 pm on 8 May, 2023`. */
  readonly date: string;
  readonly turns: readonly Turn[];
}

export interface Question {
  readonly text: string;
  readonly category: string;
  /** Ids of the turns that answer it, at least one. */
  readonly evidence: readonly string[];
}

/** A dialogue of LoCoMo (Maharana et al., 2024), of months between two people. */
export interface Dialogue {
  readonly name: string;
  readonly sessions: readonly DialogueSession[];
  /** Those that name evidence. */
  readonly questions: readonly Question[];
}

/** What the set's numbers of categories stand for. */
const CATEGORIES: Readonly<Record<number, string>> = {
  1: "multi-hop",
  2: "temporal",
  3: "open inference",
  4: "single-hop",
  5: "adversarial",
};

/** A file of the set, as far as it is read; sessions lie under `session_N` and `session_N_date_time`. */
interface Written {
  readonly [key: string]: unknown;
  readonly qa: readonly {
    readonly question: string;
    readonly category: number;
    readonly evidence?: readonly string[];
  }[];
}

interface WrittenTurn {
  readonly speaker: string;
  readonly dia_id: string;
  readonly text?: string;
  readonly blip_caption?: string;
}

/**
 * The dialogues in `folder`, one JSON file each, by name.
 * @throws Error when there is none.
 */
export function readDialogues(folder: string): Dialogue[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  if (names.length === 0) throw new Error(`no dialogue (*.json) in ${folder}`);
  return names.sort().map((name) => {
    const written = JSON.parse(readFileSync(join(folder, name), "utf8")) as Written;
    return {
      name: basename(name, ".json"),
      sessions: sessionsOf(written),
      questions: written.qa.flatMap(({ question, category, evidence = [] }) => {
        // A few entries hold two ids, or none that can be read.
        const ids = [...new Set(evidence.flatMap((each) => each.match(/D\d+:\d+/g) ?? []))];
        const named = CATEGORIES[category] ?? `category ${category}`;
        return ids.length > 0 ? [{ text: question, category: named, evidence: ids }] : [];
      }),
    };
  });
}

function sessionsOf(written: Written): DialogueSession[] {
  return Object.entries(written)
    .flatMap(([key, turns]) => {
      const number = /^session_(\d+)$/.exec(key)?.[1];
      if (number === undefined || !Array.isArray(turns)) return [];
      const date = String(written[`${key}_date_time`] ?? "");
      return [{ number: Number(number), date, turns: turns as WrittenTurn[] }];
    })
    .sort((a, b) => a.number - b.number)
    .map(({ number, date, turns }) => ({
      id: `D${number}`,
      date,
      turns: turns.map(({ speaker, dia_id, text = "", blip_caption }) => ({
        id: dia_id,
        speaker,
        text: blip_caption ? `${text}\n${blip_caption}` : text,
      })),
    }));
}

/** The session that a turn stands in: `D3` for `D3:14`. */
export const sessionOf = (turn: string): string => turn.slice(0, turn.indexOf(":"));

/** Epoch ms of `1:56 pm on 8 May, 2023`, read as UTC. @throws RangeError for anything else. */
export function timeOf(date: string): number {
  const match = /^(\d+):(\d+) ([ap])m on (\d+) (\w+), (\d{4})$/.exec(date.trim());
  const [, hour, minute, half, day, month, year] = match ?? [];
  const start = Date.parse(`${day} ${month} ${year} 00:00 UTC`);
  if (!match || Number.isNaN(start)) throw new RangeError(`no date of a session: "${date}"`);
  const hours = (Number(hour) % 12) + (half === "p" ? 12 : 0);
  return start + (hours * 60 + Number(minute)) * 60_000;
}

/** Where the turns of a dialogue are found again. */
export interface Place {
  /** Session of the dialogue (`D3`) by the id of its transcript. */
  readonly sessions: ReadonlyMap<string, string>;
  /** Turn by the uuid of its row. */
  readonly turns: ReadonlyMap<string, string>;
}

/** Folder of the project that a dialogue is written as. */
export const folderOf = ({ name }: Dialogue): string => `/home/dev/dialogue-${name}`;

/**
 * Writes each session of a dialogue as one transcript: every turn is a row of its own with its
 * speaker's name before it, the turns of who spoke first are prompts, the other's are answers. A
 * second turn of the same speaker in a row is a second prompt, or a second message of one answer.
 */
export function writeDialogue(dialogue: Dialogue, projectsDir: string): Place {
  const sessions = new Map<string, string>();
  const turns = new Map<string, string>();
  for (const { id, date, turns: said } of dialogue.sessions) {
    const sessionId = uuidOf(`${dialogue.name}/${id}`);
    const transcript = new Transcript({
      sessionId,
      cwd: folderOf(dialogue),
      start: timeOf(date),
    });
    for (const turn of said) {
      const words = `${turn.speaker}: ${turn.text}`;
      const isPrompt = turn.speaker === said[0]?.speaker;
      turns.set(isPrompt ? transcript.prompt(words) : transcript.answer(words), turn.id);
    }
    sessions.set(sessionId, id);
    transcript.writeTo(projectsDir);
  }
  return { sessions, turns };
}

/** A UUID that is always the same for the same text. */
function uuidOf(text: string): string {
  const hex = new Bun.CryptoHasher("sha256").update(text).digest("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`];
  return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}
