import { join } from "node:path";
import { PROFILES, type Profile } from "../core/capabilities.ts";
import { type Config, DEFAULT_CONFIG } from "../core/kernel/config.ts";
import { SbError } from "../core/kernel/errors.ts";
import type { ConfigSources } from "../core/kernel/load-config.ts";
import { type Env, resolvePaths } from "../core/kernel/paths.ts";
import { readRegularText } from "../core/kernel/regular-file.ts";
import { detectProject } from "../core/project/detect.ts";
import type { Invocation } from "./command.ts";

/**
 * How the configuration for `cwd` is read. The schema library is loaded only where something is
 * configured: most have nothing, and are to be answered at once.
 */
export async function configuration(env: Env, cwd: string): Promise<() => Config> {
  let sources: ConfigSources;
  try {
    sources = configSources(env, cwd);
  } catch (failure) {
    return () => {
      throw failure;
    };
  }
  const isConfigured = sources.env["SB_PROFILE"] || sources.project || sources.user;
  if (!isConfigured) return () => DEFAULT_CONFIG;
  const { loadConfig } = await import("../core/kernel/load-config.ts");
  return () => loadConfig(sources);
}

/**
 * The texts that the configuration is made of, for the project that `cwd` is in.
 * @throws SbError `unavailable` for a file that is there and cannot be read.
 */
export function configSources(env: Env, cwd: string): ConfigSources {
  return {
    env,
    project: readIfThere(join(detectProject(cwd).root, ".claude", "session-buddy.json")),
    user: readIfThere(resolvePaths(env).userConfig),
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readRegularText(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new SbError("unavailable", `cannot read ${path}`, {
      hint: "mend its permissions or remove it",
      cause,
    });
  }
}

/** The tool profile: the option, else the configuration. */
export async function profileOf({ input, host, cwd }: Invocation): Promise<Profile> {
  const given = PROFILES.find((profile) => profile === input["profile"]);
  if (given) return given;
  const configured = await configuration(host.env, cwd);
  return configured().profile;
}
