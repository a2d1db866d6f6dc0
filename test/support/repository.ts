import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";

/** A real git repository, or a plain folder, in a temporary place of its own. */
export interface TestRepository {
  /** Real path. */
  readonly folder: string;
  /** What `sb` is given as the process's variables: a home without config, nobody's identity. */
  readonly env: Record<string, string>;
  /** Runs git in the folder as a user with a name, and returns what it printed, trimmed. Throws when git fails. */
  git(...args: string[]): string;
  /** The same for a command that is expected to fail (a merge with conflicts). */
  gitFails(...args: string[]): void;
  /** Writes a file and the folders above it. Executable on request. */
  write(path: string, text: string | Uint8Array, options?: { executable?: boolean }): void;
  /** Adds and commits everything that is there. */
  commitAll(message: string): void;
  remove(): void;
  [Symbol.dispose](): void;
}

const WHO = { name: "Ada", email: "ada@example.org" };

/** An empty repository on branch `main`; with `git: false` a plain folder. */
export function makeRepository(options: { git?: boolean; bare?: boolean } = {}): TestRepository {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "sb-repository-")));
  const folder = join(base, "work");
  const home = join(base, "home");
  mkdirSync(folder);
  mkdirSync(home);
  const env = { PATH: Bun.env["PATH"] ?? "", HOME: home, GIT_CONFIG_NOSYSTEM: "1" };
  const repository = repositoryAt(folder, env, () =>
    rmSync(base, { recursive: true, force: true }),
  );
  if (options.git !== false) {
    repository.git("init", "--quiet", "--initial-branch=main", ...(options.bare ? ["--bare"] : []));
  }
  return repository;
}

/** The same handle for another folder: a clone, a linked work tree, a submodule. */
export function repositoryAt(
  folder: string,
  env: Record<string, string>,
  remove: () => void = () => {},
): TestRepository {
  const asUser = {
    ...env,
    GIT_AUTHOR_NAME: WHO.name,
    GIT_AUTHOR_EMAIL: WHO.email,
    GIT_COMMITTER_NAME: WHO.name,
    GIT_COMMITTER_EMAIL: WHO.email,
    GIT_EDITOR: "true",
  };
  const run = (args: string[]) => {
    // A test's own submodules and clones come from this disk.
    const settings = ["-c", "protocol.file.allow=always", "-c", "advice.detachedHead=false"];
    return Bun.spawnSync(["git", "--no-optional-locks", ...settings, ...args], {
      cwd: folder,
      env: asUser,
    });
  };
  const git = (...args: string[]) => {
    const result = run(args);
    if (!result.success) throw new Error(`git ${args.join(" ")}: ${result.stderr}`);
    return result.stdout.toString().trim();
  };
  return {
    folder,
    env,
    git,
    gitFails(...args) {
      if (run(args).success) throw new Error(`git ${args.join(" ")} succeeded`);
    },
    write(path, text, { executable = false } = {}) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      if (executable) chmodSync(file, 0o755);
    },
    commitAll(message) {
      git("add", "--all");
      git("commit", "--quiet", "--allow-empty", "-m", message);
    },
    remove,
    [Symbol.dispose]: remove,
  };
}

/**
 * Everything that must stay as it is, a line each: `git status`, and every file of the work tree and
 * of the git directory with its mode, time and content's hash, objects and `sb`'s own refs excepted.
 * So index, HEAD, branches, logs, config and hooks are all in it, and a lock or temporary file left
 * behind shows.
 */
export function photograph({ folder, git }: TestRepository): string[] {
  const gitDir = git("rev-parse", "--absolute-git-dir");
  const common = git("rev-parse", "--path-format=absolute", "--git-common-dir");
  const isBare = git("rev-parse", "--is-bare-repository") === "true";
  const status = ["status", "--porcelain=v2", "--branch", "--untracked-files=all"];
  const picture = isBare ? [] : git(...status).split("\n");
  for (const root of new Set([folder, gitDir, common])) {
    for (const path of walk(root)) {
      const inGit = relative(common, path);
      if (/^(objects|refs[\\/]session-buddy)([\\/]|$)/.test(inGit)) continue;
      picture.push(`${path} ${look(path)}`);
    }
  }
  return picture;
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...walk(path)] : [path];
  });
}

function look(path: string): string {
  const stat = lstatSync(path);
  if (stat.isDirectory()) return "folder";
  const content = stat.isSymbolicLink() ? readlinkSync(path) : readFileSync(path);
  // Git renews the time of a split index's shared part whenever it reads it, so that it is kept.
  const time = basename(path).startsWith("sharedindex.") ? 0 : stat.mtimeMs;
  return `${stat.mode.toString(8)} ${time} ${Bun.hash(content)}`;
}
