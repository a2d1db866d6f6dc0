import { existsSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { SbError } from "../kernel/errors.ts";
import type { Env } from "../kernel/paths.ts";
import { findRepository, type Git, openQuietGit, openUserGit, realPathOf } from "../project/git.ts";
import { type ListedTree, readTrees } from "./model.ts";

/** Time for all calls of git that only look. */
const LOOK_LIMIT_MS = 20_000;

/** Time for a checkout with the user's hooks and filters. */
const CHANGE_LIMIT_MS = 120_000;

/** The work trees of one repository, and git to work with them. */
export interface Trees {
  readonly all: readonly ListedTree[];
  readonly main: ListedTree;
  /** Real path of the work tree that was asked from; undefined for a bare repository. */
  readonly here: string | undefined;
  /** Where a relative path leads from: the folder that the repository lies in. */
  readonly beside: string;
  /** For looking. */
  readonly git: Git;
}

/**
 * The work trees of the repository around `folder`.
 * @throws SbError `not_found` outside git, `unavailable` where git fails.
 */
export async function openTrees(folder: string, env: Env): Promise<Trees> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new SbError("not_found", `there is no folder ${folder}`, { hint: "check the path" });
  }
  const repository = findRepository(folder);
  if (!repository) {
    throw new SbError("not_found", `${folder} is in no git repository`, {
      hint: "name a folder of the repository with working_directory",
    });
  }
  const { git } = await openQuietGit(folder, { env, limitMs: LOOK_LIMIT_MS });
  const all = await list(git);
  const [main] = all;
  if (!main) throw new SbError("unavailable", "git worktree: it lists no work tree");
  return { all, main, here: repository.workTree, beside: dirname(main.path), git };
}

async function list(git: Git): Promise<ListedTree[]> {
  try {
    const listed = await git(["worktree", "list", "--porcelain", "-z"]);
    return readTrees(listed.toString("utf8"), "\0");
  } catch (error) {
    // git before 2.36 has no -z: only a path with a newline is read wrongly there.
    if (!(error instanceof SbError) || !/usage|unknown switch|option/i.test(error.message)) {
      throw error;
    }
    const listed = await git(["worktree", "list", "--porcelain"]);
    return readTrees(listed.toString("utf8"), "\n");
  }
}

/** Runs git in `folder` as the user would: with hooks, filters and identity. */
export function changingGit(folder: string, env: Env): Git {
  return openUserGit(folder, { env, limitMs: CHANGE_LIMIT_MS });
}

/** Runs git in another work tree for looking. */
export async function lookingGit(folder: string, env: Env): Promise<Git> {
  return (await openQuietGit(folder, { env, limitMs: LOOK_LIMIT_MS })).git;
}

/**
 * The absolute path meant by `path`: relative ones lie beside the repository, `~/` in the home.
 * @throws SbError `invalid_input` for what cannot be a path.
 */
export function placeOf(path: string, trees: Pick<Trees, "beside">, env: Env): string {
  if (path.includes("\0")) throw new SbError("invalid_input", "a path cannot hold a NUL");
  if (/^~(?=[\\/]|$)/.test(path) && env["HOME"]) return join(env["HOME"], path.slice(1));
  return isAbsolute(path) ? resolve(path) : resolve(trees.beside, path);
}

/**
 * The work tree at `path`, written as for `placeOf`, or relative to `cwd`, or the whole of it.
 * @throws SbError `not_found`.
 */
export function treeAt(
  path: string,
  trees: Trees,
  { cwd, env }: { cwd: string; env: Env },
): ListedTree {
  const places = [placeOf(path, trees, env), resolve(cwd, path)].map(asOnDisk);
  const found = places.flatMap((place) =>
    trees.all.filter((tree) => asOnDisk(tree.path) === place),
  );
  if (found[0]) return found[0];
  throw new SbError("not_found", `no work tree of this repository is at ${places[0]}`, {
    hint: "sb worktree list shows them",
  });
}

/** The real path where there is one; of what is gone the real path of the folder around it. */
export function asOnDisk(path: string): string {
  if (existsSync(path)) return realPathOf(path) ?? path;
  const folder = dirname(path);
  return folder === path ? path : resolve(asOnDisk(folder), path.slice(folder.length + 1));
}

/** How many paths differ from HEAD, untracked ones too; undefined where git cannot tell. */
export async function countDirty(git: Git): Promise<number | undefined> {
  try {
    const status = await git(["status", "--porcelain", "-z", "--no-renames"]);
    return status.toString("utf8").split("\0").length - 1;
  } catch (error) {
    if (error instanceof SbError) return undefined;
    throw error;
  }
}
