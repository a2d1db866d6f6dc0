/** One work tree as `git worktree list` tells it. */
export interface ListedTree {
  /** As git has it: absolute; it need not exist. */
  readonly path: string;
  /** Full hash; undefined before the first commit and for a bare repository. */
  readonly head?: string;
  /** Undefined when detached. */
  readonly branch?: string;
  readonly isBare: boolean;
  readonly isDetached: boolean;
  /** Why it is locked, empty where no reason was given. */
  readonly locked?: string;
  /** Why `git worktree prune` would forget it. */
  readonly prunable?: string;
}

/**
 * Reads `git worktree list --porcelain`, whose lines end with `end`: NUL with `-z`.
 * The first tree is the main one. https://git-scm.com/docs/git-worktree
 */
export function readTrees(output: string, end: "\0" | "\n"): ListedTree[] {
  return output
    .split(`${end}${end}`)
    .map((block) => block.split(end).filter((line) => line !== ""))
    .filter((lines) => lines.length > 0)
    .flatMap((lines) => {
      const facts = new Map(lines.map(splitOnce));
      const path = facts.get("worktree");
      if (path === undefined) return [];
      const head = facts.get("HEAD");
      const branch = facts.get("branch")?.replace(/^refs\/heads\//, "");
      const [locked, prunable] = [facts.get("locked"), facts.get("prunable")];
      return [
        {
          path,
          isBare: facts.has("bare"),
          isDetached: facts.has("detached"),
          // Before the first commit git writes zeros.
          ...(head !== undefined && !/^0+$/.test(head) ? { head } : {}),
          ...(branch !== undefined ? { branch } : {}),
          ...(locked !== undefined ? { locked } : {}),
          ...(prunable !== undefined ? { prunable } : {}),
        },
      ];
    });
}

function splitOnce(line: string): readonly [string, string] {
  const at = line.indexOf(" ");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}

/** A work tree with what was looked up besides. */
export interface WorkTree extends ListedTree {
  readonly isMain: boolean;
  /** The one that was asked from. */
  readonly isCurrent: boolean;
  readonly exists: boolean;
  /** A running session of ours is in it. */
  readonly hasSession: boolean;
  /** Paths that differ from HEAD, untracked ones too; undefined where git cannot tell. */
  readonly dirty?: number;
}
