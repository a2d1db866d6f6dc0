import {
  editJson,
  isRecord,
  type JsonSource,
  jsonRefusal,
  memberOf,
  objectIn,
} from "../storage/json-file.ts";

/** Names under which the client knows our server: of `sb setup`, and of the plugin. */
const OURS = /^mcp__(?:session-buddy|plugin_session-buddy_[\w-]+)__(\w+)$/;

/** The tool of ours that a rule allows; undefined for every other rule. */
export function ownTool(rule: string): string | undefined {
  return OURS.exec(rule)?.[1];
}

/**
 * The text of a settings file with `rules` among what is allowed, and all else as it was. What is
 * denied or asked for stays so: the client lets that win.
 * @throws SbError `conflict` for what is no settings file.
 */
export function withAllowed(source: JsonSource, rules: readonly string[]): string {
  const { path } = source;
  let { text } = source;
  const known = allowedIn(source);
  const missing = rules.filter((rule) => !known.includes(rule));
  if (missing.length === 0) return text;
  const permissions = memberOf(objectIn({ path, text }), "permissions", path);
  if (permissions?.["allow"] === undefined) {
    text = editJson(text, ["permissions", "allow"], missing);
  } else {
    for (const [index, rule] of missing.entries()) {
      text = editJson(text, ["permissions", "allow", known.length + index], rule);
    }
  }
  return text.endsWith("\n") ? text : `${text}\n`;
}

/** Rules that a settings file allows. */
export function allowedIn(source: JsonSource): readonly unknown[] {
  const permissions = objectIn(source)["permissions"];
  if (permissions === undefined) return [];
  if (!isRecord(permissions)) throw jsonRefusal(source.path, "permissions is no object");
  const { allow } = permissions;
  if (allow === undefined) return [];
  if (Array.isArray(allow)) return allow;
  throw jsonRefusal(source.path, "permissions.allow is no list");
}
