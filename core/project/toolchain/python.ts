import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { readText } from "../git.ts";
import { nothingInstalled, outOfSync, type SyncState, stateOf, unknown } from "./model.ts";

type Json = Readonly<Record<string, unknown>>;

/** A package as a lock file has it. Names are normalised. */
interface Locked {
  readonly name: string;
  readonly version: string | undefined;
  readonly needs: readonly Need[];
}

/** A dependency; a conditional one may rightly be missing on this machine. */
interface Need {
  readonly name: string;
  readonly isConditional: boolean;
}

/** The folders in which Python packages are looked for, from the project's. */
const ENVIRONMENTS = [".venv", "venv"];

/** uv: the closure of the project's own dependencies and its `dev` group must be in `.venv`. */
export function uvState(root: string, lockText: string): SyncState {
  const packages = tables(lockText, "package");
  if (!packages) return unknown("the lock file cannot be read");
  const locked = packages.map((entry) => ({
    ...named(entry),
    needs: list(entry["dependencies"]).map(uvNeed),
  }));
  const members = packages.filter((entry) => {
    const source = record(entry["source"]);
    return source["editable"] !== undefined || source["virtual"] !== undefined;
  });
  const roots = members.flatMap((entry) => [
    ...list(entry["dependencies"]),
    ...list(record(entry["dev-dependencies"])["dev"]),
  ]);
  const own = new Set(members.map((entry) => named(entry).name));
  return compare(root, { locked, roots: roots.map(uvNeed), own });
}

function uvNeed(entry: Json): Need {
  return { name: normal(entry["name"]), isConditional: entry["marker"] !== undefined };
}

/** poetry: the closure of the dependencies of pyproject.toml, where the environment is in the project. */
export function poetryState(root: string, lockText: string): SyncState {
  const packages = tables(lockText, "package");
  if (!packages) return unknown("the lock file cannot be read");
  if (!sitePackages(root)) return unknown("poetry's environment lies outside the project");
  const locked = packages.map((entry) => ({
    ...named(entry),
    needs: Object.entries(record(entry["dependencies"])).map(poetryNeed),
  }));
  const manifest = toml(readText(join(root, "pyproject.toml")) ?? "");
  return compare(root, { locked, roots: poetryRoots(manifest), own: new Set() });
}

function poetryNeed([name, wanted]: [string, unknown]): Need {
  const facts = record(wanted);
  const isConditional =
    Array.isArray(wanted) || facts["markers"] !== undefined || facts["optional"] === true;
  return { name: normal(name), isConditional };
}

function poetryRoots(manifest: Json | undefined): Need[] {
  const poetry = record(record(manifest?.["tool"])["poetry"]);
  const groups = Object.values(record(poetry["group"])).map(record);
  const required = groups.filter((group) => group["optional"] !== true);
  const tablesOf = [
    poetry["dependencies"],
    poetry["dev-dependencies"],
    ...required.map((group) => group["dependencies"]),
  ];
  const project = record(manifest?.["project"])["dependencies"];
  return [
    ...tablesOf
      .flatMap((table) => Object.entries(record(table)))
      .map(poetryNeed)
      .filter(({ name }) => name !== "python"),
    ...(Array.isArray(project) ? project.map(String).flatMap(requirement) : []),
  ];
}

/** pip: pinned requirements must be installed so, others in any version. */
export function pipState(root: string, text: string): SyncState {
  const environment = sitePackages(root);
  if (!environment) return unknown("there is no .venv in the project");
  const read = requirements(root, text, 0);
  const missing: string[] = [];
  const changed: string[] = [];
  for (const { name, version, isConditional } of read.wanted) {
    const there = environment.get(name);
    if (!there && !isConditional) missing.push(name);
    else if (there && version && there !== version) changed.push(`${name} ${there}`);
  }
  if (missing.length + changed.length > 0) return stateOf({ missing, changed }, 0);
  const ranges = read.wanted.filter(({ version }) => !version).length;
  if (read.isPartial) return unknown("it names files or addresses that are not compared");
  if (ranges > 0) return unknown(`${ranges} requirements name no exact version`);
  return stateOf({ missing, changed }, read.wanted.length);
}

interface Requirement extends Need {
  readonly version: string | undefined;
}

/** Files that requirements include are followed this deep. */
const DEEPEST = 3;

function requirements(
  root: string,
  text: string,
  depth: number,
): { wanted: Requirement[]; isPartial: boolean } {
  const wanted: Requirement[] = [];
  let isPartial = false;
  for (const raw of text.replace(/\\\r?\n/g, " ").split(/\r?\n/)) {
    const line = raw.replace(/(?:^|\s)#.*/, "").trim();
    if (line === "") continue;
    const included = /^(?:-r|--requirement)[ =]*(\S+)/.exec(line)?.[1];
    if (included !== undefined) {
      const inner = depth < DEEPEST ? readText(resolve(root, included)) : undefined;
      const read = inner === undefined ? undefined : requirements(root, inner, depth + 1);
      wanted.push(...(read?.wanted ?? []));
      isPartial ||= read?.isPartial ?? true;
    } else if (/^(?:-c|--constraint|-i|--\w+)\b/.test(line)) continue;
    else {
      const found = requirement(line);
      if (found.length === 0) isPartial = true;
      wanted.push(...found);
    }
  }
  return { wanted, isPartial };
}

/** `name[extra]==1.0 ; marker`, as PEP 508 writes it; nothing for an address or a path. */
function requirement(line: string): Requirement[] {
  const match = /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;]*)(;.*)?$/.exec(line);
  if (!match || /[@/]/.test(match[2] ?? "")) return [];
  const version = /^\(?===?\s*([^\s,*]+)\)?(?:\s+--hash.*)?$/.exec(match[2]?.trim() ?? "")?.[1];
  return [{ name: normal(match[1]), version, isConditional: match[3] !== undefined }];
}

function compare(
  root: string,
  { locked, roots, own }: { locked: readonly Locked[]; roots: readonly Need[]; own: Set<string> },
): SyncState {
  const environment = sitePackages(root);
  if (!environment) return nothingInstalled();
  const versions = new Map<string, (string | undefined)[]>();
  for (const { name, version } of locked) {
    versions.set(name, [...(versions.get(name) ?? []), version]);
  }
  const unlocked = roots.find(({ name }) => !versions.has(name));
  if (unlocked) return outOfSync(`the lock file does not know ${unlocked.name}`);
  const missing = [...closure(locked, roots)].filter(
    (name) => !environment.has(name) && !own.has(name),
  );
  const changed = [...environment].flatMap(([name, version]) => {
    const known = versions.get(name);
    const fits = !known || own.has(name) || known.some((one) => !one || one === version);
    return fits ? [] : [`${name} ${version}, locked ${known.join(" or ")}`];
  });
  return stateOf({ missing, changed }, locked.length - own.size);
}

/** Names of what is needed on every machine. */
function closure(locked: readonly Locked[], roots: readonly Need[]): Set<string> {
  const needs = new Map<string, readonly Need[]>();
  for (const { name, needs: more } of locked)
    needs.set(name, [...(needs.get(name) ?? []), ...more]);
  const reached = new Set<string>();
  const waiting = [...roots];
  for (let need = waiting.pop(); need; need = waiting.pop()) {
    if (need.isConditional || reached.has(need.name)) continue;
    reached.add(need.name);
    waiting.push(...(needs.get(need.name) ?? []));
  }
  return reached;
}

/** Names and versions installed in the project's environment; undefined where it has none. */
function sitePackages(root: string): Map<string, string> | undefined {
  for (const environment of ENVIRONMENTS) {
    const libraries = [
      ...entriesOf(join(root, environment, "lib")).map((name) => join("lib", name)),
      "Lib",
    ].map((folder) => join(root, environment, folder, "site-packages"));
    const found = libraries.map(entriesOf).find((entries) => entries.length > 0);
    if (found) return new Map(found.flatMap(distribution));
  }
  return undefined;
}

/** `name-1.0.dist-info`, https://packaging.python.org/specifications/recording-installed-packages */
function distribution(entry: string): [string, string][] {
  const [, name, version] = /^(.+?)-([^-]+)\.dist-info$/.exec(entry) ?? [];
  return name && version ? [[normal(name), version]] : [];
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** PEP 503. */
function normal(name: unknown): string {
  return String(name)
    .toLowerCase()
    .replace(/[-_.]+/g, "-");
}

function named(entry: Json): { name: string; version: string | undefined } {
  const { version } = entry;
  return {
    name: normal(entry["name"]),
    version: typeof version === "string" ? version : undefined,
  };
}

function tables(text: string, key: string): Json[] | undefined {
  const found = toml(text);
  return found && list(found[key]);
}

function toml(text: string): Json | undefined {
  try {
    return record(Bun.TOML.parse(text));
  } catch {
    return undefined;
  }
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function record(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}
