import { z } from "zod";
import { SbError } from "./errors.ts";
import type { Env } from "./paths.ts";

/** Settings a user or a project may change. Keys are written as here, nested, in JSON. */
export const Config = z.strictObject({
  /** Globs over project folders that are neither read nor recalled. */
  ignore: z.array(z.string().min(1)).default([]),
  checkpoint: z
    .strictObject({ git: z.enum(["off", "snapshot", "commit"]).default("snapshot") })
    .prefault({}),
  brief: z
    .strictObject({ max_tokens: z.number().int().min(0).max(4000).default(800) })
    .prefault({}),
  /** Days after which a memory counts half as recent. */
  search: z.strictObject({ half_life_days: z.number().min(1).max(3650).default(30) }).prefault({}),
  profile: z.enum(["core", "standard", "full"]).default("standard"),
});
export type Config = z.infer<typeof Config>;

/** The texts a configuration is made of; a missing file is undefined. */
export interface ConfigSources {
  readonly env: Env;
  /** `.claude/session-buddy.json` of the project. */
  readonly project?: string | undefined;
  /** `<claude>/session-buddy.json`. */
  readonly user?: string | undefined;
}

/**
 * Merges by precedence: variable, project, user, default. Pure.
 * @throws SbError `invalid_input` naming the file and key that do not fit.
 */
export function loadConfig(sources: ConfigSources): Config {
  const user = parseFile(sources.user, "the user's session-buddy.json");
  const project = parseFile(sources.project, "the project's .claude/session-buddy.json");
  const profile = sources.env["SB_PROFILE"];
  const merged = merge(merge(user, project), profile ? { profile } : {});
  const parsed = Config.safeParse(merged);
  if (parsed.success) return parsed.data;
  throw new SbError("invalid_input", `configuration: ${z.prettifyError(parsed.error)}`, {
    hint: "mend session-buddy.json or the SB_ variable named",
  });
}

type Json = Record<string, unknown>;

function parseFile(text: string | undefined, name: string): Json {
  if (text === undefined || text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch (cause) {
    throw new SbError("invalid_input", `${name} is not JSON`, { hint: "mend or remove it", cause });
  }
  throw new SbError("invalid_input", `${name} is not a JSON object`, { hint: "mend or remove it" });
}

/** `over` wins key by key; lists are replaced, not joined. */
function merge(under: Json, over: Json): Json {
  const result: Json = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isRecord(value) && isRecord(below) ? merge(below, value) : value;
  }
  return result;
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
