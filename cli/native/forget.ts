import type { Command } from "../command.ts";

/** `sb forget`: shows what would go, asks, and forgets exactly that. */
export function withForgetDialog(command: Command): Command {
  const { confirm: _confirm, token: _token, ...properties } = command.input.properties ?? {};
  const dry_run = { type: "boolean", description: "Only show what would be forgotten" };
  return {
    ...command,
    input: { ...command.input, properties: { ...properties, dry_run } },
    // Loaded when it runs: every command line builds the tree.
    run: async (invocation) => (await import("./forget-dialog.ts")).forgetInDialog(invocation),
  };
}
