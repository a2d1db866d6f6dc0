import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { SbError } from "../kernel/errors.ts";
import type { Env } from "../kernel/paths.ts";
import { readRegularText } from "../kernel/regular-file.ts";

/** Where the parts of one git repository lie; all are real paths. */
export interface Repository {
  /** Root of the work tree; undefined for a bare repository. */
  readonly workTree?: string;
  /** HEAD and index of this work tree. */
  readonly gitDir: string;
  /** Objects, refs and config: the same folder for every work tree of the repository. */
  readonly commonDir: string;
}

/**
 * The repository that holds `folder`, found as git finds it, but without a child process and
 * without the environment. Undefined outside git, for a folder that does not exist, and where the
 * nearest `.git` is a file that leads nowhere: there git refuses to work too. A repository at the
 * root of the disk counts only for that very folder.
 */
export function findRepository(folder: string): Repository | undefined {
  const start = realPathOf(folder);
  if (start === undefined) return undefined;
  for (let dir = start; ; dir = dirname(dir)) {
    const isDiskRoot = dirname(dir) === dir;
    if (isDiskRoot && dir !== start) return undefined;
    const entry = join(dir, ".git");
    const kind = kindOf(entry);
    if (kind === "file") return linkedRepository(dir, entry);
    if (kind === "folder" && isGitDir(entry)) return repositoryAt(entry, dir);
    // The folder itself may be a bare repository, or the inside of a `.git` folder.
    if (isGitDir(dir)) {
      return basename(dir) === ".git" ? repositoryAt(dir, dirname(dir)) : repositoryAt(dir);
    }
    if (isDiskRoot) return undefined;
  }
}

/** A work tree whose `.git` is a file (`gitdir: path`): a linked work tree or a submodule. */
function linkedRepository(workTree: string, link: string): Repository | undefined {
  const target = /^gitdir: ([^\r\n]+)/.exec(readText(link) ?? "")?.[1];
  if (target === undefined) return undefined;
  const gitDir = resolve(workTree, target);
  return isGitDir(gitDir) ? repositoryAt(gitDir, workTree) : undefined;
}

function repositoryAt(found: string, workTree?: string): Repository {
  const gitDir = realpathSync(found);
  const places = { gitDir, commonDir: realpathSync(commonDirOf(gitDir)) };
  return workTree === undefined ? places : { ...places, workTree };
}

/** git's own test (`is_git_directory`): HEAD here, objects and refs in the common folder. */
function isGitDir(dir: string): boolean {
  if (!existsSync(join(dir, "HEAD"))) return false;
  const common = commonDirOf(dir);
  return existsSync(join(common, "objects")) && existsSync(join(common, "refs"));
}

function commonDirOf(gitDir: string): string {
  const written = readText(join(gitDir, "commondir"))?.trim();
  return written ? resolve(gitDir, written) : gitDir;
}

/** The branch that HEAD names; undefined when detached, or kept where no file tells (reftable). */
export function readBranch(gitDir: string): string | undefined {
  const branch = /^ref: refs\/heads\/(.+)/.exec(readText(join(gitDir, "HEAD")) ?? "")?.[1]?.trim();
  return branch === ".invalid" ? undefined : branch;
}

/**
 * The URL of the repository's remote as its config file has it, password included: `origin`, else
 * the first one written there. Files that the config includes are not read, nor is `insteadOf`.
 */
export function readRemoteUrl(commonDir: string): string | undefined {
  const urls = new Map<string, string>();
  let remote: string | undefined;
  const config = readText(join(commonDir, "config")) ?? "";
  for (const line of config.replaceAll(/\\\r?\n/g, "").split(/\r?\n/)) {
    const header = /^\s*\[\s*([^\s\]".]+)(?:\s+"((?:[^"\\]|\\.)*)"|\.([^\]]*))?\s*\]/.exec(line);
    if (header) {
      const isRemote = header[1]?.toLowerCase() === "remote";
      remote = isRemote ? (header[2]?.replaceAll(/\\(.)/g, "$1") ?? header[3]) : undefined;
    }
    const value = /^\s*url\s*=(.*)$/i.exec(header ? line.slice(header[0].length) : line)?.[1];
    if (remote === undefined || value === undefined || urls.has(remote)) continue;
    urls.set(remote, configValue(value));
  }
  return urls.get("origin") ?? urls.values().next().value;
}

/** A value of git's config: quotes and escapes undone, the comment after it and outer space gone. */
function configValue(written: string): string {
  const parts = written.matchAll(/"((?:[^"\\]|\\.)*)"|\\(.)|([#;].*)|([^"\\#;]+)/g);
  let value = "";
  for (const [, quoted, escaped, comment, plain] of parts) {
    if (comment !== undefined) break;
    value += quoted?.replaceAll(/\\(.)/g, "$1") ?? escaped ?? plain ?? "";
  }
  return value.trim();
}

/** The path with every symbolic link resolved; undefined where it does not exist or may not be seen. */
export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** The text of a file, undefined where there is none or it may not be read. */
export function readText(path: string): string | undefined {
  try {
    return readRegularText(path);
  } catch {
    return undefined;
  }
}

function kindOf(path: string): "file" | "folder" | "none" {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() ? "file" : found?.isDirectory() ? "folder" : "none";
  } catch {
    return "none"; // a parent is a file, or may not be looked into
  }
}

/** How one call of git differs from the usual. */
export interface GitCall {
  readonly stdin?: Uint8Array | string;
  /** Variables for this call alone. */
  readonly env?: Record<string, string>;
  /** Exit codes that are an answer, not a failure; 0 always is. */
  readonly answers?: readonly number[];
  /** Where git's messages go instead of a pipe, for calls whose own children may outlive them. */
  readonly messages?: string;
}

/**
 * Runs `git` with the arguments and returns its standard output.
 * @throws SbError `unavailable` when git fails, is missing, or the time is up.
 */
export type Git = (args: readonly string[], call?: GitCall) => Promise<Buffer>;

export interface GitOptions {
  /** The process's variables: PATH, HOME and the like are kept, nearly all `GIT_*` are not. */
  readonly env: Env;
  /** Time for all calls together, in milliseconds. */
  readonly limitMs: number;
}

/** How long git has to end by itself when its time is up, before it is killed. */
const KILL_AFTER_MS = 2_000;

/**
 * Settings under which git runs nothing that a repository's config names: no fsmonitor, no hook,
 * no signing program. An empty fsmonitor is right for every version: before git 2.36 the value was
 * a command line, so `false` would be run. A split index would write a shared part beside the real one.
 */
const HARMLESS = [
  "core.fsmonitor=",
  "core.hooksPath=/dev/null",
  "core.splitIndex=false",
  "core.safecrlf=false",
  "core.logAllRefUpdates=false",
  "log.showSignature=false",
  "color.ui=false",
  "gc.auto=0",
  "maintenance.auto=false",
].flatMap((setting) => ["-c", setting]);

/**
 * git in `folder` for looking and for writing objects and refs: it takes no optional lock, asks
 * nothing, reaches no network (a partial clone would fetch what it lacks) and runs no program that
 * the repository's config names. `filters` are the content filters that are switched off because
 * they are programs: a path that has one cannot be stored as the user's own git would store it.
 */
export async function openQuietGit(
  folder: string,
  options: GitOptions,
): Promise<{ readonly git: Git; readonly filters: ReadonlySet<string> }> {
  const env = {
    ...withoutGit(options.env),
    LC_ALL: "C",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_NO_LAZY_FETCH: "1",
  };
  const start = launcher(folder, { ...options, env });
  const config = ["config", "-z", "--name-only", "--get-regexp"];
  const pattern = "^filter\\..*\\.(clean|smudge|process|required)$";
  const keys = await start([...HARMLESS, ...config, pattern], { answers: [1] });
  const filters = new Set<string>();
  for (const key of keys.toString("utf8").split("\0")) {
    if (key !== "") filters.add(key.slice("filter.".length, key.lastIndexOf(".")));
  }
  const settings = [...HARMLESS, ...[...filters].flatMap(filterOff)];
  return { git: (args, call) => start([...settings, ...args], call), filters };
}

function filterOff(name: string): string[] {
  // `-c` ends a key at the first "=", so such a filter could not be switched off.
  if (name.includes("=")) throw new SbError("unavailable", `git filter has an odd name: ${name}`);
  const empty = ["clean", "smudge", "process"].map((key) => `filter.${name}.${key}=`);
  return [...empty, `filter.${name}.required=false`].flatMap((setting) => ["-c", setting]);
}

/** git as the user runs it, hooks, filters, identity and signing included, but unable to ask. */
export function openUserGit(folder: string, options: GitOptions): Git {
  const identity = Object.entries(options.env).filter(([name]) =>
    /^GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL)$/.test(name),
  );
  const env = { ...withoutGit(options.env), ...Object.fromEntries(identity) };
  const start = launcher(folder, { ...options, env });
  return (args, call) => start(["-c", "gc.auto=0", "-c", "maintenance.auto=false", ...args], call);
}

/**
 * The variables without those by which a caller (a hook of git, a wrapper) points git elsewhere.
 * Which config files are the user's and the system's stays as it is.
 */
function withoutGit(env: Env): Env {
  const kept = Object.entries(env).filter(
    ([name]) => !/^GIT_/i.test(name) || /^GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)$/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_PAGER: "cat",
    GIT_EDITOR: "true",
    SSH_ASKPASS_REQUIRE: "never",
  };
}

function launcher(folder: string, options: GitOptions): Git {
  const path = Object.entries(options.env).find(([name]) => name.toUpperCase() === "PATH")?.[1];
  const program = Bun.which("git", { PATH: path ?? "" });
  const deadline = performance.now() + options.limitMs;
  return async (args, call = {}) => {
    if (program === null) throw new SbError("unavailable", "git is not installed");
    const child = Bun.spawn([program, "--no-pager", ...args], {
      cwd: folder,
      env: { ...options.env, ...call.env },
      stdin: call.stdin === undefined ? "ignore" : new Blob([call.stdin]),
      stdout: call.messages === undefined ? "pipe" : "ignore",
      stderr: call.messages === undefined ? "pipe" : Bun.file(call.messages),
    });
    const left = Math.max(1, deadline - performance.now());
    const timers = [
      setTimeout(() => child.kill("SIGTERM"), left),
      setTimeout(() => child.kill("SIGKILL"), left + KILL_AFTER_MS),
    ];
    const [out, errors, code] = await Promise.all([
      child.stdout instanceof ReadableStream
        ? new Response(child.stdout).bytes()
        : new Uint8Array(),
      child.stderr instanceof ReadableStream ? new Response(child.stderr).text() : "",
      child.exited,
    ]).finally(() => timers.forEach(clearTimeout));
    if (code === 0 || call.answers?.includes(code)) return Buffer.from(out);
    const said = call.messages === undefined ? errors : (readText(call.messages) ?? "");
    throw failure(args, performance.now() >= deadline ? options.limitMs : undefined, said);
  };
}

function failure(args: readonly string[], tookMs: number | undefined, said: string): SbError {
  const verb = args.find((arg, index) => !arg.startsWith("-") && args[index - 1] !== "-c") ?? "";
  if (tookMs !== undefined) {
    return new SbError("unavailable", `git ${verb} took longer than ${tookMs / 1000} s`);
  }
  const lines = said.split("\n").filter((text) => text.trim() !== "");
  // What git was about to do stands before the reason why it did not.
  const reason = lines.find((text) => /^(?:fatal|error): /.test(text));
  const line = reason ?? lines[0] ?? "it failed without a word";
  return new SbError("unavailable", `git ${verb}: ${line.trim()}`);
}

/** Full hash that HEAD names; undefined before the first commit and where only git can tell. */
export function readHead({ gitDir, commonDir }: Repository): string | undefined {
  const head = readText(join(gitDir, "HEAD"))?.trim() ?? "";
  const ref = /^ref: (.+)/.exec(head)?.[1];
  if (ref === undefined) return isHash(head) ? head : undefined;
  const loose = readText(join(commonDir, ref))?.trim() ?? "";
  if (isHash(loose)) return loose;
  const packed = readText(join(commonDir, "packed-refs")) ?? "";
  return packed
    .split("\n")
    .find((line) => line.endsWith(` ${ref}`))
    ?.split(" ")[0];
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{40,64}$/.test(text);
}
