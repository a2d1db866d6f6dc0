import type { Capability } from "./capability.ts";
import type { Ports } from "./services.ts";
import { statusOf } from "./session/status.ts";
import { WORK_ENTRIES } from "./work-entries.ts";

/** How much of the tool list is offered: each profile holds the ones before it. */
export const PROFILES = ["core", "standard", "full"] as const;
export type Profile = (typeof PROFILES)[number];

/** One line of the registry: all that is known of a capability before its domain is loaded. */
export interface Entry {
  /** MCP tool name: snake_case, never renamed after release. */
  readonly name: string;
  /** CLI place: `["insight", "search"]` is `sb insight search`, `["start"]` is `sb start`. */
  readonly command: readonly [verb: string] | readonly [group: string, verb: string];
  readonly profile: Profile;
  /** One sentence under 160 characters, the verb first: shown to the model and in `--help`. */
  readonly summary: string;
  /** Loads the domain that declares it, and nothing else. */
  readonly load: () => Promise<Capability>;
  /**
   * The answer to a call without arguments, over the ports alone, as `load` declares it. With it the
   * command line loads neither schemas nor services; a chunk of its own would take longer to load.
   */
  readonly look?: (ports: Ports) => Record<string, unknown>;
}

const session = () => import("./session/capabilities.ts");
const status = () => import("./session/status-capabilities.ts");
const ingest = () => import("./session/ingest-capabilities.ts");
const server = () => import("./session/server-capabilities.ts");
const search = () => import("./search/capabilities.ts");
const error = () => import("./error/capabilities.ts");
const find = () => import("./search/find-capabilities.ts");
const insight = () => import("./insight/capabilities.ts");
const archive = () => import("./archive/capabilities.ts");
const permission = () => import("./permission/capabilities.ts");

/** Every capability, one line each, in help order. */
export const CAPABILITIES: readonly Entry[] = [
  {
    name: "start",
    command: ["start"],
    profile: "core",
    summary: "Start a session in a project: recall where it was left and what is known.",
    load: async () => (await session()).start,
  },
  {
    name: "checkpoint",
    command: ["checkpoint"],
    profile: "core",
    summary: "Save the state of the session under a name: transcript, insights, git snapshot.",
    load: async () => (await session()).checkpoint,
  },
  {
    name: "end",
    command: ["end"],
    profile: "core",
    summary: "End the session: capture what was learned and write the hand-off.",
    load: async () => (await session()).end,
  },
  {
    name: "status",
    command: ["status"],
    profile: "core",
    summary: "Show the session, the memory, and whether everything is being recorded.",
    load: async () => (await status()).status,
    look: (ports) => statusOf(ports),
  },
  {
    name: "session_welcome",
    command: ["session", "welcome"],
    profile: "full",
    summary: "Show what the automatic start of this session found.",
    load: async () => (await session()).sessionWelcome,
  },
  {
    name: "list_sessions",
    command: ["session", "list"],
    profile: "full",
    summary: "List sessions and conversations, newest first.",
    load: async () => (await session()).listSessions,
  },
  {
    name: "get_session",
    command: ["session", "show"],
    profile: "full",
    summary: "Show one session's timeline: prompts, checkpoints, files, failed commands, insights.",
    load: async () => (await session()).getSession,
  },
  {
    name: "permissions",
    command: ["permissions"],
    profile: "standard",
    summary: "Show, trust or revoke what sb may do unasked, or suggest the client's allow rules.",
    load: async () => (await permission()).permissions,
  },
  {
    name: "health_check",
    command: ["session", "health"],
    profile: "full",
    summary: "Check the database, the transcripts and the data folder.",
    load: async () => (await server()).healthCheck,
  },
  {
    name: "server_info",
    command: ["info"],
    profile: "full",
    summary: "Show the version, the platform and where everything lies.",
    load: async () => (await server()).serverInfo,
  },
  {
    name: "ping",
    command: ["ping"],
    profile: "full",
    summary: "Answer pong.",
    load: async () => (await server()).ping,
  },
  {
    name: "store_reflection",
    command: ["memory", "store"],
    profile: "core",
    summary: "Store a note, with tags, that every search finds from now on.",
    load: async () => (await insight()).storeReflection,
  },
  {
    name: "quick_search",
    command: ["search"],
    profile: "core",
    summary: "Search everything remembered: conversations, insights, notes and hand-offs.",
    load: async () => (await search()).quickSearch,
  },
  {
    name: "get_more_results",
    command: ["memory", "more"],
    profile: "core",
    summary: "Get the next results of a search by its cursor.",
    load: async () => (await search()).getMoreResults,
  },
  {
    name: "search_summary",
    command: ["memory", "summary"],
    profile: "standard",
    summary: "Summarise what a search finds: how many, when, which kinds, projects and terms.",
    load: async () => (await search()).searchSummary,
  },
  {
    name: "search_by_file",
    command: ["find", "file"],
    profile: "core",
    summary: "Find conversations whose tool calls read or changed a file, by path, name or glob.",
    load: async () => (await find()).searchByFile,
  },
  {
    name: "search_by_concept",
    command: ["find", "concept"],
    profile: "standard",
    summary: "Find what was said about a concept, in its own words and in those that go with it.",
    load: async () => (await find()).searchByConcept,
  },
  {
    name: "search_code",
    command: ["find", "code"],
    profile: "standard",
    summary: "Find code by its names or words, in answers and in what was written into files.",
    load: async () => (await find()).searchCode,
  },
  {
    name: "search_errors",
    command: ["find", "errors"],
    profile: "standard",
    summary: "Find an error, whatever paths, names and numbers it came with, and what was done.",
    load: async () => (await find()).searchErrors,
  },
  {
    name: "search_temporal",
    command: ["find", "time"],
    profile: "standard",
    summary: "Find what was said and done at a time, such as yesterday or last week.",
    load: async () => (await find()).searchTemporal,
  },
  {
    name: "reflection_stats",
    command: ["memory", "stats"],
    profile: "standard",
    summary: "Count what is remembered, by kind and project, and show the store's size.",
    load: async () => (await search()).reflectionStats,
  },
  {
    name: "get_memory",
    command: ["memory", "show"],
    profile: "full",
    summary: "Show one remembered document whole, with what came before and after it.",
    load: async () => (await search()).getMemory,
  },
  {
    name: "forget_memory",
    command: ["forget"],
    profile: "full",
    summary: "Forget memories for good, by id, project, time or words; a preview comes first.",
    load: async () => (await archive()).forgetMemory,
  },
  {
    name: "reset_reflection_database",
    command: ["memory", "reset"],
    profile: "full",
    summary: "Empty the whole memory after a backup; the database's name must be given back.",
    load: async () => (await archive()).resetReflectionDatabase,
  },
  {
    name: "advanced_search",
    command: ["memory", "find"],
    profile: "full",
    summary: "Search by kind, project, tag, branch, file and time, and count what each has.",
    load: async () => (await find()).advancedSearch,
  },
  {
    name: "search_suggestions",
    command: ["memory", "suggest"],
    profile: "full",
    summary: "Suggest words, titles, tags, files and projects that are there and begin so.",
    load: async () => (await find()).searchSuggestions,
  },
  {
    name: "find_duplicates",
    command: ["memory", "duplicates"],
    profile: "full",
    summary: "Find documents that say the same, word for word or nearly.",
    load: async () => (await find()).findDuplicates,
  },
  {
    name: "ingest_transcripts",
    command: ["ingest"],
    profile: "full",
    summary: "Read what is new in Claude Code's transcripts and keep it.",
    load: async () => (await ingest()).ingestTranscripts,
  },
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
  ...WORK_ENTRIES,
];

/** The entries of `profile`: its own and those of the smaller profiles. */
export function entriesOf(profile: Profile): readonly Entry[] {
  const rank = PROFILES.indexOf(profile);
  return CAPABILITIES.filter((entry) => PROFILES.indexOf(entry.profile) <= rank);
}

/** The entry of the tool called `name`, or undefined. */
export function findEntry(name: string): Entry | undefined {
  return CAPABILITIES.find((entry) => entry.name === name);
}
