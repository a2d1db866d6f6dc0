import { lstatSync } from "node:fs";
import { SbError } from "../kernel/errors.ts";
import type { Env } from "../kernel/paths.ts";
import { asOnDisk, changingGit, openTrees, placeOf, type Trees } from "./trees.ts";

export interface AddRequest {
  readonly branch: string;
  readonly path: string;
  /** Absolute. */
  readonly folder: string;
  readonly createBranch: boolean;
  readonly env: Env;
}

export interface Added {
  readonly path: string;
  /** Undefined when detached. */
  readonly branch: string | undefined;
  readonly head: string | undefined;
  readonly created: boolean;
  /** The remote's branch that a new branch follows. */
  readonly tracking: string | undefined;
  /** What went wrong after the work tree was there: a hook of the user. */
  readonly warning: string | undefined;
}

/** What is checked out, and how git is told so. */
interface Plan {
  readonly options: readonly string[];
  readonly revision: string;
  readonly created: boolean;
  readonly tracking?: string;
}

/** Longest name; git's own limit is the file system's. */
const NAME_CHARS = 250;

/**
 * Adds a work tree: of a branch, of a remote's branch (a local one is made that follows it), of a
 * new branch from HEAD, or detached at a tag or commit.
 * @throws SbError `invalid_input`, `not_found`, `conflict`, `unavailable`.
 */
export async function addTree(request: AddRequest): Promise<Added> {
  const trees = await openTrees(request.folder, request.env);
  await checkName(trees, request.branch);
  const path = freePlace(trees, request);
  const plan = request.createBranch
    ? await planNew(trees, request.branch)
    : await planExisting(trees, request.branch);
  const git = changingGit(request.folder, request.env);
  let warning: string | undefined;
  try {
    await git(["worktree", "add", "--quiet", ...plan.options, "--", path, plan.revision]);
  } catch (error) {
    warning = withoutPrefix(error);
  }
  const after = await openTrees(request.folder, request.env);
  const made = after.all.find((tree) => asOnDisk(tree.path) === asOnDisk(path));
  if (!made) throw new SbError("unavailable", `git: ${warning ?? "no work tree was made"}`);
  const { created, tracking } = plan;
  return { path: made.path, branch: made.branch, head: made.head, created, tracking, warning };
}

function withoutPrefix(error: unknown): string {
  if (!(error instanceof SbError)) throw error;
  return error.message.replace(/^git worktree: (?:fatal: |error: )?/, "");
}

async function checkName({ git }: Trees, name: string): Promise<void> {
  const odd = new SbError("invalid_input", `"${name}" is no name of a branch`, {
    hint: "letters, digits, dots, slashes and dashes, no leading dash: feature/login-2.0",
  });
  if (name.length > NAME_CHARS || name.startsWith("-") || name.includes("\0")) throw odd;
  const isFine = await answers(git, ["check-ref-format", `refs/heads/${name}`]);
  if (!isFine || name === "HEAD") throw odd;
}

function freePlace(trees: Trees, { path, env }: AddRequest): string {
  const place = placeOf(path, trees, env);
  const known = trees.all.find((tree) => asOnDisk(tree.path) === asOnDisk(place));
  if (known?.prunable !== undefined) {
    throw new SbError("conflict", `git still knows a work tree at ${place} that is gone`, {
      hint: "sb worktree remove forgets it",
    });
  }
  if (known || lstatSync(place, { throwIfNoEntry: false })) {
    throw new SbError("conflict", `${place} is there already`, { hint: "choose another path" });
  }
  return place;
}

async function planNew({ git }: Trees, branch: string): Promise<Plan> {
  if (await answers(git, ["show-ref", "--verify", "--quiet", `refs/heads/${branch}`])) {
    throw new SbError("conflict", `there is a branch ${branch} already`, {
      hint: "leave create_branch out to check it out",
    });
  }
  if (!(await answers(git, ["rev-parse", "--quiet", "--verify", "HEAD^{commit}"]))) {
    throw new SbError("conflict", "the repository has no commit yet", { hint: "commit first" });
  }
  return { options: ["-b", branch], revision: "HEAD", created: true };
}

async function planExisting({ git, all }: Trees, branch: string): Promise<Plan> {
  if (await answers(git, ["show-ref", "--verify", "--quiet", `refs/heads/${branch}`])) {
    const user = all.find((tree) => tree.branch === branch);
    if (!user) return { options: [], revision: branch, created: false };
    throw new SbError("conflict", `${branch} is checked out at ${user.path}`, {
      hint: "one branch can be in one work tree: switch to that one, or create_branch another",
    });
  }
  const remote = await remoteBranch(git, branch);
  if (remote) {
    const name = remote.local;
    if (await answers(git, ["show-ref", "--verify", "--quiet", `refs/heads/${name}`])) {
      throw new SbError("conflict", `there is a branch ${name} already`, {
        hint: `give ${name} as the branch to check it out`,
      });
    }
    const options = ["--track", "-b", name];
    return { options, revision: remote.ref, created: true, tracking: remote.ref };
  }
  if (await answers(git, ["rev-parse", "--quiet", "--verify", `${branch}^{commit}`])) {
    return { options: ["--detach"], revision: branch, created: false };
  }
  throw new SbError("not_found", `there is no branch ${branch}`, {
    hint: "create_branch makes one from HEAD; git fetch brings those of a remote",
  });
}

/** `origin/x`, or `x` where exactly one remote has it. @throws SbError `conflict` for several. */
async function remoteBranch(git: Trees["git"], name: string) {
  const listed = await git(["for-each-ref", "--format=%(refname)", "refs/remotes/"]);
  const remotes = (await git(["remote"]))
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
  const found = listed
    .toString("utf8")
    .split("\n")
    .flatMap((line) => {
      const ref = line.replace(/^refs\/remotes\//, "");
      const remote = remotes.find((one) => ref.startsWith(`${one}/`));
      const local = remote && ref.slice(remote.length + 1);
      return local && local !== "HEAD" && (ref === name || local === name) ? [{ ref, local }] : [];
    });
  const exact = found.find(({ ref }) => ref === name);
  if (exact || found.length < 2) return exact ?? found[0];
  const names = found.map(({ ref }) => ref).join(", ");
  throw new SbError("conflict", `several remotes have ${name}: ${names}`, {
    hint: "name one of them",
  });
}

/** Whether a question to git is answered with yes. */
async function answers(git: Trees["git"], args: readonly string[]): Promise<boolean> {
  try {
    await git(args);
    return true;
  } catch (error) {
    if (error instanceof SbError) return false;
    throw error;
  }
}
