import { collapse, truncate } from "../kernel/text.ts";
import type { KeptCall, StoredDocument } from "../search/model.ts";
import type { Handoff } from "./handoff.ts";
import type { ExchangeDetail } from "./remember.ts";

/** Bounds that keep a hand-off readable at a glance. */
const MOST = { asks: 12, files: 30, failing: 5, worked: 8, items: 10 } as const;
const LINE_CHARS = 200;
const GOAL_CHARS = 400;
const ANSWER_CHARS = 800;

/** The part of a hand-off that a conversation tells. */
export type Told = Pick<
  Handoff,
  "goal" | "done" | "last_answer" | "files" | "failing" | "worked" | "todos" | "next_steps"
>;

/** What of an exchange its conversation is told from, stored or about to be. Redacted. */
export type ToldExchange = Pick<
  StoredDocument,
  "id" | "agentId" | "branch" | "body" | "passages" | "detail"
>;

/** What `exchanges`, oldest first, say of the work. Paths below `root` are shown relative to it. */
export function tell(exchanges: readonly ToldExchange[], root: string): Told {
  const asks = exchanges.flatMap((document) => firstText(document, "user") ?? []);
  const answers = exchanges.flatMap((document) => lastText(document, "assistant") ?? []);
  const calls = exchanges.flatMap(({ detail }) => (detail as ExchangeDetail)?.tools ?? []);
  const last = answers.at(-1);
  const { steps, rest } = nextSteps(last ?? "");
  return {
    goal: asks[0] ? truncate(collapse(asks[0]), GOAL_CHARS) : null,
    done: asks.slice(-MOST.asks).map((ask) => truncate(collapse(ask), LINE_CHARS)),
    // What is listed as next steps is not said again.
    last_answer: last ? truncate(collapse(withoutInsights(rest)), ANSWER_CHARS) || null : null,
    files: touched(calls, root),
    ...commands(calls),
    todos: answers.slice(-5).flatMap(openBoxes).slice(-MOST.items),
    next_steps: steps.slice(0, MOST.items),
  };
}

function firstText(document: ToldExchange, role: string): string | undefined {
  const passage = document.passages.find(([, by]) => by === role);
  return passage && document.body.slice(passage[2], passage[3]);
}

function lastText(document: ToldExchange, role: string): string | undefined {
  const passage = document.passages.findLast(([, by]) => by === role);
  return passage && document.body.slice(passage[2], passage[3]);
}

/** The head of an answer without its insight blocks: a hand-off lists those by themselves. */
export function withoutInsights(text: string): string {
  return text
    .slice(0, 8 * ANSWER_CHARS)
    .replace(/^[`*]{0,2}★[^\n]*\n[\s\S]*?^[`*]{0,2}─{5,}[`*]{0,2}$/gmu, "");
}

/** Files named by tool calls, the most changed first. */
function touched(calls: readonly KeptCall[], root: string): Handoff["files"] {
  const files = new Map<string, { path: string; writes: number; reads: number }>();
  for (const { path, action } of calls.flatMap((call) => call.files ?? [])) {
    const shown = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
    const file = files.get(shown) ?? { path: shown, writes: 0, reads: 0 };
    if (action !== "read") file.writes += 1;
    else file.reads += 1;
    files.set(shown, file);
  }
  return [...files.values()]
    .sort((a, b) => b.writes - a.writes || b.reads - a.reads || a.path.localeCompare(b.path))
    .slice(0, MOST.files);
}

/** Commands whose last run failed, and those that worked; each command once. */
function commands(calls: readonly KeptCall[]): Pick<Handoff, "failing" | "worked"> {
  const last = new Map<string, KeptCall>();
  for (const call of calls) {
    if (!call.command || call.failed === undefined) continue;
    const command = truncate(collapse(call.command), LINE_CHARS);
    last.delete(command);
    last.set(command, call);
  }
  const all = [...last];
  return {
    failing: all
      .filter(([, call]) => call.failed)
      .slice(-MOST.failing)
      .map(([command, call]) => ({ command, error: errorLine(call.output ?? "") })),
    worked: all
      .filter(([, call]) => !call.failed)
      .slice(-MOST.worked)
      .map(([command]) => command),
  };
}

/** The line of an output that says most: the last one that names an error, else the last one. */
function errorLine(output: string): string {
  const lines = output.split("\n").map(collapse).filter(Boolean);
  const telling = lines.findLast((line) => /error|fail|exception|not found|cannot/i.test(line));
  return truncate(telling ?? lines.at(-1) ?? "failed", LINE_CHARS);
}

/** Unticked boxes of a Markdown task list. */
function openBoxes(text: string): string[] {
  return [...text.matchAll(/^[ \t]{0,12}[-*] \[ \] ([^\n]{1,500})/gmu)].map(([, item]) =>
    truncate(collapse(item ?? ""), LINE_CHARS),
  );
}

const NEXT_HEADING =
  /^(?:#{1,6} |\*\*)?(?:next steps?|what(?:'s| is) next|remaining(?: work)?|still to do)\b/i;

/** The list under a heading such as "Next steps", and the text without both. */
function nextSteps(text: string): { steps: string[]; rest: string } {
  const lines = text.split("\n");
  const heading = lines.findIndex((line) => NEXT_HEADING.test(line.trim()));
  const steps: string[] = [];
  let end = heading + 1;
  for (; heading >= 0 && end < lines.length; end += 1) {
    const line = lines[end] ?? "";
    const item = /^\s{0,6}(?:[-*•]|\d{1,2}[.)])\s+(.{1,500})/u.exec(line);
    if (item?.[1]) steps.push(truncate(collapse(item[1]), LINE_CHARS));
    else if (line.trim() !== "" && steps.length > 0) break;
  }
  if (steps.length === 0) return { steps, rest: text };
  return { steps, rest: [...lines.slice(0, heading), ...lines.slice(end)].join("\n") };
}

/** Where an exchange ended: its last row, which a long answer puts well after its start. */
export function endOf(document: StoredDocument): number {
  return (document.detail as ExchangeDetail | undefined)?.ended_at ?? document.at;
}
