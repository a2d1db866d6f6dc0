import type { Entry } from "../capabilities.ts";

const error = () => import("../error/capabilities.ts");

/** Errors and what mended them. */
export const ERRORS: readonly Entry[] = [
  {
    name: "query_similar_errors",
    command: ["find", "fix"],
    profile: "core",
    summary: "Find what mended an error before, by the error's own line.",
    load: async () => (await error()).querySimilarErrors,
  },
  {
    name: "record_fix_success",
    command: ["memory", "fix"],
    profile: "full",
    summary: "Record what mended an error, so that it is found when the error comes back.",
    load: async () => (await error()).recordFixSuccess,
  },
  {
    name: "get_causal_chain",
    command: ["session", "chain"],
    profile: "full",
    summary: "Show how an error was met, each failed attempt, and what mended it.",
    load: async () => (await error()).getCausalChain,
  },
];
