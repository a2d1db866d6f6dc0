import { applyEdits, type FormattingOptions, modify, type ParseError, parse } from "jsonc-parser";
import { HOOK_EVENTS, type HookEvent } from "../../core/hook/model.ts";
import { SbError } from "../../core/kernel/errors.ts";

/** Name of the server, in the client's configuration and in the names of its tools. */
export const SERVER = "session-buddy";

/** Tools whose calls a hook is told of: those that run commands and change files. */
const TOOLS = "Bash|Edit|MultiEdit|Write|NotebookEdit";

/** Seconds that the client waits for a hook; a hook takes a twentieth of a second. */
const TIMEOUT_S: Partial<Record<HookEvent, number>> = { UserPromptSubmit: 5 };
const USUAL_TIMEOUT_S = 10;

type Json = Readonly<Record<string, unknown>>;

/** Whose text is edited, for messages. */
interface Source {
  readonly path: string;
  readonly text: string;
}

/** `.claude.json` with our server in the user's scope. @throws SbError `conflict` for no JSON. */
export function withServer({ path, text }: Source, binary: string): string {
  const root = objectIn({ path, text });
  const servers = member(root, "mcpServers", path);
  const wanted = { type: "stdio", command: binary, args: ["mcp"], env: {} };
  const own = servers?.[SERVER];
  if (isRecord(own) && own["command"] === binary && isList(own["args"], ["mcp"])) return text;
  return edit(text, ["mcpServers", SERVER], wanted);
}

/** `.claude.json` without our server, and without what would be left empty by that. */
export function withoutServer({ path, text }: Source): string {
  const servers = member(objectIn({ path, text }), "mcpServers", path);
  if (!servers || !(SERVER in servers)) return text;
  const isLast = Object.keys(servers).length === 1;
  return edit(text, isLast ? ["mcpServers"] : ["mcpServers", SERVER], undefined);
}

/** Whether `.claude.json` names our server, and which program it starts. */
export function serverCommand(source: Source): string | undefined {
  const own = member(objectIn(source), "mcpServers", source.path)?.[SERVER];
  return isRecord(own) && typeof own["command"] === "string" ? own["command"] : undefined;
}

/** `settings.json` with our hooks, each in a group of its own after those of others. */
export function withHooks(source: Source, binary: string): string {
  const { path } = source;
  let { text } = source;
  for (const event of HOOK_EVENTS) {
    const groups = groupsOf({ path, text }, event);
    const ours = groups.flatMap((group, at) => (isOurs(group) ? [{ group, at }] : []));
    const wanted = hookGroup(event, { command: binary, args: ["hook", event] });
    if (ours.length === 1 && JSON.stringify(ours[0]?.group) === JSON.stringify(wanted)) continue;
    for (const { at } of ours.toReversed()) text = edit(text, ["hooks", event, at], undefined);
    text = edit(text, ["hooks", event, groups.length - ours.length], wanted);
  }
  return text;
}

/** `settings.json` without our hooks, and without lists that would be left empty by that. */
export function withoutHooks(source: Source): string {
  const { path } = source;
  let { text } = source;
  for (const event of Object.keys(member(objectIn(source), "hooks", path) ?? {})) {
    const groups = groupsOf({ path, text }, event);
    const ours = groups.flatMap((group, at) => (isOurs(group) ? [at] : []));
    if (ours.length === 0) continue;
    if (ours.length === groups.length) text = edit(text, ["hooks", event], undefined);
    else for (const at of ours.toReversed()) text = edit(text, ["hooks", event, at], undefined);
  }
  const left = member(objectIn({ path, text }), "hooks", path);
  const had = member(objectIn(source), "hooks", path);
  const isEmptied = left && had && Object.keys(left).length === 0 && Object.keys(had).length > 0;
  return isEmptied ? edit(text, ["hooks"], undefined) : text;
}

/** Events that `settings.json` has our hook for, and the program each starts. */
export function hookCommands(source: Source): Map<string, string> {
  const events = Object.keys(member(objectIn(source), "hooks", source.path) ?? {});
  return new Map(
    events.flatMap((event) =>
      groupsOf(source, event)
        .filter(isOurs)
        .flatMap(handlersOf)
        .map(({ command }) => [event, String(command)] as const),
    ),
  );
}

/** Whether the user has our plugin on: it brings server and hooks of its own. */
export function hasPlugin(source: Source): boolean {
  const plugins = objectIn(source)["enabledPlugins"];
  if (!isRecord(plugins)) return false;
  return Object.entries(plugins).some(
    ([name, on]) => name.startsWith(`${SERVER}@`) && on !== false,
  );
}

/** The group of hooks that starts a program at `event`. */
export function hookGroup(event: HookEvent, program: { command: string; args?: string[] }) {
  const hook = { type: "command", ...program, timeout: TIMEOUT_S[event] ?? USUAL_TIMEOUT_S };
  return event.startsWith("PostTool") ? { matcher: TOOLS, hooks: [hook] } : { hooks: [hook] };
}

/** A group of hooks that calls `sb hook` and nothing else. */
function isOurs(group: unknown): boolean {
  const handlers = handlersOf(group);
  return handlers.length > 0 && handlers.every(isOurHandler);
}

function isOurHandler({ command, args }: Json): boolean {
  if (typeof command !== "string") return false;
  const isSb = /(?:^|[\\/])sb(?:\.exe)?$/i.test(command);
  return isSb && Array.isArray(args) && args[0] === "hook";
}

function handlersOf(group: unknown): readonly Json[] {
  const hooks = isRecord(group) ? group["hooks"] : undefined;
  return Array.isArray(hooks) ? hooks.filter(isRecord) : [];
}

function groupsOf(source: Source, event: string): readonly unknown[] {
  const groups = member(objectIn(source), "hooks", source.path)?.[event];
  if (groups === undefined) return [];
  if (Array.isArray(groups)) return groups;
  throw refusal(source.path, `hooks.${event} is no list`);
}

function member(root: Json, key: string, path: string): Json | undefined {
  const value = root[key];
  if (value === undefined || isRecord(value)) return value;
  throw refusal(path, `${key} is no object`);
}

/** The object in a file; comments and a mark of the byte order may stand in it, an empty file is one. */
function objectIn({ path, text }: Source): Json {
  const body = text.replace(/^\uFEFF/, "");
  if (body.trim() === "") return {};
  const errors: ParseError[] = [];
  const value: unknown = parse(body, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) {
    const line = body.slice(0, first.offset).split("\n").length;
    throw refusal(path, `it is no valid JSON at line ${line}`);
  }
  if (isRecord(value)) return value;
  throw refusal(path, "it holds no JSON object");
}

function refusal(path: string, why: string): SbError {
  return new SbError("conflict", `${path}: ${why}`, { hint: "mend the file; nothing was changed" });
}

/** Sets or removes what is at `place`, in the style of the text around it. */
function edit(text: string, place: (string | number)[], value: unknown): string {
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const body = text.slice(mark.length).trim() === "" ? "{}" : text.slice(mark.length);
  const formattingOptions = styleOf(body);
  return `${mark}${applyEdits(body, modify(body, place, value, { formattingOptions }))}`;
}

/** How the text is indented and how its lines end. */
function styleOf(text: string): FormattingOptions {
  const [, indent = "  "] = /\n([ \t]+)\S/.exec(text) ?? [];
  return {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.startsWith("\t") ? 1 : indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
}

function isList(value: unknown, wanted: readonly string[]): boolean {
  return JSON.stringify(value) === JSON.stringify(wanted);
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
