import { z } from "zod";
import {
  type Config,
  type ConfigFault,
  DEFAULT_SETTINGS,
  PROFILES,
  type Settings,
} from "./config.ts";
import type { Env } from "./paths.ts";
import { nearest } from "./suggest.ts";

const { checkpoint, brief, search, retention, ...defaults } = DEFAULT_SETTINGS;

/** `Settings` as they are written in a file. */
const SettingsSchema = z.strictObject({
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
  profile: z.enum(PROFILES).default(defaults.profile),
});

/** A file of settings, as it was found: its text, or why there is none although it is there. */
export interface ConfigFile {
  readonly path: string;
  readonly text?: string;
  readonly unreadable?: string;
}

/** What a configuration is made of; a missing file is undefined. */
export interface ConfigSources {
  readonly env: Env;
  /** `.claude/session-buddy.json` of the project. */
  readonly project?: ConfigFile | undefined;
  /** `<claude>/session-buddy.json`. */
  readonly user?: ConfigFile | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** What can be read of a file, and what cannot. */
interface Read {
  readonly json: Json;
  readonly faults: readonly ConfigFault[];
}

/**
 * Merges by precedence: variable, project, user, default; pure, and never fails: what cannot be read
 * is a fault, and everything else holds. In its place holds the default, but no snapshot is taken
 * where `checkpoint.git` says something unknown, and where `ignore` cannot be read every project is
 * left alone: what was to stay private cannot be told any more, while a transcript that is read late
 * is read all the same.
 *
 * A project comes from anywhere, so its file may add to what is ignored, never take from it, may not
 * ask for commits, and has no say in what is forgotten.
 */
export function loadConfig(sources: ConfigSources): Config {
  const user = read(sources.user);
  const project = read(sources.project);
  const profile = sources.env["SB_PROFILE"];
  const variable = profile ? sound({ profile }, "SB_PROFILE") : NOTHING;
  const own = SettingsSchema.parse(user.json);
  const theirs = SettingsSchema.parse(project.json);
  const merged = merge(merge(user.json, project.json), variable.json);
  const settings: Settings = SettingsSchema.parse(merged);
  const mayCommit = own.checkpoint.git === "commit" || theirs.checkpoint.git !== "commit";
  return {
    ...settings,
    ignore: [...own.ignore, ...theirs.ignore],
    retention: own.retention,
    checkpoint: mayCommit ? settings.checkpoint : own.checkpoint,
    faults: [...user.faults, ...project.faults, ...variable.faults],
  };
}

const NOTHING: Read = { json: {}, faults: [] };

function read(file: ConfigFile | undefined): Read {
  if (!file) return NOTHING;
  const broken = (why: string): Read => ({
    json: {},
    faults: [{ source: file.path, why, hides: true }],
  });
  if (file.unreadable !== undefined) return broken(file.unreadable);
  const { text = "" } = file;
  if (text.trim() === "") return NOTHING;
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return isRecord(value) ? sound(value, file.path) : broken("not a JSON object");
  } catch {
    return broken("not JSON");
  }
}

/** `value` without what does not fit. */
function sound(value: Json, source: string): Read {
  const { success, error } = SettingsSchema.safeParse(value);
  if (success) return { json: value, faults: [] };
  const faults = error.issues.flatMap((issue) =>
    keysOf(issue).map((path) => ({
      path,
      fault: { source, key: path.join("."), why: issue.message, hides: mayHide(path) },
    })),
  );
  const json = faults.reduce((rest, { path }) => without(rest, path), value);
  const isGitUnknown = faults.some(({ path }) => path[0] === "checkpoint");
  return {
    json: isGitUnknown ? merge({ checkpoint: { git: "off" } }, json) : json,
    faults: faults.map(({ fault }) => fault),
  };
}

/** The keys that an issue is about: a list is taken or left as a whole. */
function keysOf(issue: z.core.$ZodIssue): string[][] {
  const path = issue.path.filter((key) => typeof key === "string");
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...path, key]);
  return [path];
}

/** Names that someone may give to what is to be left alone. */
const PRIVACY = /exclu|hid|ignor|paus|privat|record|skip/i;

/** Whether what stands there, or was meant to, says what is to be left alone. */
function mayHide(path: readonly string[]): boolean {
  const settings = Object.keys(DEFAULT_SETTINGS);
  return path.some((key) => PRIVACY.test(key) || nearest(key, settings) === "ignore");
}

function without(json: Json, [key = "", ...below]: readonly string[]): Json {
  const inner = json[key];
  if (below.length > 0 && isRecord(inner)) return { ...json, [key]: without(inner, below) };
  const { [key]: _left, ...rest } = json;
  return rest;
}

/** `over` wins key by key; lists are replaced, not joined. */
function merge(under: Json, over: Json): Json {
  const result: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isRecord(value) && isRecord(below) ? merge(below, value) : value;
  }
  return result;
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
