import { z } from "zod";
import { collapse } from "../kernel/text.ts";

/** What a session leaves for the next one. Times are ISO 8601, UTC. */
export const Handoff = z.object({
  schema: z.literal(1),
  project: z.string(),
  session_id: z.string(),
  /** Conversations of Claude Code's that it spanned, oldest first. */
  conversations: z.array(z.string()),
  transcripts: z.array(z.string()),
  started_at: z.string(),
  ended_at: z.string(),
  /** Whether the session was cut off and this was put together afterwards. */
  recovered: z.boolean(),
  branch: z.string().nullable(),
  /** What the person first asked for. */
  goal: z.string().nullable(),
  /** What was asked, one line each, oldest first. */
  done: z.array(z.string()),
  /** Where the conversation stood: the head of the last answer. */
  last_answer: z.string().nullable(),
  commits: z.array(z.object({ hash: z.string(), subject: z.string() })),
  files: z.array(z.object({ path: z.string(), writes: z.number(), reads: z.number() })),
  uncommitted: z.array(z.string()),
  insights: z.array(z.string()),
  failing: z.array(z.object({ command: z.string(), error: z.string() })),
  worked: z.array(z.string()),
  todos: z.array(z.string()),
  next_steps: z.array(z.string()),
  checkpoints: z.array(z.object({ name: z.string().nullable(), at: z.string() })),
});
export type Handoff = z.infer<typeof Handoff>;

const FENCE = "---";

/**
 * The hand-off as Markdown. The front matter holds every field as `key: JSON`, which is YAML too,
 * so that a program reads back exactly what was written; the sections are for people.
 */
export function renderHandoff(handoff: Handoff): string {
  const front = Object.entries(handoff).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `${[FENCE, ...front, FENCE, "", handoffSections(handoff)].join("\n")}\n`;
}

/** The part for people, without the front matter. */
export function handoffSections(handoff: Handoff): string {
  return [...sections(handoff)].join("\n");
}

/** The sections in order; one without lines is left out. */
const SECTIONS: readonly (readonly [title: string, linesOf: (handoff: Handoff) => string[]])[] = [
  ["Goal", ({ goal }) => (goal ? [goal] : [])],
  ["What was asked", ({ done }) => done.map(bullet)],
  ["Where it stood", ({ last_answer }) => (last_answer ? [last_answer] : [])],
  ["Commits", ({ commits }) => commits.map((c) => bullet(`${c.hash.slice(0, 10)} ${c.subject}`))],
  ["Files touched", ({ files }) => files.map(fileLine)],
  ["Not committed", ({ uncommitted }) => uncommitted.map(quoted)],
  ["Insights", ({ insights }) => insights.map((text) => bullet(collapse(text)))],
  ["Failing", ({ failing }) => failing.map((f) => bullet(`\`${f.command}\`: ${f.error}`))],
  ["Commands that worked", ({ worked }) => worked.map(quoted)],
  ["Open", ({ todos }) => todos.map(bullet)],
  ["Next steps", ({ next_steps }) => next_steps.map(bullet)],
  ["Conversations", ({ conversations }) => conversations.map(bullet)],
  ["Transcripts", ({ transcripts }) => transcripts.map(quoted)],
];

function* sections(handoff: Handoff): Generator<string> {
  const { project, started_at, ended_at, recovered, branch } = handoff;
  const cut = " Recovered: the session was cut off, this was put together from what it left.";
  yield* [`# Hand-off: ${project}`, ""];
  yield `${started_at} to ${ended_at}${branch ? `, on ${branch}` : ""}.${recovered ? cut : ""}`;
  for (const [title, linesOf] of SECTIONS) {
    const lines = linesOf(handoff);
    if (lines.length > 0) yield* ["", `## ${title}`, "", ...lines];
  }
}

function quoted(text: string): string {
  return bullet(`\`${text}\``);
}

function bullet(text: string): string {
  return `- ${text}`;
}

function fileLine({ path, writes, reads }: Handoff["files"][number]): string {
  const counts = [writes ? `${writes} changed` : "", reads ? `${reads} read` : ""].filter(Boolean);
  return bullet(`\`${path}\` (${counts.join(", ")})`);
}

/** The hand-off in `text`; undefined when its front matter is missing, damaged or of another kind. */
export function parseHandoff(text: string): Handoff | undefined {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const end = lines.indexOf(FENCE, 1);
  if (lines[0] !== FENCE || end === -1) return undefined;
  const fields: Record<string, unknown> = {};
  for (const line of lines.slice(1, end)) {
    const colon = line.indexOf(": ");
    if (colon === -1) return undefined;
    try {
      fields[line.slice(0, colon)] = JSON.parse(line.slice(colon + 2));
    } catch {
      return undefined;
    }
  }
  const parsed = Handoff.safeParse(fields);
  return parsed.success ? parsed.data : undefined;
}

/**
 * A session in which nothing was said or done, though a conversation may have been opened: a file
 * about nothing helps nobody.
 */
export function isIdle(handoff: Handoff): boolean {
  const { goal, last_answer, files, checkpoints, commits } = handoff;
  const isSilent = goal === null && last_answer === null;
  return isSilent && files.length + checkpoints.length + commits.length === 0;
}
