import { z } from "zod";
import { defineCapability } from "../capability.ts";
import { SbError } from "../kernel/errors.ts";
import * as inputs from "../kernel/inputs.ts";
import { describeDocument } from "./memory.ts";
import { DOCUMENT_KINDS, Hit } from "./model.ts";
import { named, summarise } from "./summary.ts";

/**
 * Least score shown when the caller names none. Measured over generated stores: no question about
 * what was never spoken of reaches it, and few that were answered by its words stay below.
 */
const MIN_SCORE = 0.2;

const minScore = z.number().min(0).max(1).default(MIN_SCORE).describe("Least score, 0 to 1");

const Page = z.object({
  total: z.number().int(),
  hits: z.array(Hit),
  cursor: z.string().optional(),
  mode: z.enum(["hybrid", "text"]),
  note: z.string().optional(),
  tokens: z.number().int(),
});

export const quickSearch = defineCapability({
  effect: "read",
  positional: ["query"],
  input: z.object({
    query: inputs.query.describe(
      'Words to look for; "a phrase" must stand so; project: kind: tag: file: branch: since: before: narrow it',
    ),
    project: inputs.project.optional(),
    min_score: minScore,
    limit: inputs.limit(5),
    scope: z
      .enum(["project", "related", "all"])
      .default("all")
      .describe("The current project, those it is related to, or all"),
    cursor: inputs.cursor.optional(),
    max_tokens: inputs.maxTokens,
  }),
  output: Page,
  run({ search }, { cursor, min_score: minScore, max_tokens: maxTokens, ...given }, question) {
    const origin = { tool: "quick_search", ...question };
    return cursor === undefined
      ? search.recall({ ...given, minScore, maxTokens, origin })
      : search.more(cursor, { limit: given.limit, maxTokens, origin });
  },
});

export const getMoreResults = defineCapability({
  effect: "read",
  positional: ["cursor"],
  input: z.object({
    cursor: inputs.cursor.optional(),
    query: inputs.query.optional(),
    project: inputs.project.optional(),
    offset: z.number().int().min(0).max(10_000).default(3).describe("Results to leave out"),
    limit: inputs.limit(3),
    max_tokens: inputs.maxTokens,
  }),
  output: Page,
  run: ({ search }, { cursor, query, project, offset, limit, max_tokens }, question) => {
    if (cursor !== undefined && query === undefined) {
      return search.more(cursor, { limit, maxTokens: max_tokens });
    }
    if (query !== undefined && cursor === undefined) {
      const origin = { tool: "get_more_results", ...question };
      const size = { offset, limit, maxTokens: max_tokens, origin };
      return search.recall({ query, project, minScore: MIN_SCORE, ...size });
    }
    const found = query === undefined ? "found neither" : "found both";
    throw new SbError("invalid_input", `cursor or query: one of them is needed, ${found}`, {
      hint: "give the cursor of an earlier answer, or the query again with an offset",
    });
  },
});

export const searchSummary = defineCapability({
  effect: "read",
  positional: ["query"],
  input: z.object({
    query: inputs.query,
    project: inputs.project.optional(),
    min_score: minScore,
  }),
  output: z.object({
    total: z.number().int(),
    time_range: z.object({ from: z.string(), to: z.string() }).nullable(),
    by_kind: z.record(z.string(), z.number().int()),
    by_project: z.record(z.string(), z.number().int()),
    top_terms: z.array(z.object({ term: z.string(), documents: z.number().int() })),
    tokens: z.number().int(),
  }),
  run: (services, { query, project, min_score }) =>
    summarise(services, { query, project, minScore: min_score }),
});

export const reflectionStats = defineCapability({
  effect: "read",
  input: z.object({}),
  output: z.object({
    total: z.number().int(),
    reflections: z.number().int(),
    by_kind: z.record(z.string(), z.number().int()),
    by_project: z.record(z.string(), z.number().int()),
    time_range: z.object({ from: z.string(), to: z.string() }).nullable(),
    database: z.object({ path: z.string(), bytes: z.number().int() }),
  }),
  run: ({ search, project, ports }) => {
    // What is left alone is not recalled, its numbers neither.
    const seen = { hiddenKeys: [...project.hiddenKeys()] };
    const counts = search.tally("kind", seen);
    const kinds = Object.fromEntries(counts.map(({ key, count }) => [key, count]));
    const range = search.timeRange(seen);
    return {
      total: counts.reduce((sum, { count }) => sum + count, 0),
      reflections: kinds["reflection"] ?? 0,
      by_kind: kinds,
      by_project: named(
        search.tally("project_key", seen).map(({ key, count }) => [key, count]),
        (key) => project.get(key)?.name ?? key,
      ),
      time_range: range
        ? { from: new Date(range.from).toISOString(), to: new Date(range.to).toISOString() }
        : null,
      database: { path: ports.paths.database, bytes: Bun.file(ports.paths.database).size },
    };
  },
});

export const getMemory = defineCapability({
  effect: "read",
  positional: ["id"],
  input: z.object({
    id: z.string().min(1).max(200).describe("A hit's id"),
    neighbours: z
      .number()
      .int()
      .min(0)
      .max(10)
      .default(1)
      .describe("How many documents of the same session to show on either side"),
    max_tokens: inputs.maxTokens,
  }),
  output: z.object({
    id: z.string(),
    kind: z.enum(DOCUMENT_KINDS),
    project: z.string(),
    session_id: z.string().optional(),
    agent_id: z.string().optional(),
    branch: z.string().optional(),
    at: z.string(),
    title: z.string().optional(),
    tags: z.array(z.string()),
    content: z.string(),
    truncated: z.boolean(),
    detail: z.unknown().optional(),
    before: z.array(z.object({ id: z.string(), at: z.string(), snippet: z.string() })),
    after: z.array(z.object({ id: z.string(), at: z.string(), snippet: z.string() })),
    tokens: z.number().int(),
  }),
  run: (services, { id, neighbours, max_tokens }) =>
    describeDocument(services, { id, neighbours, maxTokens: max_tokens }),
});
