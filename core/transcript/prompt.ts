import { blocks, type Row, record, textOf } from "./rows.ts";

/** What somebody typed, without what the client put around it. */
export interface Prompt {
  readonly text: string;
  /** Whether it is `/name args`, of which alone nothing is worth keeping. */
  readonly isCommand: boolean;
}

/** Flags of user rows that the client wrote itself. */
const MACHINE_FLAGS = [
  ...["isMeta", "isCompactSummary", "isVisibleInTranscriptOnly", "turnCompanion", "isVirtual"],
] as const;

/** How texts begin that are in a user's row though no user typed them. */
const MACHINE_TEXTS = [
  ...["<task-notification>", "<local-command-stdout>", "<local-command-stderr>"],
  ...["<local-command-caveat>", "<bash-input>", "<bash-stdout>", "<bash-stderr>"],
  ...["[Request interrupted by user"],
] as const;

/**
 * The prompt of a user's row; undefined where a tool or the client wrote it.
 *
 * @param fromAgent the row belongs to a subagent, where another agent's words are the prompt.
 */
export function promptOf(row: Row, fromAgent: boolean): Prompt | undefined {
  if (MACHINE_FLAGS.some((flag) => Boolean(row[flag]))) return undefined;
  if ((row["toolUseResult"] ?? undefined) !== undefined) return undefined;
  const origin = record(row["origin"])?.["kind"];
  if (!fromAgent && typeof origin === "string" && origin !== "human") return undefined;
  return promptFrom(record(row["message"])?.["content"]);
}

/** The prompt that was typed while the model still worked; it lives in an attachment. */
export function queuedPromptOf(row: Row): Prompt | undefined {
  const queued = record(row["attachment"]);
  const mode = queued?.["commandMode"];
  if (queued?.["type"] !== "queued_command" || queued["isMeta"] === true) return undefined;
  if (typeof mode === "string" && mode !== "prompt") return undefined;
  return promptFrom(queued["prompt"]);
}

function promptFrom(content: unknown): Prompt | undefined {
  const parts: string[] = [];
  for (const block of blocks(content)) {
    if (block["type"] === "tool_result") return undefined;
    const part = withoutReminders(textOf(block)).trim();
    if (part !== "") parts.push(part);
  }
  const whole = parts.join("\n\n");
  if (whole === "" || MACHINE_TEXTS.some((start) => whole.startsWith(start))) return undefined;
  if (!/^<command-(name|message)>/.test(whole)) return { text: whole, isCommand: false };
  return commandFrom(whole);
}

function commandFrom(whole: string): Prompt | undefined {
  const name = between(whole, "<command-name>", "</command-name>")?.trim().replace(/^\/+/, "");
  if (!name) return undefined;
  const args = between(whole, "<command-args>", "</command-args>")?.trim() ?? "";
  return { text: args === "" ? `/${name}` : `/${name} ${args}`, isCommand: true };
}

function between(whole: string, open: string, close: string): string | undefined {
  const start = whole.indexOf(open);
  const end = start < 0 ? -1 : whole.indexOf(close, start);
  return end < 0 ? undefined : whole.slice(start + open.length, end);
}

const REMINDER_OPEN = "<system-reminder>";
const REMINDER_CLOSE = "</system-reminder>";

function withoutReminders(whole: string): string {
  const kept: string[] = [];
  let from = 0;
  for (;;) {
    const open = whole.indexOf(REMINDER_OPEN, from);
    const close = open < 0 ? -1 : whole.indexOf(REMINDER_CLOSE, open);
    if (close < 0) break;
    kept.push(whole.slice(from, open));
    from = close + REMINDER_CLOSE.length;
  }
  return kept.join("") + whole.slice(from);
}
