import { findEntry } from "../core/capabilities.ts";
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
  const output = await answer(tool, invocation);
  if (invocation.json) io.out(`${JSON.stringify(output)}\n`);
  else {
    const { render } = await import("./render/index.ts");
    io.out(await render(tool.name, output, io));
    if (io.isTty && io.showsProgress && isSearch(tool)) await hintAtModel(invocation);
  }
  return undefined;
}

function isSearch({ name }: ToolSpec): boolean {
  return name === "quick_search" || name.startsWith("search_");
}

/** A single command fetches nothing by itself; that it could be had is said once. */
async function hintAtModel(invocation: Invocation): Promise<void> {
  const { modelHint } = await import("./model-hint.ts");
  const { ports } = await invocation.open("read");
  const hint = modelHint(ports);
  if (hint) invocation.host.io.err(hint);
}

/** What the capability says to the invocation's input. */
export async function answer(tool: ToolSpec, invocation: Invocation): Promise<unknown> {
  const entry = findEntry(tool.name);
  if (!entry) throw new Error(`${tool.name} is listed but not registered`);
  const purpose = tool.effect === "read" ? "read" : "write";
  if (entry.look && Object.keys(invocation.input).length === 0) {
    const { ports } = await invocation.open(purpose);
    return entry.look(ports);
  }
  const capability = await entry.load();
  const world = await invocation.open(purpose);
  return capability.call(await servicesFor(tool, world, invocation), invocation.input);
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
