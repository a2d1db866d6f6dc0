import { DEFAULT_CONFIG } from "../../core/kernel/config.ts";
import { type ConfigSources, loadConfig } from "../../core/kernel/load-config.ts";
import { resolvePaths } from "../../core/kernel/paths.ts";
import { configSources } from "../config-files.ts";
import { type Check, checkOf, messageOf, type Ward } from "./check.ts";

/** One value of the configuration, and where it comes from. */
export interface Value {
  readonly name: string;
  readonly value: unknown;
  readonly source: "variable" | "project" | "user" | "default";
}

/** Whether the configuration is valid, and where each value that is no default comes from. */
export function configCheck({ invocation: { host, cwd } }: Ward): Check {
  const { ok, broken } = checkOf("config");
  try {
    const values = valuesOf(configSources(host.env, cwd));
    const set = values.filter(({ source }) => source !== "default");
    if (set.length === 0) return ok("all defaults");
    const shown = set.map(
      ({ name, value, source }) => `${name} = ${JSON.stringify(value)} (${source})`,
    );
    return ok(shown.join(", "));
  } catch (error) {
    return broken(
      messageOf(error),
      `mend or remove it; the user's is ${resolvePaths(host.env).userConfig}`,
    );
  }
}

/** Every value as it holds. @throws SbError `invalid_input`, `unavailable`. */
export function valuesOf(sources: ConfigSources): Value[] {
  const [project, user] = [sources.project, sources.user].map(objectIn);
  const config = loadConfig(sources);
  return leaves(DEFAULT_CONFIG).map((path) => {
    const name = path.join(".");
    const value = at(config, path);
    if (name === "profile" && sources.env["SB_PROFILE"]) return { name, value, source: "variable" };
    // What a project's file says and may not is not what holds.
    const said = at(project, path);
    const isProjects =
      said !== undefined && JSON.stringify(value).includes(JSON.stringify(said).slice(1, -1));
    if (isProjects) return { name, value, source: "project" };
    return { name, value, source: at(user, path) === undefined ? "default" : "user" };
  });
}

function leaves(value: object, path: readonly string[] = []): string[][] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? leaves(inner, [...path, key])
      : [[...path, key]],
  );
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<string, unknown> | undefined)?.[key],
    value,
  );
}

function objectIn(text: string | undefined): unknown {
  return text === undefined || text.trim() === "" ? {} : JSON.parse(text.replace(/^\uFEFF/, ""));
}
