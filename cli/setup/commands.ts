import { CAPABILITIES } from "../../core/capabilities.ts";
import { promptsOf, promptText } from "../../mcp/prompts.ts";
import { SERVER } from "./claude-json.ts";

/** Raised when the texts change: a file of an older version is replaced, one of a newer is not. */
const VERSION = 1;

const MARK = /<!-- session-buddy command, version (\d+) -->/;

/** Commands that are short enough to be worth a name without ours before it. */
const SHORT = ["start", "checkpoint", "end"] as const;

/** A slash command of Claude Code: a file below its `commands` folder. */
export interface CommandFile {
  /** `session-buddy/start.md` is `/session-buddy:start`, `start.md` is `/start`. */
  readonly path: string;
  readonly text: string;
}

/** Every slash command: the long forms, and `/start`, `/checkpoint`, `/end`. */
export function commandFiles(): CommandFile[] {
  const long = longForms().map(({ path, text }) => ({ path: `${SERVER}/${path}`, text }));
  const short = longForms().filter(({ path }) => SHORT.some((name) => path === `${name}.md`));
  return [...long, ...short];
}

/** The commands of the plugin, which puts its own name before each. */
export function longForms(): CommandFile[] {
  const known = new Set(CAPABILITIES.map(({ name }) => name));
  return promptsOf("full")
    .filter(({ name }) => known.has(name))
    .map(({ name, description = "", arguments: args = [] }) => {
      const hint = args.map((arg) => (arg.required ? `<${arg.name}>` : `[${arg.name}]`)).join(" ");
      const front = [
        `description: ${description}`,
        ...(hint ? [`argument-hint: "${hint}"`] : []),
        // As a server of the user's, and as the plugin's.
        `allowed-tools: mcp__${SERVER}__${name}, mcp__plugin_${SERVER}_${SERVER}__${name}`,
      ];
      const lines = ["---", ...front, "---", "", promptText(name), "", mark(), ""];
      return { path: `${name}.md`, text: lines.join("\n") };
    });
}

function mark(): string {
  return `<!-- session-buddy command, version ${VERSION} -->`;
}

/** Whether the file that is there may be replaced: it is ours, and of an older version. */
export function isReplaceable(text: string): boolean {
  return isOurCommand(text) && Number(MARK.exec(text)?.[1]) < VERSION;
}

/** Whether a command's file was written by `sb`. */
export function isOurCommand(text: string): boolean {
  return MARK.test(text);
}
