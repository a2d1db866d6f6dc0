import type { Effect } from "../core/capability.ts";
import type { Purpose } from "../core/storage/database.ts";
import type { Host, Opened, OpenRequest } from "./io.ts";

/** The part of JSON Schema that says how an option is written. */
export interface Property {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Property;
  readonly description?: string;
  readonly default?: unknown;
}

/** JSON Schema of what a command takes: always an object. */
export interface Shape {
  readonly properties?: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
}

/** What a command is called with once its line is read. */
export interface Invocation {
  /** Values by the schema's own keys; defaults are left to the handler. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Whether the result is printed as JSON. */
  readonly json: boolean;
  /** Whether the person agreed beforehand to what cannot be undone. */
  readonly yes: boolean;
  /** Absolute folder, after `-C`. */
  readonly cwd: string;
  readonly host: Host;
  /**
   * Opens the world for this command's folder, or as `given` says, whose variables are added to the
   * process's own; it is closed when the command ends.
   */
  open(
    purpose: Purpose,
    given?: Partial<Omit<OpenRequest, "purpose">>,
  ): Promise<Omit<Opened, "close">>;
}

/** One leaf of the command tree. */
export interface Command {
  readonly words: readonly [verb: string] | readonly [group: string, verb: string];
  /** One sentence. */
  readonly summary: string;
  readonly effect: Effect;
  /** Keys of `input` taken by position, in order. */
  readonly positional: readonly string[];
  readonly input: Shape;
  /** Lines that a person may type, beginning with `sb`. */
  readonly examples: readonly string[];
  /** Prints text in a pipe as well, unless `--json` is given. */
  readonly isText?: boolean;
  /** The MCP tool that does the same. */
  readonly tool?: string;
  /** @returns the exit code where it is not 0. */
  run(invocation: Invocation): Promise<number | undefined>;
}

/** `sb insight search` */
export function titleOf(command: Command): string {
  return `sb ${command.words.join(" ")}`;
}

/** How `key` is written on the command line as an option: `min_score` is `--min-score`. */
export function flagOf(key: string): string {
  return `--${key.replaceAll("_", "-")}`;
}

/** What an option's text is turned into. */
export type Kind = "flag" | "text" | "texts" | "number" | "integer" | "json";

/** How `property` is written: objects, unions and lists of anything but text are JSON. */
export function kindOf(property: Property): Kind {
  switch (property.type) {
    case "boolean":
      return "flag";
    case "string":
      return "text";
    case "number":
    case "integer":
      return property.type;
    case "array":
      return property.items && kindOf(property.items) === "text" ? "texts" : "json";
    default:
      return "json";
  }
}

/** The texts that `property` allows, or undefined where any will do. */
export function choicesOf(property: Property): readonly string[] | undefined {
  const choices = property.enum ?? property.items?.enum;
  return choices?.map(String);
}
