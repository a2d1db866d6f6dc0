import { z } from "zod";
import { defineCapability } from "../capability.ts";
import * as inputs from "../kernel/inputs.ts";
import { Insight, InsightType } from "./model.ts";
import { insightStatistics } from "./statistics.ts";

/** Longest note: more is a document, not a note. */
const CONTENT_CHARS = 100_000;

const content = z.string().trim().min(1).max(CONTENT_CHARS);
const Kept = z.object({ id: z.string(), duplicate: z.boolean() });

const tags = z.array(z.string().trim().min(1).max(100)).max(50).describe("Words to find it by");

export const storeReflection = defineCapability({
  effect: "write",
  positional: ["content"],
  input: z.object({
    content: content.describe("The note"),
    tags: tags.optional(),
    project: inputs.project.optional().describe("Project it belongs to; default: the current one"),
  }),
  output: Kept,
  run: ({ insight }, { content: text, tags: given, project }) =>
    insight.storeReflection(text, {
      ...(given ? { tags: given } : {}),
      ...(project ? { project } : {}),
    }),
});

export const storeInsight = defineCapability({
  effect: "write",
  positional: ["content"],
  input: z.object({
    content: content.describe("What was learnt"),
    project: inputs.project.optional().describe("Project it belongs to; default: the current one"),
  }),
  output: Kept,
  run: ({ insight }, { content: text, project }) =>
    insight.storeInsight(text, project ? { project } : {}),
});

export const searchInsights = defineCapability({
  effect: "read",
  positional: ["query"],
  input: z.object({
    query: inputs.query.default("*").describe("Words to look for; * lists all, newest first"),
    limit: inputs.limit(10),
    insight_type: InsightType.optional().describe("Only this type"),
    topic: z.string().trim().min(1).max(100).optional().describe("Only this topic"),
    project: inputs.project.optional(),
    cursor: inputs.cursor.optional(),
    max_tokens: inputs.maxTokens,
  }),
  output: z.object({
    total: z.number().int(),
    insights: z.array(Insight),
    cursor: z.string().optional(),
    tokens: z.number().int(),
  }),
  run({ insight }, { insight_type: type, max_tokens: maxTokens, ...given }, question) {
    const origin = { tool: "search_insights", ...question };
    return insight.list({ ...given, type, maxTokens, origin });
  },
});

export const insightsStatistics = defineCapability({
  effect: "read",
  input: z.object({}),
  output: z.object({
    total: z.number().int(),
    by_type: z.record(z.string(), z.number().int()),
    by_topic: z.record(z.string(), z.number().int()),
    by_project: z.record(z.string(), z.number().int()),
    confidence: z.object({
      mean: z.number().nullable(),
      /** Counts in steps of 0.1. */
      histogram: z.array(z.number().int()),
    }),
    captured_last_7_days: z.number().int(),
  }),
  run: ({ insight, project, ports }) =>
    insightStatistics(insight.all(), {
      now: ports.clock.now(),
      nameOf: (key) => project.get(key)?.name ?? key,
    }),
});

export const rateInsight = defineCapability({
  effect: "write",
  positional: ["id", "rating"],
  input: z.object({
    id: z.string().min(1).max(200).describe("The insight's id"),
    rating: z
      .number()
      .int()
      .min(-1)
      .max(1)
      .describe("1 useful, -1 wrong or useless (never shown unasked), 0 takes it back"),
  }),
  output: z.object({ id: z.string(), rating: z.number().int() }),
  run: ({ insight }, { id, rating }) => insight.rate(id, rating as -1 | 0 | 1),
});
