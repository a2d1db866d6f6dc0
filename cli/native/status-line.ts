import type { Status } from "../../core/session/status.ts";
import type { Command } from "../command.ts";
import { answer } from "../from-capability.ts";
import { plural } from "../render/layout.ts";
import { printable } from "../render/printable.ts";
import type { ToolSpec } from "../tools.ts";

/** `sb status` with `--line`: one line of text for Claude Code's status line, in a pipe too. */
export function withStatusLine(command: Command, tool: ToolSpec): Command {
  const line = { type: "boolean", description: "One short line of text, for a status line" };
  return {
    ...command,
    input: { ...command.input, properties: { ...command.input.properties, line } },
    async run(invocation) {
      const { line: isLine, ...input } = invocation.input;
      if (isLine !== true) return command.run({ ...invocation, input });
      const output = printable(await answer(tool, { ...invocation, input }));
      invocation.host.io.out(`${lineOf(output as Status)}\n`);
      return undefined;
    },
  };
}

function lineOf({ project, memory, recording }: Status): string {
  const broken = recording.links.find(({ ok }) => !ok);
  const state = broken
    ? `not recording: ${broken.detail}`
    : `${plural(memory.documents, "memory", "memories")} · ${plural(memory.insights, "insight")}`;
  return `sb ${recording.ok ? "●" : "○"} ${project.name} · ${state}`;
}
