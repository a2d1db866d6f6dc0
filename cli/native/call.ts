import { findEntry } from "../../core/capabilities.ts";
import { SbError } from "../../core/kernel/errors.ts";
import { didYouMean } from "../../core/kernel/suggest.ts";
import type { Invocation } from "../command.ts";
import { TOOLS } from "../tools.ts";

/** `sb call TOOL [JSON|-]`: what the MCP tool answers, as one line of JSON, whatever the profile. */
export async function callTool(invocation: Invocation): Promise<undefined> {
  const { io } = invocation.host;
  const name = String(invocation.input["tool"]);
  const entry = findEntry(name);
  if (!entry) {
    const meant = didYouMean(
      name,
      TOOLS.map((tool) => tool.name),
    );
    throw new SbError("invalid_input", `unknown tool "${name}"${meant}`, { hint: "sb tools" });
  }
  const given = invocation.input["arguments"];
  const text = given === "-" ? await io.readAll() : String(given ?? "{}");
  const input = parseObject(text);
  const capability = await entry.load();
  const world = await invocation.open(capability.effect === "read" ? "read" : "write");
  io.out(`${JSON.stringify(await capability.call(await world.services(), input))}\n`);
  return undefined;
}

function parseObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SbError("invalid_input", "the arguments are not JSON", {
      hint: `put them in single quotes: sb call quick_search '{"query": "…"}'`,
      cause,
    });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new SbError("invalid_input", "the arguments are no JSON object", {
    hint: 'the keys are the parameters: {"query": "…"}',
  });
}
