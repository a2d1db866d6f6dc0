import { existsSync } from "node:fs";
import { join } from "node:path";
import { SbError } from "../kernel/errors.ts";
import { findRepository, type Git } from "../project/git.ts";
import { takeSnapshot } from "../session/snapshot.ts";
import type { ListedTree } from "./model.ts";
import type { TreePorts } from "./service.ts";
import { asOnDisk, changingGit, lookingGit, openTrees, type Trees, treeAt } from "./trees.ts";

export interface RemoveRequest {
  readonly path: string;
  /** Absolute. */
  readonly folder: string;
  readonly force: boolean;
  /** Whether a running session of ours that is not the caller's is in that folder. */
  readonly isInUse: (root: string) => boolean;
}

/** What only the work tree holds. */
export interface Loss {
  /** Changed and untracked paths, at most `SHOWN`. */
  readonly files: readonly string[];
  readonly filesTotal: number;
  /** Commits that no branch, tag or remote reaches: `abcdef12 subject`, newest first. */
  readonly commits: readonly string[];
  /** A merge or rebase that is under way. */
  readonly operation: string | undefined;
}

export interface Removed {
  readonly path: string;
  /** It stays, with its commits. */
  readonly branch: string | undefined;
  readonly head: string | undefined;
  /** With force: what went. */
  readonly lost: Loss;
  /** Ignored files that went with it, folders as one; never asked about. */
  readonly ignored: readonly string[];
  /** Where the changed tracked files were kept before they went. */
  readonly snapshot: string | undefined;
}

const SHOWN = 20;

const IN_PROGRESS = {
  MERGE_HEAD: "a merge",
  "rebase-merge": "a rebase",
  "rebase-apply": "a rebase",
  CHERRY_PICK_HEAD: "a cherry-pick",
  REVERT_HEAD: "a revert",
  BISECT_LOG: "a bisect",
} as const;

const NOTHING: Loss = { files: [], filesTotal: 0, commits: [], operation: undefined };

/**
 * Removes a work tree, never its branch. What only the work tree holds is asked about first: it
 * takes `force`, and then the changed tracked files are kept as a snapshot.
 * @throws SbError `not_found`, `conflict` with what would be lost, `unavailable`.
 */
export async function removeTree(request: RemoveRequest, ports: TreePorts): Promise<Removed> {
  const trees = await openTrees(request.folder, ports.env);
  const tree = treeAt(request.path, trees, ports);
  refuse(tree, trees, request);
  const { branch, head, path } = tree;
  const isThere = existsSync(path);
  const look = isThere ? await lookingGit(path, ports.env) : undefined;
  const lost = look ? await lossOf(look, tree) : NOTHING;
  if (!request.force && isLoss(lost)) throw refusal(tree, lost);
  const ignored = look ? await ignoredIn(look) : [];
  const snapshot = isThere && lost.filesTotal > 0 ? await keep(path, ports) : undefined;
  const git = changingGit(trees.main.path, ports.env);
  const force = request.force && isThere ? ["--force"] : [];
  try {
    await git(["worktree", "remove", ...force, "--", path]);
  } catch (error) {
    throw clear(error, path);
  }
  return { path, branch, head, lost, ignored, snapshot };
}

/** What no force changes. */
function refuse(tree: ListedTree, { main, here }: Trees, { isInUse, force }: RemoveRequest): void {
  if (tree === main) {
    throw new SbError("conflict", `${tree.path} is the repository's main work tree`, {
      hint: "only linked work trees can be removed: sb worktree list",
    });
  }
  if (here !== undefined && asOnDisk(tree.path) === here) {
    throw new SbError("conflict", `${tree.path} is the work tree that you are in`, {
      hint: "switch to another one first",
    });
  }
  if (tree.locked !== undefined) {
    const why = tree.locked === "" ? "" : `: ${tree.locked}`;
    throw new SbError("conflict", `${tree.path} is locked${why}`, {
      hint: `git worktree unlock ${tree.path}`,
    });
  }
  if (!force && isInUse(tree.path)) {
    throw new SbError("conflict", `a session is open in ${tree.path}`, {
      hint: "end it there first, or use force",
    });
  }
}

async function lossOf(git: Git, tree: ListedTree): Promise<Loss> {
  const status = await git([
    "status",
    "--porcelain",
    "-z",
    "--no-renames",
    "--untracked-files=all",
  ]);
  const files = entries(status);
  const detached = tree.isDetached && tree.head !== undefined;
  const args = ["log", "--format=%h %s", "-z", "--max-count=100", "HEAD", "--not"];
  const others = ["--branches", "--tags", "--remotes"];
  const commits = detached ? entries(await git([...args, ...others])) : [];
  const gitDir = findRepository(tree.path)?.gitDir;
  const operation = Object.entries(IN_PROGRESS).find(
    ([entry]) => gitDir !== undefined && existsSync(join(gitDir, entry)),
  )?.[1];
  const shown = files.slice(0, SHOWN).map((line) => line.slice(3));
  return { files: shown, filesTotal: files.length, commits, operation };
}

function entries(output: Buffer): string[] {
  return output
    .toString("utf8")
    .split("\0")
    .filter((entry) => entry !== "");
}

async function ignoredIn(git: Git): Promise<string[]> {
  const list = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"];
  return entries(await git(list)).slice(0, SHOWN);
}

function isLoss({ filesTotal, commits, operation }: Loss): boolean {
  return filesTotal > 0 || commits.length > 0 || operation !== undefined;
}

function refusal({ path }: ListedTree, { files, filesTotal, commits, operation }: Loss): SbError {
  const names = files.slice(0, 5).join(", ");
  const more = filesTotal > 5 ? ` and ${filesTotal - 5} more` : "";
  const parts = [
    ...(filesTotal > 0 ? [`${filesTotal} changed or untracked: ${names}${more}`] : []),
    ...(commits.length > 0
      ? [`${commits.length} commits on no branch: ${commits.slice(0, 3).join("; ")}`]
      : []),
    ...(operation ? [`${operation} under way`] : []),
  ];
  return new SbError("conflict", `${path} holds what would be lost: ${parts.join("; ")}`, {
    hint: "commit, push or branch it first, or use force",
  });
}

async function keep(path: string, { env, clock }: TreePorts): Promise<string | undefined> {
  const message = "before the work tree was removed";
  const taken = await takeSnapshot(path, { mode: "snapshot", message, env, now: clock.now() });
  return taken.kind === "taken" || taken.kind === "unchanged" ? taken.ref : undefined;
}

function clear(error: unknown, path: string): unknown {
  if (!(error instanceof SbError)) return error;
  const text = error.message.replace(/^git worktree: (?:fatal: |error: )?/, "");
  return new SbError(error.code, `${path} was not removed: ${text}`, { cause: error });
}
