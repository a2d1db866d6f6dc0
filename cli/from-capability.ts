import type { Services } from "../core/services.ts";
import type { Command, Invocation } from "./command.ts";
import { confirm } from "./confirm.ts";
import { EXIT_INTERRUPTED } from "./errors.ts";
import { EXAMPLES } from "./examples.ts";
import type { Opened } from "./io.ts";
import type { ToolSpec } from "./tools.ts";

/** Derives the CLI command of one capability. Its domain is loaded only when the command runs. */
export function commandFrom(tool: ToolSpec): Command {
  return {
    words: tool.command,
    summary: tool.summary,
    effect: tool.effect,
    positional: tool.positional,
    input: tool.inputSchema,
    examples: EXAMPLES[tool.name] ?? [],
    tool: tool.name,
    run: (invocation) => call(tool, invocation),
  };
}

async function call(tool: ToolSpec, invocation: Invocation): Promise<number | undefined> {
  const { io } = invocation.host;
  if (tool.effect === "destroy" && !(await confirm(tool.summary, { yes: invocation.yes, io }))) {
    io.err("sb: cancelled, nothing was changed\n");
    return EXIT_INTERRUPTED;
  }
  const { findEntry } = await import("../core/capabilities.ts");
  const capability = await findEntry(tool.name)?.load();
  if (!capability) throw new Error(`${tool.name} is listed but not registered`);
  const world = await invocation.open(tool.effect === "read" ? "read" : "write");
  const output = capability.look
    ? await capability.look(world.ports, invocation.input)
    : await capability.call(await servicesFor(tool, world, invocation), invocation.input);
  if (invocation.json) io.out(`${JSON.stringify(output)}\n`);
  else {
    const { render } = await import("./render/index.ts");
    io.out(await render(tool.name, output, io));
  }
  return undefined;
}

/** Reading a long history takes a while: a person at a terminal sees how far it is. */
async function servicesFor(
  { name }: ToolSpec,
  world: Pick<Opened, "services">,
  { host }: Invocation,
): Promise<Services> {
  const services = await world.services();
  if (name !== "ingest_transcripts" || !host.io.showsProgress) return services;
  const { withProgress } = await import("./progress.ts");
  return withProgress(services, (text) => host.io.err(text));
}
