import { SbError } from "./errors.ts";

/** How much of the tool list is offered: each profile holds the ones before it. */
export const PROFILES = ["core", "standard", "full"] as const;
export type Profile = (typeof PROFILES)[number];

/** Settings a user or a project may change. Keys are written as here, nested, in JSON. */
export interface Settings {
  /** Globs over project folders that are neither read nor recalled. */
  ignore: string[];
  checkpoint: { git: "off" | "snapshot" | "commit" };
  brief: { max_tokens: number };
  /** Days after which a memory counts half as recent. */
  search: { half_life_days: number };
  /** Megabytes the store may take, and days that tools' outputs are kept; 0: no limit. */
  retention: { max_db_mb: number; tool_output_days: number };
  profile: Profile;
}

/** What of a configuration could not be read. */
export interface ConfigFault {
  /** The file's path, or the variable's name. */
  readonly source: string;
  /** As in `brief.max_tokens`; undefined where nothing of the file can be read. */
  readonly key?: string;
  readonly why: string;
  /** Whether it may have said which projects are to be left alone: then all are. */
  readonly hides: boolean;
}

/** The settings as they hold, and what was written and could not be read. */
export interface Config extends Settings {
  readonly faults: readonly ConfigFault[];
}

/** What holds where nothing is configured. Apart from the schema, so that no one pays for that. */
export const DEFAULT_SETTINGS: Settings = {
  ignore: [],
  checkpoint: { git: "snapshot" },
  brief: { max_tokens: 800 },
  search: { half_life_days: 30 },
  retention: { max_db_mb: 0, tool_output_days: 0 },
  profile: "standard",
};

export const DEFAULT_CONFIG: Config = { ...DEFAULT_SETTINGS, faults: [] };

/** The fault because of which every project is left alone; undefined where none has to be. */
export function hidingFault({ faults }: Pick<Config, "faults">): ConfigFault | undefined {
  return faults.find(({ hides }) => hides);
}

/** The fault that matters most: one that hides every project, else the first. */
export function firstFault({ faults }: Pick<Config, "faults">): ConfigFault | undefined {
  return hidingFault({ faults }) ?? faults[0];
}

/** A fault in one line: where, what, and what holds instead. */
export function faultText(fault: ConfigFault): string {
  const instead = fault.hides ? "nothing is recorded or recalled" : "the cautious value holds";
  return `${whatIsWrong(fault)}; until it is mended, ${instead}`;
}

/** The fault as the failure of what cannot be done because of it. */
export function faultError(fault: ConfigFault): SbError {
  return new SbError("invalid_input", whatIsWrong(fault), {
    hint: fault.key ? "the README's Settings lists what may stand there" : "mend or remove it",
  });
}

function whatIsWrong({ source, key, why }: ConfigFault): string {
  return [source, key, why].filter((part) => part !== undefined).join(": ");
}
