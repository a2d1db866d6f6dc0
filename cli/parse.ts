import { SbError } from "../core/kernel/errors.ts";
import { didYouMean } from "../core/kernel/suggest.ts";
import { type Command, choicesOf, flagOf, kindOf, type Property } from "./command.ts";
import { usageOf } from "./usage.ts";

/** A command's line, read. */
export interface Line {
  readonly input: Record<string, unknown>;
  readonly yes: boolean;
}

/** Options that are no input of any command. `--json` and `--help` are read before. */
const COMMON = ["--json", "--no-json", "--help"] as const;

/** A word that begins with a dash all the same: a negative number, or `-` for standard input. */
const DASHED_WORD = /^-(\d|\.\d|$)/;

/** JSON's numbers, and `+5`, `.5`, `5.`: a number must be all of the text. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads what follows a command's words by its schema. Nothing is dropped in silence: a mistyped
 * option, a surplus word or a half-numeric number would change the answer unseen.
 * @throws SbError `invalid_input`
 */
export function parseLine(command: Command, argv: readonly string[]): Line {
  const { options, words } = split(command, argv);
  const texts = new Map<string, string[]>();
  let yes = false;
  for (const { key, value } of options) {
    if (key === "yes") yes = true;
    else texts.set(key, [...(texts.get(key) ?? []), value]);
  }
  place(command, words, texts);
  const input: Record<string, unknown> = {};
  for (const [key, values] of texts) {
    const property = command.input.properties?.[key];
    if (property) input[key] = inputOf(labelOf(command, key), values, property);
  }
  for (const key of command.input.required ?? []) {
    if (!(key in input))
      throw wrong(`missing ${labelOf(command, key)}`, `usage: ${usageOf(command)}`);
  }
  return { input, yes };
}

/** One option as given; a flag's value is `true` or `false`. */
interface Option {
  readonly key: string;
  readonly value: string;
}

function split(command: Command, argv: readonly string[]): { options: Option[]; words: string[] } {
  const options: Option[] = [];
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i] ?? "";
    if (arg === "--") return { options, words: [...words, ...argv.slice(i + 1)] };
    if (!arg.startsWith("-") || DASHED_WORD.test(arg)) {
      words.push(arg);
    } else if (!isCommon(arg)) {
      const option = optionOf(command, arg, argv[i + 1]);
      options.push(option);
      if (option.tookNext) i += 1;
    }
  }
  return { options, words };
}

function isCommon(arg: string): boolean {
  return COMMON.some((flag) => flag === arg);
}

/** What `arg` sets. `next` is its value where it has none of its own and is no flag. */
function optionOf(
  command: Command,
  arg: string,
  next: string | undefined,
): Option & { tookNext: boolean } {
  const [flag = "", ...after] = arg.split("=");
  const inline = arg.includes("=") ? after.join("=") : undefined;
  const { key, negated } = keyOf(command, flag);
  const property = command.input.properties?.[key];
  if (key === "yes" || (property && kindOf(property) === "flag")) {
    if (inline !== undefined && (negated || !/^(true|false)$/.test(inline))) {
      throw wrong(`${flag} takes no value`, `write ${flagOf(key)} or --no-${flagOf(key).slice(2)}`);
    }
    return { key, value: negated ? "false" : (inline ?? "true"), tookNext: false };
  }
  if (inline !== undefined) return { key, value: inline, tookNext: false };
  if (next === undefined || (next.startsWith("-") && !DASHED_WORD.test(next))) {
    throw wrong(`${flag} needs a value`, `a value that begins with a dash: ${flag}=-x`);
  }
  return { key, value: next, tookNext: true };
}

/** The input that `flag` names, by its own name first: an input may itself be called `no_…`. */
function keyOf(command: Command, flag: string): { key: string; negated: boolean } {
  if (flag === "--yes" && command.effect === "destroy") return { key: "yes", negated: false };
  const properties = Object.entries(command.input.properties ?? {});
  const named = properties.find(([key]) => flagOf(key) === flag || `--${key}` === flag);
  if (named) return { key: named[0], negated: false };
  const negated = properties.find(
    ([key, property]) => kindOf(property) === "flag" && `--no-${flagOf(key).slice(2)}` === flag,
  );
  if (negated) return { key: negated[0], negated: true };
  const known = [...properties.map(([key]) => flagOf(key)), ...COMMON];
  const hint = `sb ${command.words.join(" ")} --help`;
  throw wrong(`unknown option ${flag}${didYouMean(flag, known)}`, hint);
}

/** Gives the words to the inputs that are taken by position and not yet given as options. */
function place(command: Command, words: readonly string[], texts: Map<string, string[]>): void {
  const open = command.positional.filter((key) => !texts.has(key));
  const last = open.at(-1);
  const takesRest =
    last !== undefined && kindOf(command.input.properties?.[last] ?? {}) === "texts";
  for (const [index, word] of words.entries()) {
    const key = open[index] ?? (takesRest ? last : undefined);
    if (key === undefined) {
      throw wrong(`unexpected argument "${word}"`, "put a text with spaces in quotes");
    }
    texts.set(key, [...(texts.get(key) ?? []), word]);
  }
}

function labelOf(command: Command, key: string): string {
  return command.positional.includes(key) ? key.toUpperCase() : flagOf(key);
}

function inputOf(label: string, values: readonly string[], property: Property): unknown {
  const kind = kindOf(property);
  const choices = choicesOf(property);
  if (kind === "texts") return values.map((value) => choice(label, value, choices));
  const [value = "", another] = values;
  if (another !== undefined) throw wrong(`${label} is given twice`, "give it once");
  switch (kind) {
    case "flag":
      return value === "true";
    case "text":
      return choice(label, value, choices);
    case "json":
      return json(label, value);
    default:
      return numeric(label, value, kind);
  }
}

function choice(label: string, value: string, choices: readonly string[] | undefined): string {
  if (choices === undefined || choices.includes(value)) return value;
  const meant = didYouMean(value, choices);
  throw wrong(`${label} cannot be "${value}"${meant}`, `one of ${choices.join(", ")}`);
}

function numeric(label: string, value: string, kind: "number" | "integer"): number {
  const number = Number(value);
  if (NUMBER.test(value) && (kind === "number" || Number.isInteger(number))) return number;
  const wanted = kind === "integer" ? "a whole number" : "a number";
  throw wrong(`${label} needs ${wanted}, not "${value}"`);
}

function json(label: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw wrong(`${label} needs JSON, not "${value}"`, "put JSON in single quotes");
  }
}

function wrong(message: string, hint?: string): SbError {
  return new SbError("invalid_input", message, hint === undefined ? {} : { hint });
}
