import { HOOK_EVENTS, type HookEvent } from "../../core/hook/model.ts";
import {
  editJson,
  isRecord,
  type Json,
  type JsonSource,
  jsonRefusal,
  memberOf,
  objectIn,
} from "../../core/storage/json-file.ts";

/** Name of the server, in the client's configuration and in the names of its tools. */
export const SERVER = "session-buddy";

/** Tools whose calls a hook is told of: those that run commands and change files. */
const TOOLS = "Bash|Edit|MultiEdit|Write|NotebookEdit";

/** Seconds that the client waits for a hook; a hook takes a twentieth of a second. */
const TIMEOUT_S: Partial<Record<HookEvent, number>> = { UserPromptSubmit: 5 };
const USUAL_TIMEOUT_S = 10;

/** `.claude.json` with our server in the user's scope. @throws SbError `conflict` for no JSON. */
export function withServer({ path, text }: JsonSource, binary: string): string {
  const root = objectIn({ path, text });
  const servers = memberOf(root, "mcpServers", path);
  const wanted = { type: "stdio", command: binary, args: ["mcp"], env: {} };
  const own = servers?.[SERVER];
  if (isRecord(own) && own["command"] === binary && isList(own["args"], ["mcp"])) return text;
  return editJson(text, ["mcpServers", SERVER], wanted);
}

/** `.claude.json` without our server, and without what would be left empty by that. */
export function withoutServer({ path, text }: JsonSource): string {
  const servers = memberOf(objectIn({ path, text }), "mcpServers", path);
  if (!servers || !(SERVER in servers)) return text;
  const isLast = Object.keys(servers).length === 1;
  return editJson(text, isLast ? ["mcpServers"] : ["mcpServers", SERVER], undefined);
}

/** Whether `.claude.json` names our server, and which program it starts. */
export function serverCommand(source: JsonSource): string | undefined {
  const own = memberOf(objectIn(source), "mcpServers", source.path)?.[SERVER];
  return isRecord(own) && typeof own["command"] === "string" ? own["command"] : undefined;
}

/** `settings.json` with our hooks, each in a group of its own after those of others. */
export function withHooks(source: JsonSource, binary: string): string {
  const { path } = source;
  let { text } = source;
  for (const event of HOOK_EVENTS) {
    text = unmixed({ path, text }, event);
    const groups = groupsOf({ path, text }, event);
    const ours = groups.flatMap((group, at) => (isOurs(group) ? [{ group, at }] : []));
    const wanted = hookGroup(event, { command: binary, args: ["hook", event] });
    if (ours.length === 1 && JSON.stringify(ours[0]?.group) === JSON.stringify(wanted)) continue;
    for (const { at } of ours.toReversed()) text = editJson(text, ["hooks", event, at], undefined);
    text = editJson(text, ["hooks", event, groups.length - ours.length], wanted);
  }
  return text;
}

/** `settings.json` without our hooks, and without lists that would be left empty by that. */
export function withoutHooks(source: JsonSource): string {
  const { path } = source;
  let { text } = source;
  for (const event of Object.keys(memberOf(objectIn(source), "hooks", path) ?? {})) {
    text = unmixed({ path, text }, event);
    const groups = groupsOf({ path, text }, event);
    const ours = groups.flatMap((group, at) => (isOurs(group) ? [at] : []));
    if (ours.length === 0) continue;
    if (ours.length === groups.length) text = editJson(text, ["hooks", event], undefined);
    else for (const at of ours.toReversed()) text = editJson(text, ["hooks", event, at], undefined);
  }
  const left = memberOf(objectIn({ path, text }), "hooks", path);
  const had = memberOf(objectIn(source), "hooks", path);
  const isEmptied = left && had && Object.keys(left).length === 0 && Object.keys(had).length > 0;
  return isEmptied ? editJson(text, ["hooks"], undefined) : text;
}

/** `settings.json` without our hooks in groups that hold hooks of others too: a user put one there. */
function unmixed(source: JsonSource, event: string): string {
  const places = groupsOf(source, event).flatMap((group, at) => {
    const isMixed = handlersOf(group).some(isOurHandler) && !isOurs(group);
    return isMixed ? placesOfOurs(group).map((index) => [at, index] as const) : [];
  });
  return places
    .toReversed()
    .reduce(
      (text, [at, index]) => editJson(text, ["hooks", event, at, "hooks", index], undefined),
      source.text,
    );
}

/** Where in a group our hooks stand. */
function placesOfOurs(group: unknown): number[] {
  const hooks = isRecord(group) && Array.isArray(group["hooks"]) ? group["hooks"] : [];
  return hooks.flatMap((hook, index) => (isRecord(hook) && isOurHandler(hook) ? [index] : []));
}

/** Events that `settings.json` has our hook for, and the program each starts. */
export function hookCommands(source: JsonSource): Map<string, string> {
  const events = Object.keys(memberOf(objectIn(source), "hooks", source.path) ?? {});
  return new Map(
    events.flatMap((event) =>
      groupsOf(source, event)
        .filter(isOurs)
        .flatMap(handlersOf)
        .map(({ command }) => [event, String(command)] as const),
    ),
  );
}

/** The value of one setting, as it stands in the file. */
export function settingOf(source: JsonSource, name: string): unknown {
  return objectIn(source)[name];
}

/** Whether the user has our plugin on: it brings server and hooks of its own. */
export function hasPlugin(source: JsonSource): boolean {
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

function groupsOf(source: JsonSource, event: string): readonly unknown[] {
  const groups = memberOf(objectIn(source), "hooks", source.path)?.[event];
  if (groups === undefined) return [];
  if (Array.isArray(groups)) return groups;
  throw jsonRefusal(source.path, `hooks.${event} is no list`);
}

function isList(value: unknown, wanted: readonly string[]): boolean {
  return JSON.stringify(value) === JSON.stringify(wanted);
}
