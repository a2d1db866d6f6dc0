import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { redact } from "../kernel/redact.ts";
import type { TranscriptFile } from "../transcript/locate.ts";
import { blocks, type Row, record, text } from "../transcript/rows.ts";

/** One time that the client asked a person, or did not. */
export interface Decision {
  readonly tool: string;
  readonly input: Row;
  /** Absolute folder that the client worked in. */
  readonly cwd: string;
  readonly outcome: "allowed" | "refused";
  /** Whether a person was asked. */
  readonly isAsked: boolean;
}

/** Transcripts read at most for one report, in bytes: about a second. */
const MOST_BYTES = 256 * 1024 * 1024;

/** A longer one is left out: it would be held whole. */
const LONGEST_FILE = 128 * 1024 * 1024;

const RESULT = Buffer.from('"permissionDecision"');
const CALL = Buffer.from('"tool_use"');

export interface Decisions {
  readonly decisions: readonly Decision[];
  readonly files: number;
  /** Left out: too long, unreadable, or beyond what one report reads. */
  readonly skipped: number;
}

/** Every decision in `files`, the newest files first. */
export function readDecisions(files: readonly TranscriptFile[]): Decisions {
  const decisions: Decision[] = [];
  let [read, bytes] = [0, 0];
  for (const file of files) {
    if (file.size > LONGEST_FILE || bytes + file.size > MOST_BYTES) continue;
    bytes += file.size;
    try {
      decisions.push(...decisionsIn(readFileSync(file.path)));
      read += 1;
    } catch {
      // It is gone, or may not be read: it counts as skipped.
    }
  }
  return { decisions, files: read, skipped: files.length - read };
}

function decisionsIn(bytes: Buffer): Decision[] {
  if (bytes.indexOf(RESULT) < 0) return [];
  const calls = new Map<string, { tool: string; input: Row }>();
  const found: Decision[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(start, end);
    start = end + 1;
    const isResult = line.indexOf(RESULT) >= 0;
    if (!isResult && line.indexOf(CALL) < 0) continue;
    const row = rowOf(line);
    const content = blocks(record(row?.["message"])?.["content"]);
    for (const block of content) noteCall(block, calls);
    const decision = row && isResult ? decisionOf(row, content, calls) : undefined;
    if (decision) found.push(decision);
  }
  return found;
}

function rowOf(line: Buffer): Row | undefined {
  try {
    return record(JSON.parse(line.toString("utf8")));
  } catch {
    return undefined;
  }
}

function noteCall(block: Row, calls: Map<string, { tool: string; input: Row }>): void {
  const [id, tool] = [text(block["id"]), text(block["name"])];
  if (block["type"] !== "tool_use" || !id || !tool) return;
  calls.set(id, { tool, input: record(block["input"]) ?? {} });
}

/** `permissionDecision` is an object `{decision, source, reasonType}`; older clients wrote a word. */
function decisionOf(
  row: Row,
  content: readonly Row[],
  calls: ReadonlyMap<string, { tool: string; input: Row }>,
): Decision | undefined {
  const given = row["permissionDecision"];
  const facts = record(given) ?? { decision: given };
  const word = text(facts["decision"]) ?? text(facts["behavior"]) ?? "";
  const source = text(facts["source"]) ?? text(facts["reasonType"]) ?? "";
  const id = content.map((block) => text(block["tool_use_id"])).find((one) => one !== undefined);
  const call = id === undefined ? undefined : calls.get(id);
  if (!call || word === "") return undefined;
  const outcome = /^(?:allow|accept|approve)/i.test(word) ? "allowed" : "refused";
  return { ...call, cwd: text(row["cwd"]) ?? "", outcome, isAsked: /^user/i.test(source) };
}

/** A rule that would have saved prompts. */
export interface Suggestion {
  readonly rule: string;
  /** Prompts that it would have saved. */
  readonly count: number;
}

export interface Suggested {
  /** Most prompts first. */
  readonly suggestions: readonly Suggestion[];
  /** Prompts that no exact rule can be written for. */
  readonly unsuited: number;
}

/** The exact rules that would have saved the prompts of `decisions`; none that was ever refused. */
export function suggestRules(decisions: readonly Decision[], root: string): Suggested {
  const asked = decisions.filter(({ isAsked }) => isAsked);
  const refused = new Set(
    asked.filter(({ outcome }) => outcome === "refused").flatMap((one) => rulesFor(one, root)),
  );
  const counts = new Map<string, number>();
  let unsuited = 0;
  for (const decision of asked.filter(({ outcome }) => outcome === "allowed")) {
    const rules = rulesFor(decision, root);
    if (rules.length === 0 || rules.some((rule) => refused.has(rule))) unsuited += 1;
    else for (const rule of new Set(rules)) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  const suggestions = [...counts]
    .map(([rule, count]) => ({ rule, count }))
    .sort((a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1));
  return { suggestions, unsuited };
}

/** A longer command is hardly run twice. */
const COMMAND_CHARS = 200;

/** Syntax of the client's rules: reference of Claude Code, permissions. Empty where none fits. */
function rulesFor({ tool, input, cwd }: Decision, root: string): string[] {
  switch (tool) {
    case "Bash":
      return bashRules(text(input["command"]) ?? "");
    case "Edit":
    case "MultiEdit":
    case "Write":
    case "NotebookEdit":
      return pathRule("Edit", text(input["file_path"]) ?? text(input["notebook_path"]), root);
    case "Read":
      return pathRule("Read", text(input["file_path"]), root);
    case "WebFetch":
      return URL.canParse(String(input["url"]))
        ? [`WebFetch(domain:${new URL(String(input["url"])).hostname})`]
        : [];
    case "Skill":
      return withArgument("Skill", text(input["skill"]) ?? text(input["command"]));
    case "Agent":
    case "Task":
      return withArgument("Agent", text(input["subagent_type"]));
    default:
      return cwd !== "" && /^\w[\w-]*$/.test(tool) ? [tool] : [];
  }
}

/** A rule for each part of a compound command, as the client matches them. */
function bashRules(command: string): string[] {
  const isPlain = command.length <= COMMAND_CHARS && !/[\n`]|\$\(|<<|[()*]/.test(command);
  if (!isPlain || redact(command).text !== command) return [];
  return command
    .split(/\s*(?:&&|\|\||;|\|)\s*/)
    .filter((part) => part !== "")
    .map((part) => `Bash(${part})`);
}

function pathRule(kind: "Edit" | "Read", path: string | undefined, root: string): string[] {
  if (path === undefined || !path.startsWith("/") || redact(path).text !== path) return [];
  const inside = relative(root, path);
  if (!inside.startsWith("..")) return [`${kind}(/${inside})`];
  return [`${kind}(/${path})`];
}

function withArgument(kind: string, value: string | undefined): string[] {
  return value && /^[\w:.-]+$/.test(value) ? [`${kind}(${value})`] : [];
}
