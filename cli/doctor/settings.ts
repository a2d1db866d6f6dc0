import {
  type ConfigFault,
  DEFAULT_SETTINGS,
  faultText,
  firstFault,
} from "../../core/kernel/config.ts";
import { type ConfigFile, type ConfigSources, loadConfig } from "../../core/kernel/load-config.ts";
import { configSources } from "../config-files.ts";
import { type Check, checkOf, type Ward } from "./check.ts";

/** One value of the configuration, and where it comes from. */
export interface Value {
  readonly name: string;
  readonly value: unknown;
  readonly source: "variable" | "project" | "user" | "default";
}

/** Whether the configuration is valid, and where each value that is no default comes from. */
export function configCheck({ invocation: { host, cwd } }: Ward): Check {
  const { ok, warn, broken } = checkOf("config");
  const sources = configSources(host.env, cwd);
  const config = loadConfig(sources);
  const fault = firstFault(config);
  if (fault) {
    const found = fault.hides ? broken : warn;
    return found(config.faults.map(faultText).join("; "), `mend or remove ${mendable(fault)}`);
  }
  const set = valuesOf(sources).filter(({ source }) => source !== "default");
  if (set.length === 0) return ok("all defaults");
  const shown = set.map(
    ({ name, value, source }) => `${name} = ${JSON.stringify(value)} (${source})`,
  );
  return ok(shown.join(", "));
}

function mendable({ key, source }: ConfigFault): string {
  return key === undefined || key === source ? source : `${key} in ${source}`;
}

/** Every value as it holds, of sources without a fault. */
export function valuesOf(sources: ConfigSources): Value[] {
  const [project, user] = [sources.project, sources.user].map(objectIn);
  const config = loadConfig(sources);
  return leaves(DEFAULT_SETTINGS).map((path) => {
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

function objectIn(file: ConfigFile | undefined): unknown {
  const text = file?.text ?? "";
  return text.trim() === "" ? {} : JSON.parse(text.replace(/^\uFEFF/, ""));
}
