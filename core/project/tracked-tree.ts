import { copyFileSync, existsSync, lstatSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { SbError } from "../kernel/errors.ts";
import type { Git } from "./git.ts";

/** A work tree to be read: where it lies, an empty folder for temporary files, and quiet git. */
export interface Place {
  readonly workTree: string;
  readonly gitDir: string;
  readonly commonDir: string;
  readonly scratch: string;
  readonly git: Git;
  /** Names of the content filters that are programs; `git` has them switched off. */
  readonly filters: ReadonlySet<string>;
}

/** The size from which GitHub warns about a file. A copy at every checkpoint would fill the disk. */
const LARGEST_FILE_BYTES = 50 * 1024 * 1024;

/** A changed path that stays as the index has it. */
export interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

/** The tracked files as they are now. */
export interface TrackedTree {
  readonly head: string;
  readonly tree: string;
  /** Paths in which `tree` differs from HEAD. */
  readonly files: number;
  /** Sorted by path. */
  readonly leftOut: readonly LeftOut[];
  /** How many of them are submodules, whose commit moved. */
  readonly movedSubmodules: number;
}

/**
 * Writes the tracked files into a tree by way of a copy of the index. With `isTrial` the objects go
 * to the scratch folder and vanish with it. What cannot be stored as the user's own git would store it,
 * or not cheaply, stays as the index has it: a path with a filter program, a file over 50 MiB, a
 * file that became a repository; and submodules always do. `leftOut` names them.
 *
 * @throws SbError `unavailable` without a commit or an index, and while files are in conflict.
 */
export async function writeTrackedTree(place: Place, isTrial: boolean): Promise<TrackedTree> {
  const head = await headOf(place.git);
  const index = copyIndex(place);
  const apart = {
    GIT_OBJECT_DIRECTORY: place.scratch,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: join(place.commonDir, "objects"),
  };
  const env = { GIT_INDEX_FILE: index, ...(isTrial && apart) };
  const git: Git = (args, call) => place.git(args, { ...call, env });
  await git(["update-index", "-q", "--refresh", "--ignore-submodules"], { answers: [1] });
  const changes = parseRaw(await git(["diff-files", "--raw", "-z", "--ignore-submodules=dirty"]));
  if (changes.some((change) => change.status === "U")) {
    throw new SbError("unavailable", "some files are in conflict");
  }
  const plain = changes.filter((change) => !change.isSubmodule);
  const left = await unstorable(place, git, plain);
  for (const { path, status } of changes.filter((change) => change.isSubmodule)) {
    left.set(path, status === "D" ? "a submodule that is gone" : "a submodule whose commit moved");
  }
  const kept = plain.filter((change) => !left.has(change.path));
  const isGone = (change: Change) => change.status === "D";
  await feed(git, ["update-index", "--force-remove", "-z", "--stdin"], kept.filter(isGone));
  // A file that vanishes between the two calls is removed as well, instead of failing.
  const present = kept.filter((change) => !isGone(change));
  await feed(git, ["update-index", "--remove", "-z", "--stdin"], present);
  const tree = (await git(["write-tree"])).toString("utf8").trim();
  return {
    head,
    tree,
    files: await countPaths(git, head, tree),
    leftOut: [...left].map(([path, reason]) => ({ path: utf8(path), reason })).sort(byPath),
    movedSubmodules: changes.length - plain.length,
  };
}

/**
 * Full hash of HEAD's commit.
 * @throws SbError `unavailable` in a repository without a commit.
 */
export async function headOf(git: Git): Promise<string> {
  const hash = await git(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], { answers: [1] });
  if (hash.length === 0) throw new SbError("unavailable", "the repository has no commit yet");
  return hash.toString("utf8").trim();
}

/**
 * Copies the index into the scratch folder. The copy must not look younger than the original: git
 * trusts an entry's recorded size and time unless the file is as young as the index, so a fresh
 * copy would hide a change made in the same instant as the last `git add`.
 */
function copyIndex({ gitDir, scratch }: Place): string {
  const [from, to] = [join(gitDir, "index"), join(scratch, "index")];
  if (!existsSync(from)) throw new SbError("unavailable", "the repository has no index");
  const seconds = Math.floor(statSync(from).mtimeMs / 1000);
  copyFileSync(from, to);
  utimesSync(to, seconds, seconds);
  return to;
}

/** One line of `git diff-files --raw`. Paths are bytes; latin1 text holds them without loss. */
interface Change {
  readonly path: string;
  /** `M`odified, `D`eleted, `T`ype changed, `A`nnounced with `git add -N`, or `U`nmerged. */
  readonly status: string;
  /** A submodule in the index. */
  readonly isSubmodule: boolean;
  /** A repository stands where the index has a file. */
  readonly becameRepository: boolean;
}

function parseRaw(output: Buffer): Change[] {
  const fields = output.toString("latin1").split("\0");
  const changes: Change[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [before, now, , , status = ""] = (fields[i] ?? "").slice(1).split(" ");
    const isSubmodule = before === "160000";
    const becameRepository = now === "160000" && !isSubmodule;
    changes.push({ path: fields[i + 1] ?? "", status, isSubmodule, becameRepository });
  }
  return changes;
}

function byPath(a: LeftOut, b: LeftOut): number {
  return a.path < b.path ? -1 : 1;
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}

/** The changed paths that a snapshot leaves as the index has them, each with the reason. */
async function unstorable(place: Place, git: Git, changes: Change[]): Promise<Map<string, string>> {
  const present = changes.filter((change) => change.status !== "D");
  const left = new Map<string, string>();
  for (const { path, becameRepository } of present) {
    const file = Buffer.from(`${Buffer.from(place.workTree).toString("latin1")}/${path}`, "latin1");
    const size = lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (becameRepository) left.set(path, "a file that became a repository");
    else if (size > LARGEST_FILE_BYTES) left.set(path, "a file over 50 MiB");
  }
  if (place.filters.size === 0 || present.length === 0) return left;
  const answer = await feed(git, ["check-attr", "-z", "--stdin", "filter"], present);
  const fields = answer.toString("latin1").split("\0");
  for (let i = 0; i + 2 < fields.length; i += 3) {
    const filter = utf8(fields[i + 2] ?? "");
    if (place.filters.has(filter)) left.set(fields[i] ?? "", `its filter ${filter} is a program`);
  }
  return left;
}

/** Gives git the paths of `changes` on its standard input; no path, no call. */
async function feed(git: Git, args: string[], changes: readonly Change[]): Promise<Buffer> {
  if (changes.length === 0) return Buffer.alloc(0);
  const paths = changes.map((change) => `${change.path}\0`).join("");
  return git(args, { stdin: Buffer.from(paths, "latin1") });
}

/** How many paths differ between two trees or commits. */
export async function countPaths(git: Git, from: string, to: string): Promise<number> {
  const names = await git(["diff-tree", "-r", "-z", "--name-only", "--no-renames", from, to]);
  return names.toString("latin1").split("\0").length - 1;
}
