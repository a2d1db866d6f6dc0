import type { Effect } from "../core/capability.ts";
import type { Profile } from "../core/kernel/config.ts";
import { countTokens } from "../core/kernel/text.ts";
import generated from "../mcp/generated/tools.json";
import type { Command, Shape } from "./command.ts";

/** One capability as `bun run docs` wrote it down: help and parsing need no schema library. */
export interface ToolSpec {
  readonly name: string;
  readonly command: Command["words"];
  readonly profile: Profile;
  readonly summary: string;
  readonly effect: Effect;
  readonly positional: readonly string[];
  readonly inputSchema: Shape;
}

/** Every capability, in help order. */
export const TOOLS = generated as unknown as readonly ToolSpec[];

/** Tokens that a tool's definition costs a model: its name, description and input schema. */
export function definitionTokens({ name, summary, inputSchema }: ToolSpec): number {
  return countTokens(JSON.stringify({ name, description: summary, inputSchema }));
}
