import { HOOK_EVENTS } from "../core/hook/model.ts";
import { description, license, version } from "../package.json";
import type { Generated } from "./docs.ts";
import { hookGroup, SERVER } from "./setup/claude-json.ts";
import { longForms } from "./setup/commands.ts";

const FOLDER = "cli/plugin";
const OWNER = { name: "Session Buddy maintainers" };

/** Said at a start where the program is missing: a plugin brings no binary. */
const MISSING = {
  systemMessage:
    "Session Buddy records nothing: sb is not on PATH. Install it, then start Claude Code again.",
};

/**
 * The files of the Claude Code plugin and of its marketplace: the same server, hooks and commands
 * as `sb setup` registers, with `sb` looked for on PATH.
 */
export function pluginFiles(): Generated[] {
  const keywords = ["memory", "session", "search", "insights", "mcp"];
  const plugin = { name: SERVER, version, description, author: OWNER, license, keywords };
  const offered = { name: SERVER, source: `./${FOLDER}`, description, category: "productivity" };
  const market = { name: SERVER, owner: OWNER, description, plugins: [offered] };
  const servers = { mcpServers: { [SERVER]: { command: "sb", args: ["mcp"] } } };
  return [
    json(".claude-plugin/marketplace.json", market),
    json(`${FOLDER}/.claude-plugin/plugin.json`, plugin),
    json(`${FOLDER}/.mcp.json`, servers),
    json(`${FOLDER}/hooks/hooks.json`, { description: "Memory for Claude Code", hooks: hooks() }),
    ...longForms().map(({ path, text }) => ({ path: `${FOLDER}/commands/${path}`, text })),
  ];
}

function hooks() {
  return Object.fromEntries(
    HOOK_EVENTS.map((event) => {
      const otherwise = event === "SessionStart" ? `; else echo '${JSON.stringify(MISSING)}'` : "";
      const command = `if command -v sb >/dev/null 2>&1; then exec sb hook ${event}${otherwise}; fi`;
      return [event, [hookGroup(event, { command })]];
    }),
  );
}

function json(path: string, value: unknown): Generated {
  return { path, text: `${JSON.stringify(value, null, 2)}\n` };
}
