import type { Entry } from "../capabilities.ts";

const context = () => import("../context/capabilities.ts");
const reminder = () => import("../reminder/capabilities.ts");

/** What a conversation is about, and reminders. */
export const CONTEXT: readonly Entry[] = [
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
];
