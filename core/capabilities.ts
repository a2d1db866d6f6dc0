import type { Capability } from "./capability.ts";
import { PROFILES, type Profile } from "./kernel/config.ts";
import { CONTEXT } from "./registry/context.ts";
import { ERRORS } from "./registry/errors.ts";
import { INSIGHTS } from "./registry/insights.ts";
import { MEMORY } from "./registry/memory.ts";
import { PROJECTS } from "./registry/projects.ts";
import { SESSION } from "./registry/session.ts";
import { WORKTREES } from "./registry/worktrees.ts";
import type { Ports } from "./services.ts";

/** One line of the registry: all that is known of a capability before its domain is loaded. */
export interface Entry {
  /** MCP tool name: snake_case, never renamed after release. */
  readonly name: string;
  /** CLI place: `["insight", "search"]` is `sb insight search`, `["start"]` is `sb start`. */
  readonly command: readonly [verb: string] | readonly [group: string, verb: string];
  readonly profile: Profile;
  /** One sentence under 160 characters, the verb first: shown to the model and in `--help`. */
  readonly summary: string;
  /** Loads the domain that declares it, and nothing else. */
  readonly load: () => Promise<Capability>;
  /**
   * The answer to a call without arguments, over the ports alone, as `load` declares it. With it the
   * command line loads neither schemas nor services; a chunk of its own would take longer to load.
   */
  readonly look?: (ports: Ports) => Record<string, unknown>;
}

/** Every capability, by category, in help order. */
export const CAPABILITIES: readonly Entry[] = [
  ...SESSION,
  ...MEMORY,
  ...INSIGHTS,
  ...PROJECTS,
  ...ERRORS,
  ...CONTEXT,
  ...WORKTREES,
];

/** The entries of `profile`: its own and those of the smaller profiles. */
export function entriesOf(profile: Profile): readonly Entry[] {
  const rank = PROFILES.indexOf(profile);
  return CAPABILITIES.filter((entry) => PROFILES.indexOf(entry.profile) <= rank);
}

/** The entry of the tool called `name`, or undefined. */
export function findEntry(name: string): Entry | undefined {
  return CAPABILITIES.find((entry) => entry.name === name);
}
