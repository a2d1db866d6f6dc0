import { resolve } from "node:path";
import { z } from "zod";
import { CAPABILITIES, type Entry } from "../core/capabilities.ts";
import { PROFILES } from "../core/kernel/config.ts";
import { NATIVE } from "./native/index.ts";
import { pluginFiles } from "./plugin-files.ts";
import { definitionTokens, type ToolSpec } from "./tools.ts";

const ROOT = resolve(import.meta.dir, "..");

/** What zod writes for an integer without bounds: true of every number, so it tells nothing. */
const SAFE_INTEGERS = new Set<unknown>([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);

/** Name of the schema's parts whose keys are names of the caller's own. */
const NAMED = new Set(["properties", "$defs"]);

/** A generated file as it must be. */
export interface Generated {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Every generated file as the registry says now. `readme` is the present text of README.md. */
export async function generate(readme: string): Promise<Generated[]> {
  const tools = await Promise.all(CAPABILITIES.map(specOf));
  const withTools = between(readme, "tools", toolsTable(tools));
  return [
    { path: "mcp/generated/tools.json", text: `${JSON.stringify(tools, null, 2)}\n` },
    { path: "README.md", text: between(withTools, "commands", commandsTable(tools)) },
    ...pluginFiles(),
  ];
}

async function specOf(entry: Entry): Promise<ToolSpec> {
  const { name, command, profile, summary } = entry;
  const { effect, positional, input } = await entry.load();
  const inputSchema = lean(z.toJSONSchema(input, { io: "input" })) as ToolSpec["inputSchema"];
  return { name, command, profile, summary, effect, positional, inputSchema };
}

/** A schema without what costs tokens and tells a model nothing. */
function lean(schema: unknown, holdsNames = false): unknown {
  if (Array.isArray(schema)) return schema.map((part) => lean(part));
  if (typeof schema !== "object" || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key, value]) => holdsNames || tells(key, value));
  return Object.fromEntries(
    kept.map(([key, value]) => [key, lean(value, !holdsNames && NAMED.has(key))]),
  );
}

function tells(key: string, value: unknown): boolean {
  if (key === "$schema") return false;
  if (key === "additionalProperties") return value !== false;
  return !((key === "minimum" || key === "maximum") && SAFE_INTEGERS.has(value));
}

/** `text` with what stands between the markers of `name` replaced; unchanged without markers. */
function between(text: string, name: string, table: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) return text;
  return `${text.slice(0, from + start.length)}\n\n${table}\n${text.slice(to)}`;
}

function toolsTable(tools: readonly ToolSpec[]): string {
  const costs = PROFILES.map((profile, rank) => {
    const offered = tools.filter((tool) => PROFILES.indexOf(tool.profile) <= rank);
    const tokens = offered.reduce((sum, tool) => sum + definitionTokens(tool), 0);
    return `| \`${profile}\` | ${offered.length} | ${tokens.toLocaleString("en")} |\n`;
  });
  const rows = tools.map(
    ({ name, profile, summary }) => `| \`${name}\` | ${profile} | ${cell(summary)} |\n`,
  );
  return [
    "| profile | tools | tokens of definitions |\n| --- | ---: | ---: |\n",
    ...costs,
    "\n| tool | profile | what it does |\n| --- | --- | --- |\n",
    ...rows,
  ].join("");
}

function commandsTable(tools: readonly ToolSpec[]): string {
  const derived = tools.map(({ command, summary }) => ({ words: command, summary }));
  const rows = [...derived, ...NATIVE].map(
    ({ words, summary }) => `| \`sb ${words.join(" ")}\` | ${cell(summary)} |\n`,
  );
  return ["| command | what it does |\n| --- | --- |\n", ...rows].join("");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** The generated files that are not on disk as they must be. */
export async function staleFiles(root: string = ROOT): Promise<Generated[]> {
  const wanted = await generate(await readText(`${root}/README.md`));
  const onDisk = await Promise.all(wanted.map(({ path }) => readText(`${root}/${path}`)));
  return wanted.filter(({ text }, index) => text !== onDisk[index]);
}

async function readText(path: string): Promise<string> {
  const file = Bun.file(path);
  return (await file.exists()) ? file.text() : "";
}

if (import.meta.main) {
  const stale = await staleFiles();
  const isCheck = process.argv.includes("--check");
  for (const { path, text } of stale) {
    if (!isCheck) await Bun.write(`${ROOT}/${path}`, text);
    process.stderr.write(`${isCheck ? "stale" : "written"}: ${path}\n`);
  }
  if (isCheck && stale.length > 0) process.exitCode = 1;
}
