import type { Entry } from "./capabilities.ts";

const context = () => import("./context/capabilities.ts");
const injection = () => import("./session/injection-capabilities.ts");
const reminder = () => import("./reminder/capabilities.ts");
const toolchain = () => import("./project/toolchain/capabilities.ts");
const worktree = () => import("./worktree/capabilities.ts");

/** The part of the registry that is about the work itself: contexts, reminders, git work trees. */
export const WORK_ENTRIES: readonly Entry[] = [
  {
    name: "auto_compact",
    command: ["context", "compact"],
    profile: "standard",
    summary: "Tell how full the context is, and save what is to be given back after /compact.",
    load: async () => (await context()).autoCompact,
  },
  {
    name: "preserve_current_context",
    command: ["context", "save"],
    profile: "full",
    summary: "Save what the conversation is about: goal, decisions, files, failures, questions.",
    load: async () => (await context()).preserveCurrentContext,
  },
  {
    name: "restore_session_context",
    command: ["context", "restore"],
    profile: "full",
    summary: "Give back what a conversation was about when it was saved or compacted.",
    load: async () => (await context()).restoreSessionContext,
  },
  {
    name: "get_interruption_history",
    command: ["context", "history"],
    profile: "full",
    summary: "List what broke conversations off: kills, compactions, saved contexts.",
    load: async () => (await context()).getInterruptionHistory,
  },
  {
    name: "get_interruption_statistics",
    command: ["context", "stats"],
    profile: "full",
    summary: "Count what broke conversations off, by kind and project.",
    load: async () => (await context()).getInterruptionStatistics,
  },
  {
    name: "get_token_usage_stats",
    command: ["context", "usage"],
    profile: "full",
    summary: "Sum the tokens that conversations cost, by project and day.",
    load: async () => (await context()).getTokenUsageStats,
  },
  {
    name: "create_natural_reminder",
    command: ["reminder", "add"],
    profile: "full",
    summary: "Remind of something at a time said in words, once or again and again.",
    load: async () => (await reminder()).createNaturalReminder,
  },
  {
    name: "list_user_reminders",
    command: ["reminder", "list"],
    profile: "full",
    summary: "List reminders that are to come, the next one first.",
    load: async () => (await reminder()).listUserReminders,
  },
  {
    name: "cancel_user_reminder",
    command: ["reminder", "cancel"],
    profile: "full",
    summary: "Cancel a reminder by its id; it is never told again.",
    load: async () => (await reminder()).cancelUserReminder,
  },
  {
    name: "explain_injection",
    command: ["session", "explain"],
    profile: "full",
    summary: "Show what was put into a conversation unasked: each line, why, and its tokens.",
    load: async () => (await injection()).explainInjection,
  },
  {
    name: "sync_dependencies",
    command: ["project", "sync"],
    profile: "full",
    summary:
      "Install what the lock files of a project say, in a trusted project or when agreed to.",
    load: async () => (await toolchain()).syncDependencies,
  },
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
