import { type Command, choicesOf, flagOf, kindOf, type Property, titleOf } from "./command.ts";
import type { Host } from "./io.ts";
import { paragraph, table } from "./render/layout.ts";
import { type Style, styleOf } from "./render/style.ts";
import type { Place } from "./tree.ts";
import { usageOf } from "./usage.ts";

/** Widest that help is set: longer lines are hard to read. */
const MOST_COLUMNS = 100;

/** Longest list of choices that stands in the column of the options. */
const CHOICES_CHARS = 24;

/** What help is written with. */
interface Page extends Style {
  readonly width: number;
}

/** The help of a place in the command tree. Everything in it comes from the commands. */
export function helpFor(
  place: Place,
  commands: readonly Command[],
  { io, version }: Pick<Host, "io" | "version">,
): string {
  const page = { ...styleOf(io.color), width: Math.min(io.columns, MOST_COLUMNS) };
  switch (place.kind) {
    case "root":
      return rootHelp(commands, version, page);
    case "group":
      return groupHelp(place.group, commands, page);
    case "command":
      return commandHelp(place.command, page);
  }
}

function rootHelp(commands: readonly Command[], version: string, page: Page): string {
  const single = commands.filter(({ words }) => words.length === 1);
  const everyday = single.filter(({ tool }) => tool !== undefined);
  const native = single.filter(({ tool }) => tool === undefined);
  return [
    `${page.bold("sb")} ${version}: session memory for Claude Code\n`,
    section("Usage", "  sb COMMAND [options]\n", page),
    section("Commands", summaries(everyday, page), page),
    section("Groups", rows(groupRows(commands), page), page),
    section("Program", summaries(native, page), page),
    section(
      "Options",
      rows(
        [
          ["-C DIR", "Work in DIR instead of the current folder"],
          JSON_ROW,
          HELP_ROW,
          ["--version", "Print the version"],
        ],
        page,
      ),
      page,
    ),
    section(
      "Examples",
      examples(
        everyday.flatMap((command) => command.examples.slice(0, 1)),
        page,
      ),
      page,
    ),
    "\nMore: sb COMMAND --help\n",
  ].join("");
}

function groupHelp(group: string, commands: readonly Command[], page: Page): string {
  const members = commands.filter(({ words }) => words[0] === group);
  return [
    section("Usage", `  sb ${group} COMMAND [options]\n`, page).trimStart(),
    section("Commands", summaries(members, page), page),
    section(
      "Examples",
      examples(
        members.flatMap((command) => command.examples.slice(0, 1)),
        page,
      ),
      page,
    ),
    `\nMore: sb ${group} COMMAND --help\n`,
  ].join("");
}

function commandHelp(command: Command, page: Page): string {
  const properties = Object.entries(command.input.properties ?? {});
  const isPlace = (key: string) => command.positional.includes(key);
  const places = command.positional.map((key) => [
    key.toUpperCase(),
    describe(command, key, command.input.properties?.[key] ?? {}),
  ]);
  const options = properties
    .filter(([key]) => !isPlace(key))
    .map(([key, property]) => [optionText(key, property), describe(command, key, property)]);
  const common = [
    ...(command.effect === "destroy" ? [["--yes", "Do not ask first"]] : []),
    JSON_ROW,
    ["-C DIR", "Work in DIR instead of the current folder"],
    HELP_ROW,
  ];
  return [
    paragraph(command.summary, page.width),
    section("Usage", `  ${usageOf(command)}\n`, page),
    section("Arguments", rows(places, page), page),
    section("Options", rows([...options, ...common], page), page),
    section("Examples", examples(command.examples, page), page),
    command.tool ? `\n${page.dim(`MCP tool: ${command.tool}`)}\n` : "",
  ].join("");
}

const JSON_ROW = ["--json", "Print JSON, as is done in a pipe; --no-json prints text there"];
const HELP_ROW = ["--help", "Show this"];

/** `--min-score NUMBER`, `--scope project|all`, `--tags TEXT …` */
function optionText(key: string, property: Property): string {
  const flag = flagOf(key);
  const kind = kindOf(property);
  if (kind === "flag") return property.default === true ? `--no-${flag.slice(2)}` : flag;
  const choices = choicesOf(property) && (shortChoices(property) ?? "CHOICE");
  const names = { text: "TEXT", texts: "TEXT", number: "NUMBER", integer: "N", json: "JSON" };
  return `${flag} ${choices ?? names[kind]}${kind === "texts" ? " …" : ""}`;
}

/** The choices where they are short enough to stand beside the option itself. */
function shortChoices(property: Property): string | undefined {
  const choices = choicesOf(property)?.join("|");
  return choices !== undefined && choices.length <= CHOICES_CHARS ? choices : undefined;
}

function describe(command: Command, key: string, property: Property): string {
  const { description = "", default: fallback } = property;
  const isRequired = command.input.required?.includes(key) && !command.positional.includes(key);
  const isShown = fallback !== undefined && kindOf(property) !== "flag";
  const shown = typeof fallback === "string" ? fallback : JSON.stringify(fallback);
  return [
    description,
    choicesOf(property) && !shortChoices(property) ? `(${choicesOf(property)?.join(", ")})` : "",
    isRequired ? "(required)" : "",
    isShown ? `(default ${shown})` : "",
    kindOf(property) === "texts" ? "(repeatable)" : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function groupRows(commands: readonly Command[]): string[][] {
  const groups = Map.groupBy(
    commands.filter(({ words }) => words.length === 2),
    ({ words }) => words[0],
  );
  return [...groups].map(([group, members]) => [
    group,
    members.map(({ words }) => words[1]).join(", "),
  ]);
}

function summaries(commands: readonly Command[], page: Page): string {
  return rows(
    commands.map((command) => [titleOf(command).split(" ").slice(1).join(" "), command.summary]),
    page,
  );
}

function rows(cells: readonly (readonly string[])[], page: Page): string {
  const marked = cells.map(([first = "", ...others]) => [page.cyan(first), ...others]);
  return table(marked, { width: page.width, indent: 2 });
}

function examples(lines: readonly string[], page: Page): string {
  return lines.map((line) => `  ${page.dim("$")} ${line}\n`).join("");
}

function section(title: string, body: string, page: Page): string {
  return body === "" ? "" : `\n${page.bold(title)}\n${body}`;
}
