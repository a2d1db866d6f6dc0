import type { Command } from "../command.ts";

/** `sb permissions` with what only a person decides: revoking all, and writing allow rules. */
export function withAllowRules(command: Command): Command {
  const { confirm: _confirm, ...properties } = command.input.properties ?? {};
  const write = { type: "boolean", description: "suggest: add those for sb's read-only tools" };
  const user = { type: "boolean", description: "… to your own settings, not the project's" };
  return {
    ...command,
    effect: "destroy",
    input: { ...command.input, properties: { ...properties, write, user } },
    // Loaded when it runs: every command line builds the tree.
    run: async (invocation) =>
      (await import("./allow-rules.ts")).managePermissions(invocation, command),
  };
}
