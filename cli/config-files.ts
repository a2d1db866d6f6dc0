import { join } from "node:path";
import { type Config, DEFAULT_CONFIG, PROFILES, type Profile } from "../core/kernel/config.ts";
import type { ConfigFile, ConfigSources } from "../core/kernel/load-config.ts";
import { type Env, resolvePaths } from "../core/kernel/paths.ts";
import { readRegularText } from "../core/kernel/regular-file.ts";
import { detectProject } from "../core/project/detect.ts";
import type { Invocation } from "./command.ts";

/** How often a configuration that could not be read whole is looked at again, in milliseconds. */
const AGAIN_MS = 500;

/**
 * The configuration for `cwd`. The schema library is loaded only where something is configured: most
 * have nothing, and are to be answered at once.
 * @returns what gives it. What could not be read is read again, so that a server goes on by itself
 * once it is mended.
 */
export async function configuration(env: Env, cwd: string): Promise<() => Config> {
  const sources = configSources(env, cwd);
  const isConfigured = sources.env["SB_PROFILE"] || sources.project || sources.user;
  if (!isConfigured) return () => DEFAULT_CONFIG;
  const { loadConfig } = await import("../core/kernel/load-config.ts");
  let config = loadConfig(sources);
  let readAt = performance.now();
  return () => {
    if (config.faults.length > 0 && performance.now() - readAt > AGAIN_MS) {
      config = loadConfig(configSources(env, cwd));
      readAt = performance.now();
    }
    return config;
  };
}

/** What the configuration is made of, for the project that `cwd` is in. */
export function configSources(env: Env, cwd: string): ConfigSources {
  return {
    env,
    project: readIfThere(join(detectProject(cwd).root, ".claude", "session-buddy.json")),
    user: readIfThere(resolvePaths(env).userConfig),
  };
}

function readIfThere(path: string): ConfigFile | undefined {
  try {
    return { path, text: readRegularText(path) };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    return { path, unreadable: `cannot be read${code ? ` (${code})` : ""}` };
  }
}

/** The tool profile: the option, else the configuration. */
export function profileOf({ input }: Pick<Invocation, "input">, config: Config): Profile {
  return PROFILES.find((profile) => profile === input["profile"]) ?? config.profile;
}
