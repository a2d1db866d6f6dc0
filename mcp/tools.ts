import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import { entriesOf } from "../core/capabilities.ts";
import type { Effect } from "../core/capability.ts";
import type { Profile } from "../core/kernel/config.ts";
import generated from "./generated/tools.json";

/**
 * The tools of `profile` as `tools/list` gives them, in help order. The schemas were made when
 * the project was built: making them here would load every domain before the first answer.
 */
export function toolsOf(profile: Profile): Tool[] {
  const byName = new Map(generated.map((tool) => [tool.name, tool]));
  return entriesOf(profile).flatMap(({ name }) => {
    const tool = byName.get(name);
    return tool ? [asTool(tool)] : [];
  });
}

function asTool(tool: (typeof generated)[number]): Tool {
  const effect = tool.effect as Effect;
  return {
    name: tool.name,
    description: tool.summary,
    inputSchema: tool.inputSchema as Tool["inputSchema"],
    annotations: {
      readOnlyHint: effect === "read",
      destructiveHint: effect === "destroy",
      openWorldHint: false,
    },
  };
}
