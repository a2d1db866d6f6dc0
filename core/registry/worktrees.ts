import type { Entry } from "../capabilities.ts";

const worktree = () => import("../worktree/capabilities.ts");

/** Git work trees. */
export const WORKTREES: readonly Entry[] = [
  {
    name: "git_worktree_list",
    command: ["worktree", "list"],
    profile: "full",
    summary: "List the repository's git worktrees: branch, state, changes, open sessions.",
    load: async () => (await worktree()).gitWorktreeList,
  },
  {
    name: "git_worktree_add",
    command: ["worktree", "add"],
    profile: "full",
    summary: "Add a git worktree for a branch, a remote's branch, a new branch or a commit.",
    load: async () => (await worktree()).gitWorktreeAdd,
  },
  {
    name: "git_worktree_remove",
    command: ["worktree", "remove"],
    profile: "full",
    summary: "Remove a git worktree, never its branch; refuses to lose work unless forced.",
    load: async () => (await worktree()).gitWorktreeRemove,
  },
  {
    name: "git_worktree_switch",
    command: ["worktree", "switch"],
    profile: "full",
    summary: "Take the session from one git worktree to another, saving and restoring its context.",
    load: async () => (await worktree()).gitWorktreeSwitch,
  },
];
