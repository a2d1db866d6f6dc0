import { redact } from "../kernel/redact.ts";
import { type FileAction, TOOL_INPUT_CHARS, TOOL_OUTPUT_CHARS, type ToolCall } from "./model.ts";
import { blocks, type Row, record, text, textOf } from "./rows.ts";

/** What is known of a call before its result: everything but `failed`, `output` and its hash. */
export type OpenCall = Omit<ToolCall, "failed" | "output" | "outputHash">;

/** The part of a call that its result tells. */
export type CallResult = Required<Pick<ToolCall, "failed" | "output" | "outputHash">>;

/** Calls of our own server: recalled text must not be remembered again as if it were new. */
const OWN_TOOLS = /^mcp__(session-buddy__|plugin_session-buddy_)/;

const READING_TOOLS = /^(Read|Glob|Grep|LS|NotebookRead)$/;
const WRITING_TOOLS =
  /write|edit|create|update|replace|insert|append|patch|delete|remove|move|rename/i;
const EDITING_TOOLS = /edit|update|replace|insert|append|patch/i;

/** Input keys that name a file, in the order in which they are looked for. */
const PATH_KEYS = ["file_path", "notebook_path", "path"] as const;

/**
 * The call in a `tool_use` block of the message with the uuid `message`; undefined for our own tools
 * and for a block without a name.
 */
export function callOf(block: Row, message: string): OpenCall | undefined {
  const name = text(block["name"]);
  if (name === undefined || OWN_TOOLS.test(name)) return undefined;
  const input = record(block["input"]) ?? {};
  const command = text(input["command"]);
  const written = writtenText(input);
  return {
    name,
    files: filesOf(name, input),
    ...(command === undefined ? {} : { command }),
    ...(written === ""
      ? {}
      : { input: headOf(cleanBeforeCut(written, TOOL_INPUT_CHARS), TOOL_INPUT_CHARS), message }),
  };
}

function filesOf(name: string, input: Row): ToolCall["files"] {
  const path = PATH_KEYS.map((key) => text(input[key])).find((value) => value !== undefined);
  if (path === undefined) return [];
  return [{ path, action: actionOf(name) }];
}

/** What the tool called `name` does to the file that its input names. */
export function actionOf(name: string): FileAction {
  if (READING_TOOLS.test(name) || !WRITING_TOOLS.test(name)) return "read";
  return EDITING_TOOLS.test(name) ? "edit" : "write";
}

function writtenText(input: Row): string {
  const edits = Array.isArray(input["edits"]) ? input["edits"] : [];
  const parts = [
    ...[input["content"], input["new_string"], input["new_source"]],
    ...edits.map((edit: unknown) => record(edit)?.["new_string"]),
  ];
  return parts.flatMap((part) => text(part) ?? []).join("\n");
}

/** What a `tool_result` block says. `fallback` is the row's `toolUseResult`, of any shape. */
export function resultOf(block: Row, fallback: unknown): CallResult {
  const content = block["content"] ?? (typeof fallback === "string" ? fallback : undefined);
  const whole = blocks(content)
    .map(textOf)
    .filter((part) => part !== "")
    .join("\n");
  return {
    failed: block["is_error"] === true,
    output: headAndTail(cleanBeforeCut(whole, TOOL_OUTPUT_CHARS)),
    outputHash: new Bun.CryptoHasher("sha256").update(whole).digest("hex"),
  };
}

/** Of a longer text only this much is looked at; what follows is dropped, tail and all. */
const CLEANED_CHARS = 1024 * 1024;

/** A text that will be cut, redacted first: half of a credential has no shape to know it by. */
function cleanBeforeCut(whole: string, limit: number): string {
  if (whole.length <= limit) return whole;
  if (whole.length <= CLEANED_CHARS) return redact(whole).text;
  return redact(headOf(whole, CLEANED_CHARS)).text;
}

const TAIL_CHARS = 500;
/** How far a cut moves to fall between two words, so that it halves no path and no key. */
const WORD_REACH = 200;

function headAndTail(whole: string): string {
  if (whole.length <= TOOL_OUTPUT_CHARS) return whole;
  const head = headOf(whole, TOOL_OUTPUT_CHARS - TAIL_CHARS);
  const from = whole.length - TAIL_CHARS;
  const space = whole.slice(from, from + WORD_REACH).search(/\s/);
  const tail = whole.slice(space < 0 ? from : from + space + 1);
  const left = whole.length - head.length - tail.length;
  return `${head}\n[... ${left} characters left out ...]\n${tail}`.toWellFormed();
}

function headOf(whole: string, chars: number): string {
  if (whole.length <= chars) return whole;
  const space = whole.slice(chars - WORD_REACH, chars).search(/\s\S*$/);
  return whole.slice(0, space < 0 ? chars : chars - WORD_REACH + space).toWellFormed();
}
