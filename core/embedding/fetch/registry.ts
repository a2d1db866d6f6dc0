import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SbError } from "../../kernel/errors.ts";
import { type Env, homeFolder } from "../../kernel/paths.ts";
import { ask, type Patience, textOf, Unreachable } from "./http.ts";
import { authorizationFor, basicAuthorization, type Npmrc, parseNpmrc } from "./npmrc.ts";
import type { NpmSource } from "./pins.ts";

/** How long another program may take to say its setting, in milliseconds. */
const PROGRAM_MS = 10_000;

/** Most that a package's description may weigh; that of a package with thousands of versions does. */
const METADATA_BYTES = 16 * 1024 * 1024;

const HINT = "set npm_config_registry to your registry's address";

/** Where a package's tarball lies, and what its server wants to see. */
export interface Tarball {
  readonly url: string;
  readonly authorization?: string | undefined;
}

interface Registry {
  readonly url: string;
  readonly authorization?: string | undefined;
}

/** The machine as the registry's clients see it. */
export interface ClientWorld {
  readonly env: Env;
  /** A folder of ours, to run other programs in: no project's settings are to count. */
  readonly folder: string;
}

/**
 * Finds the tarball in the registry that the user's npm or Bun is set to: the scope's or the
 * general one in `.npmrc`, `npm_config_registry`, `.bunfig.toml`, what npm itself says, and last
 * what Bun does by default. A project's own `.npmrc` does not count: a cloned repository must not
 * choose where requests go and which variables they carry.
 * @throws SbError `unavailable` when none is known or it does not have the package, Unreachable.
 */
export async function findTarball(
  source: NpmSource,
  world: ClientWorld,
  patience: Patience,
): Promise<Tarball> {
  const npmrc = userNpmrc(world.env);
  const registry = configured(source, npmrc, world.env) ?? (await toldByNpm(source, world));
  if (!registry) return { url: await toldByBun(source, world) };
  const { url: clean, authorization } = withoutCredentials(registry.url);
  const own = registry.authorization ?? authorization ?? authorizationFor(clean, npmrc);
  const url = await tarballIn(clean, { source, authorization: own, patience });
  const isSame = new URL(url).origin === new URL(clean).origin;
  return { url, authorization: authorizationFor(url, npmrc) ?? (isSame ? own : undefined) };
}

/** Asks the registry where the version lies: some do not keep to the usual address. */
async function tarballIn(
  registry: string,
  how: { source: NpmSource; authorization: string | undefined; patience: Patience },
): Promise<string> {
  const { source, authorization, patience } = how;
  const name = source.package.replace("/", "%2f");
  const answer = await ask({
    url: `${registry.replace(/\/*$/, "/")}${name}`,
    // npm's short form, without readme and scripts.
    headers: { accept: "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8" },
    authorization,
    patience,
  });
  const { status } = answer.response;
  if (status >= 500 || status === 429) {
    answer.abort();
    throw new Unreachable(`${new URL(registry).host} answered ${status}`);
  }
  if (status !== 200) {
    answer.abort();
    throw new SbError("unavailable", `${new URL(registry).host} answered ${status}`, {
      hint: `the registry has to offer ${source.package}@${source.version}: ${HINT}`,
    });
  }
  const url = tarballUrl(await textOf(answer, patience, METADATA_BYTES), source.version);
  if (url) return url;
  throw new SbError(
    "unavailable",
    `${new URL(registry).host} does not offer ${source.package}@${source.version}`,
    { hint: HINT },
  );
}

/** `versions[version].dist.tarball`, of a text that may be anything. */
function tarballUrl(text: string, version: string): string | undefined {
  try {
    const url: unknown = JSON.parse(text)?.versions?.[version]?.dist?.tarball;
    return typeof url === "string" ? url : undefined;
  } catch {
    return undefined;
  }
}

/** By what is written in files and variables; a scope's own registry wins, as with npm. */
function configured(source: NpmSource, npmrc: Npmrc, env: Env): Registry | undefined {
  const scoped = npmrc.get(`${scopeOf(source)}:registry`);
  const variable =
    env["npm_config_registry"] || env["NPM_CONFIG_REGISTRY"] || env["BUN_CONFIG_REGISTRY"];
  const url = scoped || variable || npmrc.get("registry");
  return url ? { url } : inBunfig(source, env);
}

function scopeOf({ package: name }: NpmSource): string {
  return name.split("/")[0] ?? "";
}

function userNpmrc(env: Env): Npmrc {
  const named = env["npm_config_userconfig"] || env["NPM_CONFIG_USERCONFIG"];
  return parseNpmrc(readText(named || join(homeFolder(env), ".npmrc")) ?? "", env);
}

/** `[install]` of the user's `.bunfig.toml` (https://bun.com/docs/pm/scopes-registries). */
function inBunfig(source: NpmSource, env: Env): Registry | undefined {
  const folder = env["XDG_CONFIG_HOME"] || homeFolder(env);
  const text = readText(join(folder, ".bunfig.toml"));
  if (text === undefined) return undefined;
  try {
    const { install } = Bun.TOML.parse(text) as { install?: Record<string, unknown> };
    const scopes = (install?.["scopes"] ?? {}) as Record<string, unknown>;
    const scope = scopeOf(source);
    return (
      registryOf(scopes[scope] ?? scopes[scope.slice(1)], env) ??
      registryOf(install?.["registry"], env)
    );
  } catch {
    return undefined; // Bun says what is wrong in its own file; here it means: not set
  }
}

/** An address, or `{ url, token }`, or `{ url, username, password }`; `$VAR` is a variable. */
function registryOf(value: unknown, env: Env): Registry | undefined {
  const entry = (typeof value === "string" ? { url: value } : value) as
    | Record<string, unknown>
    | undefined;
  const text = (key: string) => {
    const given = entry?.[key];
    if (typeof given !== "string") return undefined;
    return given.replace(/^\$\{?(\w+)\}?$/, (_all, name: string) => env[name] ?? "");
  };
  const [url, token] = [text("url"), text("token")];
  const [user, password] = [text("username"), text("password")];
  if (!url) return undefined;
  if (token) return { url, authorization: `Bearer ${token}` };
  return user && password ? { url, authorization: basicAuthorization(user, password) } : { url };
}

/** What npm would use, where there is an npm. */
async function toldByNpm(source: NpmSource, world: ClientWorld): Promise<Registry | undefined> {
  const npm = Bun.which("npm", { PATH: world.env["PATH"] ?? "" });
  if (!npm) return undefined;
  const scoped = `${scopeOf(source)}:registry`;
  const said = parseNpmrc(
    (await outputOf([npm, "config", "get", scoped, "registry"], world, {})) ?? "",
    {},
  );
  const url = [said.get(scoped), said.get("registry")].find((text) => text?.startsWith("http"));
  return url ? { url } : undefined;
}

/**
 * What Bun would fetch, where nothing is configured and there is no npm: this very program is Bun,
 * and answers as `bun info` with its own default.
 */
async function toldByBun(source: NpmSource, world: ClientWorld): Promise<string> {
  const wanted = `${source.package}@${source.version}`;
  const command = [process.execPath, "info", wanted, "dist.tarball"];
  const url = (await outputOf(command, world, { BUN_BE_BUN: "1" }))?.trim();
  if (url && URL.canParse(url)) return url;
  throw new SbError("unavailable", "no package registry could be found or reached", { hint: HINT });
}

/** Standard output of another program; undefined when it fails or takes too long. */
async function outputOf(
  command: readonly string[],
  { env, folder }: ClientWorld,
  more: Env,
): Promise<string | undefined> {
  try {
    const child = Bun.spawn([...command], {
      cwd: folder,
      env: { ...env, ...more },
      stdin: "ignore",
      stderr: "ignore",
      timeout: PROGRAM_MS,
    });
    const text = await child.stdout.text();
    return (await child.exited) === 0 ? text : undefined;
  } catch {
    return undefined;
  }
}

/** An address may hold `user:password@`, which belongs into a header and in no message. */
function withoutCredentials(address: string): Registry {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new SbError("unavailable", "the configured package registry is no address", {
      hint: "it begins with https:// or http://: set npm_config_registry",
    });
  }
  const { username, password } = url;
  url.username = "";
  url.password = "";
  if (!username) return { url: url.href };
  const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
  return { url: url.href, authorization: basicAuthorization(user, secret) };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
