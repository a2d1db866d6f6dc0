import { findEntry } from "../../core/capabilities.ts";
import type { status } from "../../core/session/status-capabilities.ts";
import type { Command, Invocation } from "../command.ts";
import { plural } from "../render/layout.ts";
import type { OutputOf } from "../render/presenter.ts";
import { printable } from "../render/printable.ts";

/** `sb status` with `--line`: one line of text for Claude Code's status line, in a pipe too. */
export function withStatusLine(command: Command): Command {
  const line = { type: "boolean", description: "One short line of text, for a status line" };
  return {
    ...command,
    input: { ...command.input, properties: { ...command.input.properties, line } },
    run(invocation) {
      const { line: isLine, ...input } = invocation.input;
      return isLine === true
        ? printLine({ ...invocation, input })
        : command.run({ ...invocation, input });
    },
  };
}

async function printLine({ host, input, open }: Invocation): Promise<undefined> {
  const capability = await findEntry("status")?.load();
  const output = printable(await capability?.look?.((await open("read")).ports, input));
  host.io.out(`${lineOf(output as OutputOf<typeof status>)}\n`);
  return undefined;
}

function lineOf({ project, memory, recording }: OutputOf<typeof status>): string {
  const broken = recording.links.find(({ ok }) => !ok);
  const state = broken
    ? `not recording: ${broken.detail}`
    : `${plural(memory.documents, "memory", "memories")} · ${plural(memory.insights, "insight")}`;
  return `sb ${recording.ok ? "●" : "○"} ${project.name} · ${state}`;
}
