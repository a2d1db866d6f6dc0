import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectSlug } from "../../../core/transcript/slug.ts";
import gateway from "./api-gateway.jsonl" with { type: "text" };
import auth from "./auth-service.jsonl" with { type: "text" };
import userBefore from "./user-service.jsonl" with { type: "text" };
import userToday from "./user-service-today.jsonl" with { type: "text" };

/** The folder that the samples were written in: each row's `cwd` lies below it. */
const WRITTEN_IN = "/home/dev/work";

export const DAY_MS = 86_400_000;

/** One sample conversation. */
interface Sample {
  readonly project: string;
  readonly text: string;
  readonly sessionId: string;
  /** How long before now its last row was written; 0 for one that is written just now, all at once. */
  readonly ageMs: number;
}

/** Conversations that lie in the past when the demonstration begins. */
export const PAST: readonly Sample[] = [
  sample("auth-service", auth, 3 * DAY_MS),
  sample("api-gateway", gateway, 2 * DAY_MS),
  sample("user-service", userBefore, DAY_MS),
];

/** The conversation that the demonstration has in `user-service`. */
export const TODAY: Sample = sample("user-service", userToday, 0);

function sample(project: string, text: string, ageMs: number): Sample {
  const sessionId = /"sessionId":"([^"]+)"/.exec(text)?.[1] ?? "";
  return { project, text, sessionId, ageMs };
}

/** Where the samples are put: projects below `work`, transcripts below `transcripts`. */
export interface Stage {
  readonly work: string;
  readonly transcripts: string;
  /** Epoch ms. */
  readonly now: number;
}

/** Writes `sample` as Claude Code would have written it on this machine, ending `ageMs` ago. */
export function placeSample({ project, text, sessionId, ageMs }: Sample, stage: Stage): void {
  const rows = text.trimEnd().split("\n");
  const last = Math.max(...rows.flatMap((row) => timeOf(row) ?? []));
  const moveTime = (_all: string, iso: string) => {
    const beforeLast = ageMs === 0 ? 0 : last - Date.parse(iso);
    return `"timestamp":"${new Date(stage.now - ageMs - beforeLast).toISOString()}"`;
  };
  const work = JSON.stringify(stage.work).slice(1, -1);
  const moved = rows.map((row) => row.replaceAll(WRITTEN_IN, work).replace(TIMESTAMP, moveTime));
  const folder = join(stage.transcripts, projectSlug(join(stage.work, project)));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${sessionId}.jsonl`), `${moved.join("\n")}\n`);
}

const TIMESTAMP = /"timestamp":"([^"]+)"/;

function timeOf(row: string): number | undefined {
  const iso = TIMESTAMP.exec(row)?.[1];
  return iso === undefined ? undefined : Date.parse(iso);
}
