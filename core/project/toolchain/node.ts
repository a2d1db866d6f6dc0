import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readText } from "../git.ts";
import { inSync, nothingInstalled, outOfSync, type SyncState, stateOf, unknown } from "./model.ts";

type Json = Readonly<Record<string, unknown>>;

/** Packages whose own manifest is read at most: each costs about 30 microseconds. */
const MOST_READ = 400;

const GROUPS = ["dependencies", "devDependencies", "optionalDependencies"] as const;

/** npm writes what it installed to `node_modules/.package-lock.json`, in the lock's own form. */
export function npmState(root: string, lockText: string): SyncState {
  const lock = parse(lockText);
  const packages = objectAt(lock, "packages");
  if (!packages) return unknown("the lock file is of npm 6 or older");
  const stale = staleLock(packages[""], root);
  if (stale) return outOfSync(stale);
  const wanted = Object.entries(packages).filter(([path]) => path.includes("node_modules/"));
  if (wanted.length === 0) return inSync("nothing is to be installed");
  const text = readText(join(root, "node_modules/.package-lock.json"));
  if (text === undefined) {
    const there = names(join(root, "node_modules")).size > 0;
    return there ? unknown("node_modules was not written by npm 7 or newer") : nothingInstalled();
  }
  const installed = objectAt(parse(text), "packages") ?? {};
  const onDisk = names(join(root, "node_modules"));
  const missing: string[] = [];
  const changed: string[] = [];
  for (const [path, entry] of wanted) {
    const own = record(entry);
    const there = path in installed ? record(installed[path]) : undefined;
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const isTop = path === `node_modules/${name}`;
    if (!there || (isTop && !onDisk.has(name))) {
      if (!isOptional(own)) missing.push(name);
    } else if (there["version"] !== own["version"] || differ(there, own)) changed.push(name);
  }
  const extra = Object.keys(installed).filter(
    (path) => path.includes("node_modules/") && !(path in packages),
  );
  return stateOf({ missing, changed, extra }, wanted.length);
}

function isOptional(entry: Json): boolean {
  return entry["optional"] === true || entry["devOptional"] === true || entry["peer"] === true;
}

function differ(a: Json, b: Json): boolean {
  const [one, other] = [a["integrity"], b["integrity"]];
  return one !== undefined && other !== undefined && one !== other;
}

/** What the manifest asks for and the lock file does not know of. */
function staleLock(locked: unknown, root: string): string | undefined {
  const manifest = parse(readText(join(root, "package.json")) ?? "");
  if (!manifest || locked === undefined) return undefined;
  for (const group of GROUPS) {
    const [asked, known] = [objectAt(manifest, group) ?? {}, objectAt(record(locked), group) ?? {}];
    const odd = Object.entries(asked).find(([name, range]) => known[name] !== range);
    if (odd) return `package.json asks for ${odd[0]} ${String(odd[1])}, the lock file does not`;
  }
  return undefined;
}

/** pnpm keeps the lock file that it installed from. */
export function pnpmState(root: string, lockText: string): SyncState {
  const text = readText(join(root, "node_modules/.pnpm/lock.yaml"));
  if (text === undefined) return nothingInstalled();
  if (text === lockText) return inSync("the lock file is the one that was installed from");
  const [lock, installed] = [yaml(lockText), yaml(text)];
  if (!lock || !installed) return unknown("the lock file cannot be read");
  const [wanted, there] = [objectAt(lock, "packages") ?? {}, objectAt(installed, "packages") ?? {}];
  const snapshots = objectAt(lock, "snapshots") ?? {};
  const optional = (key: string) =>
    record(snapshots[key])["optional"] === true || record(wanted[key])["optional"] === true;
  const missing = Object.keys(wanted).filter((key) => !(key in there) && !optional(key));
  const extra = Object.keys(there).filter((key) => !(key in wanted));
  const importers = JSON.stringify(lock["importers"]) === JSON.stringify(installed["importers"]);
  if (!importers && missing.length + extra.length === 0) {
    return outOfSync("the lock file has changed since it was installed from");
  }
  return stateOf({ missing, changed: [], extra }, Object.keys(wanted).length);
}

/** yarn 1 keeps the resolved patterns in `.yarn-integrity`. */
export function yarnState(root: string, lockText: string): SyncState {
  const text = readText(join(root, "node_modules/.yarn-integrity"));
  if (text === undefined) return nothingInstalled();
  const installed = objectAt(parse(text), "lockfileEntries");
  if (!installed) return unknown("node_modules/.yarn-integrity cannot be read");
  const wanted = new Map<string, string>();
  const entry = /^(\S.*):\n(?:[ \t]+.*\n)*?[ \t]+resolved "([^"]+)"/gm;
  for (const [, patterns = "", resolved = ""] of lockText.replaceAll("\r", "").matchAll(entry)) {
    for (const pattern of patterns.split(", ")) wanted.set(pattern.replaceAll('"', ""), resolved);
  }
  const missing = [...wanted.keys()].filter((pattern) => !(pattern in installed));
  const changed = Object.entries(installed)
    .filter(([pattern, resolved]) => !missing.includes(pattern) && wanted.get(pattern) !== resolved)
    .map(([pattern]) => pattern);
  return stateOf({ missing, changed }, wanted.size);
}

/** yarn 2 and later keep what lies where in `.yarn-state.yml`. */
export function berryState(root: string, lockText: string): SyncState {
  const text = readText(join(root, "node_modules/.yarn-state.yml"));
  if (text === undefined) {
    if (readText(join(root, ".pnp.cjs")) === undefined) return nothingInstalled();
    return unknown("Plug'n'Play: only yarn can tell");
  }
  // One that has peers is installed as a virtual copy of what the lock file names.
  const installed = new Set(
    [...text.matchAll(/^"([^"]+)":/gm)].map(([, locator = ""]) =>
      locator.replace(/@virtual:[0-9a-f]+#/, "@"),
    ),
  );
  const blocks = lockText.replaceAll("\r", "").split(/\n(?=\S)/);
  const wanted = blocks.flatMap((block) => {
    const locator = /^ {2}resolution: "([^"]+)"/m.exec(block)?.[1];
    const isLinked = /^ {2}linkType: soft/m.test(block);
    return locator && !isLinked ? [{ locator, isOptional: /^ {2}conditions:/m.test(block) }] : [];
  });
  const missing = wanted
    .filter(({ locator, isOptional: may }) => !may && !installed.has(locator))
    .map(({ locator }) => locator);
  return stateOf({ missing, changed: [] }, wanted.length);
}

/** bun keeps nothing: what lies in node_modules is compared, the direct dependencies first. */
export function bunState(root: string, lockText: string): SyncState {
  const lock = jsonc(lockText);
  const packages = objectAt(lock, "packages");
  if (!lock || !packages) return unknown("the lock file cannot be read");
  const workspaces = Object.values(objectAt(lock, "workspaces") ?? {}).map(record);
  const stale = staleLock(objectAt(objectAt(lock, "workspaces"), ""), root);
  if (stale) return outOfSync(stale);
  const direct = new Set(
    workspaces.flatMap((one) => GROUPS.flatMap((group) => Object.keys(objectAt(one, group) ?? {}))),
  );
  const wanted = Object.entries(packages).flatMap(([path, entry]) => bunPackage(path, entry));
  if (wanted.length === 0) return inSync("nothing is to be installed");
  if (names(join(root, "node_modules")).size === 0) return nothingInstalled();
  const optional = optionalNames([...Object.values(packages), ...workspaces]);
  const order = wanted.toSorted((a, b) => Number(direct.has(b.path)) - Number(direct.has(a.path)));
  const looked = order.slice(0, MOST_READ);
  const missing: string[] = [];
  const changed: string[] = [];
  for (const { path, folder, version, isBound } of looked) {
    const found = installedVersion(join(root, folder));
    if (found === version) continue;
    if (found !== undefined) changed.push(`${path} ${found}, locked ${version}`);
    else if (!isBound && !optional.has(path.split("/").at(-1) ?? path) && !optional.has(path)) {
      missing.push(path);
    }
  }
  return stateOf({ missing, changed }, wanted.length, looked.length);
}

interface BunPackage {
  readonly path: string;
  readonly folder: string;
  readonly version: string;
  /** Only for some systems. */
  readonly isBound: boolean;
}

/** An entry `path: ["name@version", registry, {…}, integrity]`; others are files and workspaces. */
function bunPackage(path: string, entry: unknown): BunPackage[] {
  const [id, , facts] = Array.isArray(entry) ? entry : [];
  const version = typeof id === "string" ? /.@([^@/:]+)$/.exec(id)?.[1] : undefined;
  if (version === undefined) return [];
  const parts = path.match(/@[^/]+\/[^/]+|[^/]+/g) ?? [];
  const folder = parts.map((part) => `node_modules/${part}`).join("/");
  const { os, cpu } = record(facts);
  return [{ path, folder, version, isBound: os !== undefined || cpu !== undefined }];
}

/** Names that somebody depends on without need. */
function optionalNames(entries: readonly unknown[]): Set<string> {
  return new Set(
    entries.flatMap((entry) => {
      const facts = record(Array.isArray(entry) ? entry[2] : entry);
      const peers = facts["optionalPeers"];
      return [
        ...Object.keys(objectAt(facts, "optionalDependencies") ?? {}),
        ...(Array.isArray(peers) ? peers.map(String) : []),
      ];
    }),
  );
}

function installedVersion(folder: string): string | undefined {
  const text = readText(join(folder, "package.json"));
  return text && /"version"\s*:\s*"([^"]+)"/.exec(text)?.[1];
}

/** Names of the packages in a node_modules, scoped ones with their scope. */
function names(folder: string): Set<string> {
  const list = (path: string) => {
    try {
      return readdirSync(path).filter((name) => !name.startsWith("."));
    } catch {
      return [];
    }
  };
  return new Set(
    list(folder).flatMap((name) =>
      name.startsWith("@") ? list(join(folder, name)).map((part) => `${name}/${part}`) : [name],
    ),
  );
}

function parse(text: string): Json | undefined {
  return attempt(() => JSON.parse(text.replace(/^\uFEFF/, "")));
}

function jsonc(text: string): Json | undefined {
  return attempt(() => Bun.JSONC.parse(text));
}

function yaml(text: string): Json | undefined {
  return attempt(() => Bun.YAML.parse(text));
}

function attempt(read: () => unknown): Json | undefined {
  try {
    const value = read();
    return typeof value === "object" && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function objectAt(value: Json | undefined, key: string): Json | undefined {
  const found = value?.[key];
  return typeof found === "object" && found !== null ? (found as Json) : undefined;
}

function record(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}
