import { z } from "zod";
import { defineCapability } from "../capability.ts";
import * as inputs from "../kernel/inputs.ts";
import { CODE_KINDS } from "./code.ts";
import { DOCUMENT_KINDS, Hit } from "./model.ts";
import { SUGGESTED } from "./suggestions.ts";

/** What every list of hits answers with. */
const page = {
  total: z.number().int(),
  hits: z.array(Hit),
  cursor: z.string().optional(),
  mode: z.enum(["hybrid", "text"]),
  note: z.string().optional(),
  tokens: z.number().int(),
};

/** What every list of hits is asked with. */
const paging = {
  project: inputs.project.optional(),
  limit: inputs.limit(10),
  cursor: inputs.cursor.optional(),
  max_tokens: inputs.maxTokens,
};

export const searchByFile = defineCapability({
  effect: "read",
  positional: ["file_path"],
  input: z.object({
    file_path: z
      .string()
      .trim()
      .min(1)
      .max(4096)
      .describe("Path, file name, folder with / at its end, or glob such as src/**/*.ts"),
    ...paging,
  }),
  output: z.object(page),
  run({ find, search }, { file_path, project, limit, cursor, max_tokens: maxTokens }, question) {
    const size = { limit, maxTokens, origin: { tool: "search_by_file", ...question } };
    return cursor === undefined
      ? find.byFile({ path: file_path, project, ...size })
      : search.more(cursor, size);
  },
});

/** Documents that were not yet looked through, newer ones having been. */
const pending = z.number().int().optional();

export const searchCode = defineCapability({
  effect: "read",
  positional: ["query"],
  input: z.object({
    query: inputs.query.describe("Names or words in the code"),
    pattern_type: z.enum(CODE_KINDS).optional().describe("What the code does"),
    language: z.string().trim().min(1).max(40).optional().describe("typescript, py, sql, …"),
    ...paging,
  }),
  output: z.object({ ...page, pending }),
  run({ find, search }, { pattern_type: kind, max_tokens: maxTokens, cursor, ...given }, question) {
    const origin = { tool: "search_code", ...question };
    return cursor === undefined
      ? find.byCode({ ...given, kind, maxTokens, origin })
      : search.more(cursor, { limit: given.limit, maxTokens, origin });
  },
});

export const searchErrors = defineCapability({
  effect: "read",
  positional: ["query"],
  input: z.object({
    query: inputs.query.describe("The error's message, or words of it"),
    error_type: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .optional()
      .describe("TypeError, ENOENT, TS2322, panic, exit code, …"),
    ...paging,
  }),
  output: z.object({ ...page, pending }),
  run({ find, search }, { error_type: type, max_tokens: maxTokens, cursor, ...given }, question) {
    const origin = { tool: "search_errors", ...question };
    return cursor === undefined
      ? find.byError({ ...given, type, maxTokens, origin })
      : search.more(cursor, { limit: given.limit, maxTokens, origin });
  },
});

export const searchTemporal = defineCapability({
  effect: "read",
  positional: ["time_expression", "query"],
  input: z.object({
    time_expression: z
      .string()
      .min(1)
      .max(500)
      .describe('"yesterday", "last week", "in March", "between Monday and Friday"'),
    query: inputs.query.default("").describe("Words to look for; none lists the newest first"),
    ...paging,
  }),
  output: z.object({ from: z.string(), to: z.string(), ...page }),
  run({ find }, { time_expression: expression, max_tokens: maxTokens, ...given }, question) {
    const origin = { tool: "search_temporal", ...question };
    return find.byTime({ expression, ...given, maxTokens, origin });
  },
});

export const searchByConcept = defineCapability({
  effect: "read",
  positional: ["concept"],
  input: z.object({
    concept: inputs.query.describe("What it is about, in a few words"),
    include_files: z.boolean().default(true).describe("Show the files that were touched"),
    ...paging,
  }),
  output: z.object({ ...page, related_terms: z.array(z.string()).optional() }),
  run(
    { find, search },
    { include_files: withFiles, max_tokens: maxTokens, cursor, ...given },
    question,
  ) {
    const origin = { tool: "search_by_concept", ...question };
    return cursor === undefined
      ? find.byConcept({ ...given, withFiles, maxTokens, origin })
      : search.more(cursor, { limit: given.limit, maxTokens, origin });
  },
});

const counts = z.record(z.string(), z.number().int());

export const advancedSearch = defineCapability({
  effect: "read",
  positional: ["query"],
  input: z.object({
    query: inputs.query.default("").describe("Words to look for; none lists all that fits"),
    kind: z.array(z.enum(DOCUMENT_KINDS)).max(10).optional().describe("Any of these kinds"),
    tag: z
      .array(z.string().trim().min(1).max(100))
      .max(20)
      .optional()
      .describe("All of these tags"),
    branch: z.string().trim().min(1).max(200).optional().describe("Git branch"),
    file: z.string().trim().min(1).max(4096).optional().describe("Path, file name or glob"),
    time: z.string().min(1).max(500).optional().describe('"last week", "since Monday", "2025-11"'),
    sort: z.enum(["relevance", "newest", "oldest"]).default("relevance").describe("Order"),
    ...paging,
  }),
  output: z.object({
    ...page,
    facets: z.object({ kind: counts, project: counts, tag: counts, branch: counts }).optional(),
  }),
  run(
    { find, search },
    { kind: kinds, tag: tags, max_tokens: maxTokens, cursor, ...given },
    question,
  ) {
    const origin = { tool: "advanced_search", ...question };
    return cursor === undefined
      ? find.advanced({ ...given, kinds, tags, maxTokens, origin })
      : search.more(cursor, { limit: given.limit, maxTokens, origin });
  },
});

export const searchSuggestions = defineCapability({
  effect: "read",
  positional: ["query"],
  input: z.object({
    query: z.string().max(200).describe("How it begins"),
    field: z.enum(SUGGESTED).optional().describe("What to suggest; all kinds if left out"),
    limit: inputs.limit(5),
    max_tokens: inputs.maxTokens,
  }),
  output: z.object({
    suggestions: z.array(
      z.object({ text: z.string(), field: z.enum(SUGGESTED), documents: z.number().int() }),
    ),
    tokens: z.number().int(),
  }),
  run: ({ find }, { query: prefix, max_tokens: maxTokens, ...given }) =>
    find.suggest({ ...given, prefix, maxTokens }),
});

export const findDuplicates = defineCapability({
  effect: "read",
  input: z.object({
    threshold: z.number().min(0.7).max(1).default(0.85).describe("Least share in common"),
    kind: z.array(z.enum(DOCUMENT_KINDS)).max(10).optional().describe("Any of these kinds"),
    ...paging,
  }),
  output: z.object({
    total: z.number().int(),
    groups: z.array(
      z.object({
        similarity: z.number().min(0).max(1),
        count: z.number().int(),
        documents: z.array(
          z.object({
            id: z.string(),
            kind: z.enum(DOCUMENT_KINDS),
            project: z.string(),
            at: z.string(),
            snippet: z.string(),
          }),
        ),
      }),
    ),
    cursor: z.string().optional(),
    pending,
    tokens: z.number().int(),
  }),
  run({ find }, { kind: kinds, max_tokens: maxTokens, ...given }, question) {
    const origin = { tool: "find_duplicates", ...question };
    return find.duplicates({ ...given, kinds, maxTokens, origin });
  },
});
