import { SbError } from "../core/kernel/errors.ts";
import { didYouMean } from "../core/kernel/suggest.ts";
import type { Command } from "./command.ts";
import { commandFrom } from "./from-capability.ts";
import { withForgetDialog } from "./native/forget.ts";
import { NATIVE } from "./native/index.ts";
import { withAllowRules } from "./native/permissions.ts";
import { withStatusLine } from "./native/status-line.ts";
import { withSyncDialog } from "./native/sync.ts";
import { TOOLS, type ToolSpec } from "./tools.ts";

/** Where a line leads: a command with what follows its words, a group, or the whole of `sb`. */
export type Place =
  | { readonly kind: "command"; readonly command: Command; readonly rest: readonly string[] }
  | { readonly kind: "group"; readonly group: string }
  | { readonly kind: "root"; readonly rest: readonly string[] };

/** Commands of capabilities that say or ask more on a terminal than a tool does, by tool. */
const DIALOGS: Readonly<Record<string, (command: Command, tool: ToolSpec) => Command>> = {
  status: withStatusLine,
  forget_memory: withForgetDialog,
  permissions: withAllowRules,
  sync_dependencies: withSyncDialog,
};

/** Every command, the capabilities' first, in help order. */
export function allCommands(): readonly Command[] {
  const derived = TOOLS.map((tool) => {
    const command = commandFrom(tool);
    return DIALOGS[tool.name]?.(command, tool) ?? command;
  });
  return [...derived, ...NATIVE];
}

/**
 * Finds the command that `argv` names. A first word is either a command or a group, never both.
 * @throws SbError `invalid_input` for a word that is neither.
 */
export function locate(argv: readonly string[], commands: readonly Command[]): Place {
  const first = argv.findIndex((arg) => !arg.startsWith("-"));
  const verb = argv[first];
  if (verb === undefined) return { kind: "root", rest: argv };
  const rest = argv.toSpliced(first, 1);
  const leaf = commands.find(({ words }) => words.length === 1 && words[0] === verb);
  if (leaf) return { kind: "command", command: leaf, rest };
  const members = commands.filter(({ words }) => words.length === 2 && words[0] === verb);
  if (members.length === 0) throw unknownCommand(verb, commands);
  const second = rest.findIndex((arg) => !arg.startsWith("-"));
  const name = rest[second];
  if (name === undefined) return { kind: "group", group: verb };
  const member = members.find(({ words }) => words[1] === name);
  if (member) return { kind: "command", command: member, rest: rest.toSpliced(second, 1) };
  const names = members.map(({ words }) => words[1] ?? "");
  throw new SbError(
    "invalid_input",
    `unknown command "${verb} ${name}"${didYouMean(name, names)}`,
    { hint: `sb ${verb} --help` },
  );
}

function unknownCommand(verb: string, commands: readonly Command[]): SbError {
  const tool = commands.find((command) => command.tool === verb);
  const meant = tool
    ? `; did you mean "${tool.words.join(" ")}"?`
    : didYouMean(verb, [...new Set(commands.map(({ words }) => words[0]))]);
  return new SbError("invalid_input", `unknown command "${verb}"${meant}`, { hint: "sb --help" });
}
