import type { Entry } from "../capabilities.ts";

const ingest = () => import("../session/ingest-capabilities.ts");
const insight = () => import("../insight/capabilities.ts");
const injection = () => import("../session/injection-capabilities.ts");

/** Insights: captured, stored, rated, told. */
export const INSIGHTS: readonly Entry[] = [
  {
    name: "search_insights",
    command: ["insight", "search"],
    profile: "core",
    summary: "Find captured insights by topic or words; * lists all.",
    load: async () => (await insight()).searchInsights,
  },
  {
    name: "insights_statistics",
    command: ["insight", "stats"],
    profile: "standard",
    summary: "Count insights by type, topic, project and confidence.",
    load: async () => (await insight()).insightsStatistics,
  },
  {
    name: "capture_insights",
    command: ["insight", "capture"],
    profile: "full",
    summary: "Scan the current project's transcripts for insights now.",
    load: async () => (await ingest()).captureInsights,
  },
  {
    name: "store_insight",
    command: ["insight", "store"],
    profile: "full",
    summary: "Store an insight by hand, scored by the same rules as captured ones.",
    load: async () => (await insight()).storeInsight,
  },
  {
    name: "rate_insight",
    command: ["insight", "rate"],
    profile: "full",
    summary: "Rate an insight up or down, or take the rating back.",
    load: async () => (await insight()).rateInsight,
  },
  {
    name: "explain_injection",
    command: ["session", "explain"],
    profile: "full",
    summary: "Show what was put into a conversation unasked: each line, why, and its tokens.",
    load: async () => (await injection()).explainInjection,
  },
];
