import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { sha256 } from "../kernel/text.ts";
import {
  findRepository,
  type Repository,
  readBranch,
  readRemoteUrl,
  readText,
  realPathOf,
} from "./git.ts";

/** What makes a folder part of a project. */
export interface ProjectIdentity {
  /**
   * `git:` or `dir:` and 32 hex digits, the same for every sub-folder and work tree.
   * In git they come from the normalised remote, so that clones share; without a remote from the
   * common directory's real path. A monorepo's package has its own, made from the repository's and
   * its path. Outside git they come from the folder's real path. Letters' case counts everywhere,
   * even on file systems where it does not: the path as the system spells it is the one that counts.
   */
  readonly key: string;
  /** The remote's repository name, else the main work tree's folder; a package adds `/package`. */
  readonly name: string;
  /** Root folder of this work tree, or of the package in it. Real path. */
  readonly root: string;
  readonly vcs: "git" | "none";
  /** Host and path of the remote: no scheme, user, password, port or `.git`. */
  readonly remote?: string;
  readonly commonDir?: string;
  /** Relative to the work tree, with `/`. */
  readonly packagePath?: string;
  /** Undefined when detached. */
  readonly branch?: string;
}

/** A path that Windows wrote: a drive letter, or a share. */
const WINDOWS_PATH = /^(?:[A-Za-z]:[\\/]|\\\\)/;

/**
 * The project that `folder` belongs to. Reads git's files, starts no process, never throws.
 *
 * A monorepo's package is the nearest folder with a manifest, where the work tree's root declares a
 * workspace. Outside git the project is the nearest folder upwards, itself included, for which
 * `known` says yes (never the root of the disk), else the folder itself. A folder that is gone
 * belongs to the repository around it, where there is one. A path of another system stands for itself.
 *
 * @param folder absolute; it need not exist.
 */
export function detectProject(
  folder: string,
  known: (dir: string) => boolean = () => false,
): ProjectIdentity {
  if (WINDOWS_PATH.test(folder) && !isAbsolute(folder)) return plainProject(folder);
  const { path, existing } = realPath(resolve(folder));
  // What is gone down to the root of the disk is not thereby part of a repository there.
  const isLost = existing !== path && dirname(existing) === existing;
  const repository = isLost ? undefined : findRepository(existing);
  if (repository) return gitProject(repository, existing);
  for (let dir = path; dirname(dir) !== dir; dir = dirname(dir)) {
    if (known(dir)) return plainProject(dir);
  }
  return plainProject(path);
}

/** The real path as far as it exists, and that path with the missing rest. */
function realPath(path: string): { readonly path: string; readonly existing: string } {
  const missing: string[] = [];
  for (let dir = path; ; dir = dirname(dir)) {
    const existing = realPathOf(dir);
    if (existing !== undefined) return { path: join(existing, ...missing), existing };
    if (dirname(dir) === dir) return { path, existing: dir };
    missing.unshift(basename(dir));
  }
}

function plainProject(root: string): ProjectIdentity {
  const name = root.split(/[\\/]/).findLast((part) => part !== "") ?? root;
  return { key: `dir:${digest(root)}`, name, root, vcs: "none" };
}

function gitProject(repository: Repository, folder: string): ProjectIdentity {
  const { workTree, gitDir, commonDir } = repository;
  const url = readRemoteUrl(commonDir);
  const remote = url === undefined ? undefined : normaliseRemote(url, dirname(commonDir));
  const branch = readBranch(gitDir);
  const packagePath = workTree === undefined ? undefined : findPackage(workTree, folder);
  const whole = remote === undefined ? `common\0${commonDir}` : `remote\0${remote}`;
  const name = remote?.split("/").findLast((part) => part !== "") ?? localName(repository);
  return {
    key: `git:${digest(packagePath === undefined ? whole : `${whole}\0${packagePath}`)}`,
    name: packagePath === undefined ? name : `${name}/${basename(packagePath)}`,
    root: join(workTree ?? gitDir, packagePath ?? ""),
    vcs: "git",
    commonDir,
    ...(remote !== undefined && { remote }),
    ...(packagePath !== undefined && { packagePath }),
    ...(branch !== undefined && { branch }),
  };
}

function digest(text: string): string {
  return sha256(text).slice(0, 32);
}

/** The main work tree's folder name, whichever work tree this is; a bare repository's own name. */
function localName({ workTree, gitDir, commonDir }: Repository): string {
  if (workTree !== undefined && gitDir === commonDir) {
    return basename(workTree);
  }
  // A name with a dot (`.git`, `.bare`) says nothing: the folder around it does.
  const own = basename(commonDir);
  return own.startsWith(".") ? basename(dirname(commonDir)) : own.replace(/\.git$/, "");
}

/**
 * Host and path of a remote's URL in one form, so that every way of writing one repository is equal:
 * `https://user:password@GitHub.com:443/org/repo.git` and `git@github.com:org/repo` both give
 * `github.com/org/repo`. A path on this machine stays a path (made absolute from `base`). Undefined
 * where no place can be read from it. What stands before an `@` never gets through, nor a query.
 */
export function normaliseRemote(url: string, base: string): string | undefined {
  const text = url.trim();
  if (WINDOWS_PATH.test(text)) return withoutSuffix(text.replaceAll("\\", "/"));
  // A remote helper (`codecommit::region://profile@repo`): only a URL inside it names a place.
  const inner = text.replace(/^[A-Za-z0-9][A-Za-z0-9+.-]*::/, "");
  const byUrl = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/]*)(.*)$/s.exec(inner);
  if (byUrl) {
    const [, scheme = "", authority = "", path = ""] = byUrl;
    if (/:[^\]@]*[^\d\]@][^\]@]*$/.test(authority)) return afterLastAt(authority + path);
    const place = path.replace(/[?#].*$/s, "");
    if (scheme.toLowerCase() !== "file") return hostAndPath(authority, place);
    return withoutSuffix(place.replace(/^\/(?=[A-Za-z]:)/, ""));
  }
  if (inner !== text || text === "") return undefined;
  // As git reads it: a colon before the first slash makes it `[user@]host:path`.
  const byScp = /^((?:[^/[\]]*@)?\[[^\]/]*\]|[^/:]+(?::[^/]*@[^/:]+)?):(.*)$/s.exec(text);
  if (!byScp) return withoutSuffix(resolve(base, text));
  // `[git@host:2222]:path` is ssh's way to give a port; `[::1]` is an address and keeps its brackets.
  const address = (byScp[1] ?? "").replace(/^\[([^\]:]*(?::\d+)?)\]$/, "$1");
  return hostAndPath(address, byScp[2] ?? "");
}

/** What follows the user part where a password holds a bare slash, so that no half of it is left. */
function afterLastAt(rest: string): string | undefined {
  const place = rest.slice(rest.lastIndexOf("@") + 1);
  const [host = "", ...path] = place.replace(/[?#].*$/s, "").split("/");
  return rest.includes("@") ? hostAndPath(host, path.join("/")) : undefined;
}

function hostAndPath(authority: string, path: string): string | undefined {
  const address = authority.slice(authority.lastIndexOf("@") + 1).replace(/[?#].*$/s, "");
  const host = address.replace(/:\d*$/, "").toLowerCase();
  const place = withoutSuffix(path.replace(/^\/+/, ""));
  if (host === "") return place;
  return place ? `${host}/${place}` : host;
}

function withoutSuffix(path: string): string | undefined {
  return (
    path
      .replace(/\/+$/, "")
      .replace(/\.git$/i, "")
      .replace(/\/+$/, "") || undefined
  );
}

/** The package that holds `folder`, relative to the work tree; undefined where there is none. */
function findPackage(workTree: string, folder: string): string | undefined {
  const parts = relative(workTree, folder)
    .split(/[\\/]/)
    .filter((part) => part !== "");
  // Installed dependencies have manifests too, and are nobody's package here.
  const installed = parts.indexOf("node_modules");
  if (installed >= 0) parts.length = installed;
  if (parts.length === 0 || parts[0] === ".." || !declaresWorkspace(workTree)) return undefined;
  for (; parts.length > 0; parts.pop()) {
    if (hasManifest(join(workTree, ...parts))) return parts.join("/");
  }
  return undefined;
}

function declaresWorkspace(root: string): boolean {
  return (
    existsSync(join(root, "pnpm-workspace.yaml")) ||
    existsSync(join(root, "go.work")) ||
    typeof packageJson(root)?.["workspaces"] === "object" ||
    hasTable(join(root, "Cargo.toml"), "workspace") ||
    hasTable(join(root, "pyproject.toml"), "tool.uv.workspace")
  );
}

function hasManifest(dir: string): boolean {
  return (
    Boolean(packageJson(dir)?.["name"]) ||
    hasTable(join(dir, "Cargo.toml"), "package") ||
    existsSync(join(dir, "pyproject.toml")) ||
    existsSync(join(dir, "go.mod"))
  );
}

/** The object in a folder's package.json; undefined where there is none that can be read. */
function packageJson(dir: string): Record<string, unknown> | undefined {
  const text = readText(join(dir, "package.json"));
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return value !== null && typeof value === "object" ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a TOML file opens the table `name`, or one inside it (`[workspace.package]`). */
function hasTable(file: string, name: string): boolean {
  const text = readText(file);
  if (text === undefined) return false;
  const pattern = new RegExp(`^\\s*\\[\\s*${name.replaceAll(".", "\\s*\\.\\s*")}\\s*[\\].]`, "m");
  return pattern.test(text);
}
