import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { SbError } from "../kernel/errors.ts";
import type { Env } from "../kernel/paths.ts";
import { isoTime } from "../kernel/text.ts";
import { findRepository, type Git, openQuietGit, openUserGit } from "../project/git.ts";
import {
  countPaths,
  headOf,
  type LeftOut,
  type Place,
  writeTrackedTree,
} from "../project/tracked-tree.ts";

/** What changed and was not stored as it is: see `takeSnapshot`. */
export interface Omissions {
  /** Paths. */
  readonly leftOut: number;
  /** The first 20 of them, each with the reason; absent where there is none. */
  readonly leftOutPaths?: readonly LeftOut[];
}

/** What became of a checkpoint's git step. Only `committed` moves a branch. */
export type Snapshot =
  /** `unchanged`: the newest snapshot already holds this very state. */
  | ({
      readonly kind: "taken" | "unchanged";
      /** Full hash. */
      readonly commit: string;
      readonly ref: string;
      /** Paths that differ from HEAD in it. */
      readonly files: number;
    } & Omissions)
  | {
      readonly kind: "committed";
      readonly commit: string;
      readonly branch: string;
      readonly files: number;
    }
  /** A dry run: what would have been done to how many paths. */
  | ({
      readonly kind: "planned";
      readonly mode: "snapshot" | "commit";
      readonly files: number;
    } & Omissions)
  /** No tracked file differs from HEAD. */
  | { readonly kind: "clean" }
  | ({ readonly kind: "skipped"; readonly reason: string } & Partial<Omissions>)
  | { readonly kind: "off" };

export interface SnapshotOptions {
  readonly mode: "off" | "snapshot" | "commit";
  readonly message: string;
  /** Says what would be done, and leaves no object, ref or file behind. */
  readonly dryRun?: boolean;
  /** The process's variables: git needs PATH and HOME, a commit's hooks whatever the user has. */
  readonly env: Env;
  /** Epoch ms: names the snapshot and decides which old ones go. */
  readonly now: number;
  /** Time for the user's own `git commit`, hooks and signing included. */
  readonly commitLimitMs?: number;
}

/** Time for all quiet git calls of one snapshot together. */
const QUIET_LIMIT_MS = 20_000;
const COMMIT_LIMIT_MS = 120_000;

const REFS = "refs/session-buddy/";
/** Old snapshots go when they are both beyond the newest `KEEP_NEWEST` and older than `KEEP_MS`. */
const KEEP_NEWEST = 20;
const KEEP_MS = 30 * 24 * 60 * 60 * 1000;

const SCRATCH_PREFIX = "session-buddy-";
/** A temporary folder of this age was left behind by a run that was killed. */
const SCRATCH_STALE_MS = 60 * 60 * 1000;

const IDENTITY = { name: "Session Buddy", email: "session-buddy@localhost" };

/** Entries of a git directory by which git itself knows that something is going on. */
const IN_PROGRESS = {
  MERGE_HEAD: "a merge is in progress",
  "rebase-merge": "a rebase is in progress",
  "rebase-apply": "a rebase is in progress",
  CHERRY_PICK_HEAD: "a cherry-pick is in progress",
  REVERT_HEAD: "a revert is in progress",
  sequencer: "a cherry-pick or revert is in progress",
  BISECT_LOG: "a bisect is in progress",
  "index.lock": "another git process holds the index",
} as const;

/**
 * Keeps the present content of the tracked files of the repository around `root`.
 *
 * `snapshot` makes a commit on top of HEAD under `refs/session-buddy/` by means of a copy of the
 * index, and touches neither index nor work tree nor branch, and runs nothing that the repository
 * or the user configured. Untracked files, which may be secrets, are never in it; a file that is
 * staged or announced with `git add -N` is tracked. What cannot be stored as the user's own git
 * would store it, or not cheaply, stays as the index has it and is told in `leftOut`: a path with a
 * filter program (Git LFS, git-crypt), a file over 50 MiB, a file that became a repository, a
 * submodule whose commit moved. To get a file back: `git restore --source=<ref> -- <path>`.
 *
 * `commit` is the user's own `git commit --all`, with hooks and signing, on a branch only.
 *
 * Never throws for what git or the repository does: that is `skipped`, with the reason.
 */
export async function takeSnapshot(root: string, options: SnapshotOptions): Promise<Snapshot> {
  if (options.mode === "off") return { kind: "off" };
  const repository = findRepository(root);
  if (!repository) return { kind: "skipped", reason: "not in a git repository" };
  const { workTree, gitDir, commonDir } = repository;
  if (workTree === undefined) return { kind: "skipped", reason: "a bare repository has no files" };
  const busy = Object.entries(IN_PROGRESS).find(([entry]) => existsSync(join(gitDir, entry)));
  if (busy) return { kind: "skipped", reason: busy[1] };
  let scratch: string | undefined;
  try {
    const quiet = await openQuietGit(workTree, { env: options.env, limitMs: QUIET_LIMIT_MS });
    scratch = makeScratch(gitDir);
    const place: Place = { workTree, gitDir, commonDir, scratch, ...quiet };
    return options.mode === "commit"
      ? await commit(place, options)
      : await snapshot(place, options);
  } catch (error) {
    if (error instanceof SbError) return { kind: "skipped", reason: error.message };
    throw error;
  } finally {
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  }
}

/** In the git directory: never seen by `git status`, same disk, and as private as the index itself. */
function makeScratch(gitDir: string): string {
  try {
    for (const name of readdirSync(gitDir).filter((entry) => entry.startsWith(SCRATCH_PREFIX))) {
      const path = join(gitDir, name);
      // Against the real time, whatever `now` is: the file system's times are real too.
      const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > SCRATCH_STALE_MS) rmSync(path, { recursive: true, force: true });
    }
    return mkdtempSync(join(gitDir, SCRATCH_PREFIX));
  } catch (cause) {
    throw new SbError("unavailable", "the repository may not be written to", { cause });
  }
}

async function snapshot(place: Place, options: SnapshotOptions): Promise<Snapshot> {
  const { git } = place;
  const state = await writeTrackedTree(place, options.dryRun === true);
  const { head, tree, files } = state;
  const omissions = omissionsOf(state.leftOut);
  if (files === 0 && state.leftOut.length === 0) return { kind: "clean" };
  if (files === 0) {
    return { kind: "skipped", reason: "nothing that changed can be stored", ...omissions };
  }
  if (options.dryRun) return { kind: "planned", mode: "snapshot", files, ...omissions };
  const earlier = await listSnapshots(git);
  const newest = earlier[0];
  if (newest?.tree === tree && newest.parent === head) {
    return { kind: "unchanged", commit: newest.commit, ref: newest.ref, files, ...omissions };
  }
  const hash = await git(["commit-tree", "--no-gpg-sign", "-p", head, "-F", "-", tree], {
    stdin: options.message,
    env: signature(options.now),
  });
  const commit = hash.toString("utf8").trim();
  const ref = `${REFS}${refTime(options.now)}-${commit.slice(0, 8)}`;
  await git(["update-ref", ref, commit, ""]);
  await forgetOld(git, [{ ref, commit, at: options.now }, ...earlier], options.now);
  return { kind: "taken", commit, ref, files, ...omissions };
}

const LEFT_OUT_SHOWN = 20;

function omissionsOf(left: readonly LeftOut[]): Omissions {
  if (left.length === 0) return { leftOut: 0 };
  return { leftOut: left.length, leftOutPaths: left.slice(0, LEFT_OUT_SHOWN) };
}

async function commit(place: Place, options: SnapshotOptions): Promise<Snapshot> {
  const { git, workTree, scratch } = place;
  const symbolic = await git(["symbolic-ref", "--quiet", "--short", "HEAD"], { answers: [1] });
  const branch = symbolic.toString("utf8").trim();
  if (branch === "") return { kind: "skipped", reason: "HEAD is detached: no branch to commit on" };
  const { head, files, leftOut, movedSubmodules } = await writeTrackedTree(place, true);
  if (movedSubmodules > 0) {
    return { kind: "skipped", reason: "a submodule's commit moved: commit that yourself" };
  }
  const changed = files + leftOut.length; // the user's own commit stores all of it
  if (changed === 0) return { kind: "clean" };
  if (options.dryRun) return { kind: "planned", mode: "commit", files: changed, leftOut: 0 };
  const limitMs = options.commitLimitMs ?? COMMIT_LIMIT_MS;
  const asUser = openUserGit(workTree, { env: options.env, limitMs });
  let refused: unknown;
  try {
    await asUser(["commit", "--all", "--quiet", "--file=-"], {
      stdin: options.message,
      messages: join(scratch, "messages"), // a hook's own child may hold on to it
    });
  } catch (error) {
    refused = error;
  }
  // The commit counts even where a hook after it failed or took too long.
  const { git: after } = await openQuietGit(workTree, {
    env: options.env,
    limitMs: QUIET_LIMIT_MS,
  });
  const made = await headOf(after);
  if (made === head) throw refused ?? new SbError("unavailable", "git commit: made no commit");
  return { kind: "committed", commit: made, branch, files: await countPaths(after, head, made) };
}

/** Author and committer of a snapshot: always the same, so that the user's need not be set. */
function signature(now: number): Record<string, string> {
  const date = `@${Math.floor(now / 1000)} +0000`;
  return Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((role) => [
      [`GIT_${role}_NAME`, IDENTITY.name],
      [`GIT_${role}_EMAIL`, IDENTITY.email],
      [`GIT_${role}_DATE`, date],
    ]),
  );
}

interface KnownSnapshot {
  readonly ref: string;
  readonly commit: string;
  readonly tree: string;
  readonly parent: string;
  /** Epoch ms, from the ref's name. */
  readonly at: number;
}

/** The repository's snapshots, newest first. Other refs that someone put beside them are not ours. */
async function listSnapshots(git: Git): Promise<KnownSnapshot[]> {
  const format = "--format=%(refname) %(objectname) %(tree) %(parent)";
  const listed = await git(["for-each-ref", "--sort=-refname", format, REFS]);
  return listed
    .toString("utf8")
    .split("\n")
    .flatMap((line) => {
      const [ref = "", commit = "", tree = "", parent = ""] = line.split(" ");
      const at = timeOfRef(ref);
      return at === undefined ? [] : [{ ref, commit, tree, parent, at }];
    });
}

/** `20260102T030405678Z`: sorts by time and is allowed in a ref's name. */
function refTime(epochMs: number): string {
  return isoTime(epochMs).replaceAll(/[-:.]/g, "");
}

function timeOfRef(ref: string): number | undefined {
  const pattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}$/;
  const parts = ref.startsWith(REFS) ? pattern.exec(ref.slice(REFS.length)) : null;
  if (!parts) return undefined;
  const [year = 0, month = 1, ...rest] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest);
}

async function forgetOld(
  git: Git,
  newestFirst: readonly Pick<KnownSnapshot, "ref" | "commit" | "at">[],
  now: number,
): Promise<void> {
  const old = newestFirst.slice(KEEP_NEWEST).filter(({ at }) => now - at > KEEP_MS);
  if (old.length === 0) return;
  const orders = old.map(({ ref, commit }) => `delete ${ref} ${commit}\n`).join("");
  await git(["update-ref", "--stdin"], { stdin: orders });
}

/** A path that differs from HEAD. */
export interface ChangedFile {
  readonly path: string;
  readonly state: "modified" | "added" | "deleted" | "untracked" | "conflicted";
  /** Lines; undefined for binary and untracked files. A rename is a deletion and an addition. */
  readonly added?: number;
  readonly removed?: number;
}

/** One commit, as a hand-off tells it. */
export interface CommitFact {
  /** Full hash. */
  readonly hash: string;
  /** Epoch ms of the commit, not of its authoring. */
  readonly at: number;
  readonly subject: string;
}

export interface GitFacts {
  readonly branch?: string;
  /** Full hash; undefined before the first commit. */
  readonly head?: string;
  /** At most `CHANGED_SHOWN`, tracked files first; an untracked folder is one entry. */
  readonly changed: readonly ChangedFile[];
  readonly changedTotal: number;
  /** Newest first. */
  readonly commits: readonly CommitFact[];
}

const CHANGED_SHOWN = 200;
const COMMITS_SHOWN = 20;

const STATUS = "status --porcelain=v2 --branch -z --no-renames --ignore-submodules=dirty".split(
  " ",
);
const COUNTS = (
  "diff-index --numstat -z --no-renames --no-ext-diff --no-textconv HEAD " +
  "--ignore-submodules=dirty"
).split(" ");
const LOG = ["log", `--max-count=${COMMITS_SHOWN}`, "-z", "--no-notes", "--format=%H %ct %s"];

/** Which commits are meant: those after `base` where it is known, within these times (epoch ms). */
export interface CommitRange {
  readonly since: number;
  readonly until?: number;
  /** Full hash of HEAD when the range began. */
  readonly base?: string | undefined;
}

/**
 * What the hand-off says of git: branch, head, changed files with their lines, and the commits of
 * HEAD in `range`, at most 20. Where git cannot say, a fact is missing or empty.
 */
export async function gitFacts(root: string, range: CommitRange, env: Env): Promise<GitFacts> {
  const empty: GitFacts = { changed: [], changedTotal: 0, commits: [] };
  const workTree = findRepository(root)?.workTree;
  if (workTree === undefined) return empty;
  try {
    const { git } = await openQuietGit(workTree, { env, limitMs: QUIET_LIMIT_MS });
    const [status, counts, log] = await Promise.all([
      git(STATUS),
      git(COUNTS, { answers: [128] }),
      git([...LOG, ...revisions(range)], { answers: [128] }),
    ]);
    return { ...readStatus(status.toString("utf8"), readCounts(counts)), commits: readLog(log) };
  } catch (error) {
    if (error instanceof SbError) return empty;
    throw error;
  }
}

/** Git counts whole seconds: only a known `base` tells a commit made just before from one after. */
function revisions({ since, until, base }: CommitRange): string[] {
  const last = until === undefined ? [] : [`--until=${isoTime(Math.max(0, until))}`];
  const isHash = base !== undefined && /^[0-9a-f]{40,64}$/.test(base);
  return isHash ? [...last, `${base}..HEAD`] : [...last, `--since=${isoTime(Math.max(0, since))}`];
}

/** `git status --porcelain=v2 --branch -z`: https://git-scm.com/docs/git-status */
function readStatus(
  output: string,
  counts: ReadonlyMap<string, Pick<ChangedFile, "added" | "removed">>,
): Omit<GitFacts, "commits"> {
  const changed: ChangedFile[] = [];
  const header: { branch?: string; head?: string } = {};
  for (const line of output.split("\0")) {
    const [kind, first = "", second = ""] = line.split(" ");
    if (line.startsWith("# branch.oid ") && second !== "(initial)") header.head = second;
    if (line.startsWith("# branch.head ") && second !== "(detached)") header.branch = second;
    if (kind === "?") changed.push({ path: line.slice(2), state: "untracked" });
    const before = kind === "1" ? 8 : kind === "u" ? 10 : 0;
    if (before === 0) continue;
    const path = line.split(" ").slice(before).join(" ");
    changed.push({
      path,
      state: kind === "u" ? "conflicted" : stateOf(first),
      ...counts.get(path),
    });
  }
  return { ...header, changed: changed.slice(0, CHANGED_SHOWN), changedTotal: changed.length };
}

/** The state of a file against HEAD from its two letters: index against HEAD, work tree against index. */
function stateOf(letters: string): ChangedFile["state"] {
  if (letters.endsWith("D") || letters === "D.") return "deleted";
  return letters.includes("A") ? "added" : "modified";
}

function readCounts(output: Buffer): Map<string, Pick<ChangedFile, "added" | "removed">> {
  const counts = new Map<string, { added: number; removed: number }>();
  for (const line of output.toString("utf8").split("\0")) {
    const [, added, removed, path] = /^(\d+)\t(\d+)\t(.+)$/s.exec(line) ?? [];
    if (path !== undefined) counts.set(path, { added: Number(added), removed: Number(removed) });
  }
  return counts;
}

function readLog(output: Buffer): CommitFact[] {
  return output
    .toString("utf8")
    .split("\0")
    .flatMap((line) => {
      const [, hash, seconds, subject = ""] = /^([0-9a-f]{40,64}) (\d+) (.*)$/s.exec(line) ?? [];
      return hash === undefined ? [] : [{ hash, at: Number(seconds) * 1000, subject }];
    });
}
