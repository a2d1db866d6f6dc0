import { z } from "zod";
import { type Config, DEFAULT_CONFIG } from "./config.ts";
import { SbError } from "./errors.ts";
import type { Env } from "./paths.ts";

const { checkpoint, brief, search, retention, ...defaults } = DEFAULT_CONFIG;

/** `Config` as it is written in a file. */
const ConfigSchema = z.strictObject({
  ignore: z.array(z.string().min(1)).default(defaults.ignore),
  checkpoint: z
    .strictObject({ git: z.enum(["off", "snapshot", "commit"]).default(checkpoint.git) })
    .prefault({}),
  brief: z
    .strictObject({ max_tokens: z.number().int().min(0).max(4000).default(brief.max_tokens) })
    .prefault({}),
  search: z
    .strictObject({ half_life_days: z.number().min(1).max(3650).default(search.half_life_days) })
    .prefault({}),
  retention: z
    .strictObject({
      max_db_mb: z.number().min(0).max(1_000_000).default(retention.max_db_mb),
      tool_output_days: z.number().min(0).max(36_500).default(retention.tool_output_days),
    })
    .prefault({}),
  profile: z.enum(["core", "standard", "full"]).default(defaults.profile),
});

/** The texts a configuration is made of; a missing file is undefined. */
export interface ConfigSources {
  readonly env: Env;
  /** `.claude/session-buddy.json` of the project. */
  readonly project?: string | undefined;
  /** `<claude>/session-buddy.json`. */
  readonly user?: string | undefined;
}

/**
 * Merges by precedence: variable, project, user, default; pure. A project comes from anywhere, so
 * its file may add to what is ignored, never take from it, may not ask for commits,
 * and has no say in what is forgotten.
 * @throws SbError `invalid_input` naming the file and key that do not fit.
 */
export function loadConfig(sources: ConfigSources): Config {
  const user = parseFile(sources.user, USER_FILE);
  const project = parseFile(sources.project, PROJECT_FILE);
  const profile = sources.env["SB_PROFILE"];
  const own = check(user, USER_FILE);
  const theirs = check(project, PROJECT_FILE);
  const merged = merge(merge(user, project), profile ? { profile } : {});
  const config = check(merged, "SB_PROFILE");
  const mayCommit = own.checkpoint.git === "commit" || theirs.checkpoint.git !== "commit";
  return {
    ...config,
    ignore: [...own.ignore, ...theirs.ignore],
    retention: own.retention,
    checkpoint: mayCommit ? config.checkpoint : own.checkpoint,
  };
}

function check(value: Json, where: string): Config {
  const parsed = ConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join(".")}: ${message}` : message,
  );
  throw new SbError("invalid_input", `${where}: ${problems.join("; ")}`, {
    hint: "the README's Settings lists what may stand there",
  });
}

const USER_FILE = "the user's session-buddy.json";
const PROJECT_FILE = "the project's .claude/session-buddy.json";

type Json = Record<string, unknown>;

function parseFile(text: string | undefined, name: string): Json {
  if (text === undefined || text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
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
