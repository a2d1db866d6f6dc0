import { existsSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRegularText } from "../kernel/regular-file.ts";
import { type Handoff, parseHandoff, renderHandoff } from "./handoff.ts";

const NAME = /^session_handoff_\d{8}_\d{6}(?:_\d+)?\.md$/;

/** Hand-offs that end in one second are told apart by a number: this many, then it is a mistake. */
const MOST_IN_A_SECOND = 1000;

/** A hand-off as it lies beside its project. */
export interface HandoffFile {
  readonly path: string;
  readonly handoff: Handoff;
}

/**
 * Writes `handoff` into `<root>/.claude/handoff/`, which git is told to ignore, under a name of its
 * own: it never replaces another.
 * @returns the path.
 * @throws Error when the folder cannot be written, is not there, or is a link to elsewhere.
 */
export function writeHandoff(root: string, handoff: Handoff): string {
  // A project that is gone is not made again for a file in it.
  if (!existsSync(root)) throw new Error(`${root} is gone`);
  const folder = folderOf(root);
  mkdirSync(folder, { recursive: true });
  const ignore = join(folder, ".gitignore");
  if (!existsSync(ignore)) writeFileSync(ignore, "*\n");
  const stamp = handoff.ended_at.replace(/[-:]/g, "").replace("T", "_").slice(0, 15);
  for (let n = 1; n < MOST_IN_A_SECOND; n += 1) {
    const path = join(folder, `session_handoff_${stamp}${n === 1 ? "" : `_${n}`}.md`);
    try {
      writeFileSync(path, renderHandoff(handoff), { flag: "wx" });
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  throw new Error(`${folder} holds too many hand-offs of one second`);
}

/** The hand-off in the file at `path`; undefined when it is gone or is none of ours. */
export function readHandoff(path: string): Handoff | undefined {
  try {
    return parseHandoff(readRegularText(path));
  } catch {
    return undefined;
  }
}

/** The last hand-off beside the project at `root` that can be read. */
export function newestHandoff(root: string): HandoffFile | undefined {
  const found = namesIn(root).flatMap((name) => {
    const path = join(root, ".claude", "handoff", name);
    const handoff = readHandoff(path);
    return handoff ? [{ path, handoff }] : [];
  });
  return found.sort((a, b) => (a.handoff.ended_at < b.handoff.ended_at ? 1 : -1))[0];
}

/** Names of the newest hand-offs: a handful, since one of them will be readable. */
function namesIn(root: string): string[] {
  try {
    const names = readdirSync(folderOf(root)).filter((name) => NAME.test(name));
    return names.toSorted().slice(-5);
  } catch {
    return [];
  }
}

/** @throws Error when a part of the way is a link: a repository could lead us out of the project. */
function folderOf(root: string): string {
  const claude = join(root, ".claude");
  const folder = join(claude, "handoff");
  for (const part of [claude, folder]) {
    if (lstatSync(part, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new Error(`${part} is a link`);
    }
  }
  return folder;
}
