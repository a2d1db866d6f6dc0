import { faultText, PROFILES, type Profile } from "../../core/kernel/config.ts";
import type { Invocation } from "../command.ts";
import { configuration, profileOf } from "../config-files.ts";
import { table } from "../render/layout.ts";
import { styleOf } from "../render/style.ts";
import { definitionTokens, TOOLS } from "../tools.ts";

/** `sb tools`: what a profile offers, and what it costs a model before the first question. */
export async function listTools(invocation: Invocation): Promise<undefined> {
  const { host, json, cwd } = invocation;
  const config = (await configuration(host.env, cwd))();
  for (const fault of config.faults) host.log.warn(faultText(fault));
  const profile = profileOf(invocation, config);
  const tools = offered(profile).map((tool) => ({
    name: tool.name,
    command: `sb ${tool.command.join(" ")}`,
    profile: tool.profile,
    summary: tool.summary,
    tokens: definitionTokens(tool),
  }));
  const totals = PROFILES.map((name) => ({ name, ...totalOf(name) }));
  const profiles = Object.fromEntries(totals.map(({ name, ...total }) => [name, total]));
  if (json) {
    const { tokens } = totalOf(profile);
    host.io.out(`${JSON.stringify({ profile, tokens, tools, profiles })}\n`);
    return undefined;
  }
  const { bold, dim } = styleOf(host.io.color);
  const rows = tools.map(({ name, tokens, summary }) => [name, String(tokens), summary]);
  const sums = totals.map(({ name, tools: count, tokens }) => {
    const line = `${name.padEnd(8)}  ${String(count).padStart(3)} tools  ${String(tokens).padStart(6)} tokens`;
    return name === profile ? `${bold(line)}  shown here\n` : `${dim(line)}\n`;
  });
  host.io.out(`${table(rows, { width: host.io.columns, right: [1] })}\n${sums.join("")}`);
  return undefined;
}

function offered(profile: Profile) {
  const rank = PROFILES.indexOf(profile);
  return TOOLS.filter((tool) => PROFILES.indexOf(tool.profile) <= rank);
}

function totalOf(profile: Profile): { tools: number; tokens: number } {
  const tools = offered(profile);
  return {
    tools: tools.length,
    tokens: tools.reduce((sum, tool) => sum + definitionTokens(tool), 0),
  };
}
