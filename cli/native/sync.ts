import type { Command } from "../command.ts";

/** `sb project sync`: asks before it runs a package manager where that is not trusted. */
export function withSyncDialog(command: Command): Command {
  const { confirm: _confirm, ...properties } = command.input.properties ?? {};
  return {
    ...command,
    input: { ...command.input, properties },
    // Loaded when it runs: every command line builds the tree.
    run: async (invocation) => (await import("./sync-dialog.ts")).syncInDialog(invocation),
  };
}
