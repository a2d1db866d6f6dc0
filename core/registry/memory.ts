import type { Entry } from "../capabilities.ts";

const ingest = () => import("../session/ingest-capabilities.ts");
const search = () => import("../search/capabilities.ts");
const find = () => import("../search/find-capabilities.ts");
const insight = () => import("../insight/capabilities.ts");
const archive = () => import("../archive/capabilities.ts");

/** Memory and search: what is remembered, found, forgotten. */
export const MEMORY: readonly Entry[] = [
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
];
