import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Env } from "../../kernel/paths.ts";
import { readText } from "../git.ts";
import { inSync, outOfSync, type SyncState, stateOf, unknown } from "./model.ts";

/** cargo: the sources of every crate from a registry must have been fetched. */
export function cargoState(_root: string, lockText: string, env: Env): SyncState {
  const home = env["CARGO_HOME"] || join(env["HOME"] ?? "", ".cargo");
  const crates = lockText.replaceAll("\r", "").split("[[package]]").flatMap(crateOf);
  if (crates.length === 0) return inSync("no crate is to be fetched");
  const fetched = new Set(
    ["src", "cache"].flatMap((kind) =>
      entriesOf(join(home, "registry", kind)).flatMap((index) =>
        entriesOf(join(home, "registry", kind, index)).map((name) => name.replace(/\.crate$/, "")),
      ),
    ),
  );
  const registry = crates.filter(
    ({ source }) => source.startsWith("registry+") || isSparse(source),
  );
  const missing = registry.filter(({ name }) => !fetched.has(name)).map(({ name }) => name);
  if (missing.length === 0 && registry.length < crates.length) {
    return unknown(`${crates.length - registry.length} crates come from git: only cargo can tell`);
  }
  // A build fetches what this machine needs; the lock file names other systems' crates too.
  const isAll = missing.length === registry.length;
  if (missing.length > 0 && !isAll) {
    return unknown(`${missing.length} of ${registry.length} crates were not fetched`);
  }
  return stateOf({ missing, changed: [] }, registry.length);
}

function isSparse(source: string): boolean {
  return source.startsWith("sparse+");
}

function crateOf(block: string): { name: string; source: string }[] {
  const [name, version, source] = ["name", "version", "source"].map(
    (key) => new RegExp(`^${key} = "([^"]+)"`, "m").exec(block)?.[1],
  );
  return name && version && source ? [{ name: `${name}-${version}`, source }] : [];
}

/** go: the modules that go.mod requires must be in the module cache, or in `vendor`. */
export function goState(root: string, text: string, env: Env): SyncState {
  const modules = requiredModules(text);
  if (modules.length === 0) return inSync("no module is required");
  const vendored = readText(join(root, "vendor/modules.txt"));
  if (vendored !== undefined) return vendorState(modules, vendored);
  const goPath = env["GOPATH"]?.split(":")[0] || join(env["HOME"] ?? "", "go");
  const cache = env["GOMODCACHE"] || join(goPath, "pkg/mod");
  const missing = modules.filter(({ path, version }) => !isCached(cache, path, version));
  const direct = missing.filter(({ isIndirect }) => !isIndirect);
  if (direct.length === 0 && missing.length > 0) {
    return unknown(`${missing.length} indirect modules are not in the module cache`);
  }
  const names = missing.map(({ path, version }) => `${path} ${version}`);
  return stateOf({ missing: names, changed: [] }, modules.length);
}

interface Module {
  readonly path: string;
  readonly version: string;
  readonly isIndirect: boolean;
}

/** https://go.dev/ref/mod#go-mod-file-require, without what a `replace` puts elsewhere. */
function requiredModules(text: string): Module[] {
  const lines = text.replaceAll("\r", "").split("\n");
  const found: Module[] = [];
  const replaced = new Set<string>();
  let block = "";
  for (const line of lines) {
    const opened = /^(require|replace)\s*\(/.exec(line)?.[1];
    if (opened) block = opened;
    else if (/^\s*\)/.test(line)) block = "";
    const verb = /^(require|replace)\s+[^(]/.exec(line)?.[1] ?? (opened ? "" : block);
    const words = line
      .replace(/^(require|replace)\s+/, "")
      .trim()
      .split(/\s+/);
    const [path = "", version = ""] = words;
    if (verb === "replace") replaced.add(path);
    if (verb === "require" && /^v\d/.test(version)) {
      found.push({ path, version, isIndirect: /\/\/ indirect/.test(line) });
    }
  }
  return found.filter(({ path }) => !replaced.has(path));
}

function vendorState(modules: readonly Module[], vendored: string): SyncState {
  const there = new Set([...vendored.matchAll(/^# (\S+ v\S+)/gm)].map(([, name]) => name));
  const wrong = modules.filter(({ path, version }) => !there.has(`${path} ${version}`));
  const first = wrong[0];
  return first
    ? outOfSync(`vendor does not hold ${first.path} ${first.version}`)
    : inSync(`${modules.length} modules in vendor`);
}

/** In file names an upper-case letter is `!` and the lower-case one: https://go.dev/ref/mod#module-cache */
function isCached(cache: string, path: string, version: string): boolean {
  const escaped = (text: string) => text.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
  const [place, tag] = [escaped(path), escaped(version)];
  return (
    existsSync(join(cache, `${place}@${tag}`)) ||
    existsSync(join(cache, "cache/download", place, "@v", `${tag}.zip`))
  );
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
