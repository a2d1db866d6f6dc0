import { sha256 } from "../kernel/text.ts";
import { plainName } from "../transcript/rows.ts";

/** The events that `sb` asks Claude Code for. Others are accepted and answered with nothing. */
export const HOOK_EVENTS = [
  "SessionStart",
  "UserPromptSubmit",
  "PostToolUse",
  "PostToolUseFailure",
  "PreCompact",
  "PostCompact",
  "Stop",
  "SubagentStop",
  "SessionEnd",
] as const;
export type HookEvent = (typeof HOOK_EVENTS)[number];

export function isHookEvent(name: string): name is HookEvent {
  return (HOOK_EVENTS as readonly string[]).includes(name);
}

/** What a hook is told, as far as it is used: Claude Code 2.1.330, field by field, each may be missing. */
export interface HookInput {
  readonly event: HookEvent;
  /** Claude Code's session id, by the name under which its transcript is kept. */
  readonly conversation: string;
  readonly transcriptPath?: string;
  /** Absolute. */
  readonly cwd: string;
  readonly promptId?: string;
  readonly agentId?: string;
  /** Of SessionStart: startup, resume, clear, compact, fork. Of UserPromptSubmit: user, sdk, system … */
  readonly source?: string;
  readonly prompt?: string;
  readonly toolName?: string;
  readonly toolInput?: Readonly<Record<string, unknown>>;
  readonly toolUseId?: string;
  /** Of PostToolUseFailure. */
  readonly error?: string;
  /** Of PreCompact and PostCompact: manual or auto. */
  readonly trigger?: string;
  /** Of SessionEnd: clear, resume, logout, prompt_input_exit, other. */
  readonly reason?: string;
}

/** Why a hook's input was not used; one line for the log. */
export interface Refusal {
  readonly refused: string;
}

/**
 * Reads what Claude Code writes to a hook's standard input. It comes from a program, but a version
 * of tomorrow or a script may write anything: what does not fit is refused with the reason.
 */
export function readHookInput(text: string, event: HookEvent): HookInput | Refusal {
  const given = parse(text);
  if ("refused" in given) return given;
  const { fields } = given;
  const named = textOf(fields["hook_event_name"]);
  if (named !== undefined && named !== event) {
    return { refused: `the input is of the event ${named.slice(0, 40)}, not ${event}` };
  }
  const conversation = textOf(fields["session_id"]);
  if (conversation === undefined || !/^[\w-]{1,128}$/.test(conversation)) {
    return { refused: "the input names no session_id" };
  }
  const cwd = textOf(fields["cwd"]);
  if (cwd === undefined) return { refused: "the input names no cwd" };
  const { tool_input: toolInput } = fields;
  return {
    event,
    conversation: plainName(conversation),
    cwd,
    ...texts(fields),
    ...(isRecord(toolInput) ? { toolInput } : {}),
  };
}

const TEXT_FIELDS = {
  transcript_path: "transcriptPath",
  prompt_id: "promptId",
  agent_id: "agentId",
  source: "source",
  prompt: "prompt",
  tool_name: "toolName",
  tool_use_id: "toolUseId",
  error: "error",
  trigger: "trigger",
  reason: "reason",
} as const satisfies Record<string, keyof HookInput>;

function texts(fields: Readonly<Record<string, unknown>>) {
  const found = Object.entries(TEXT_FIELDS).flatMap(([field, key]) => {
    const value = textOf(fields[field]);
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(found) as Partial<
    Record<(typeof TEXT_FIELDS)[keyof typeof TEXT_FIELDS], string>
  >;
}

function parse(text: string): { fields: Readonly<Record<string, unknown>> } | Refusal {
  if (text.trim() === "") return { refused: "the input is empty" };
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? { fields: value } : { refused: "the input is no JSON object" };
  } catch {
    return { refused: "the input is no JSON" };
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * What makes an event one event, however often it is delivered; undefined where nothing in it does
 * and two of the same within moments are taken as one.
 */
export function eventKey(input: HookInput): string {
  const { event, conversation, promptId, toolUseId, agentId, source, trigger, reason } = input;
  const parts = [event, conversation, promptId, toolUseId, agentId, source ?? trigger ?? reason];
  return sha256(parts.map((part) => part ?? "").join("|")); // it is stored, whatever was in it
}
