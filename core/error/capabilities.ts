import { z } from "zod";
import { defineCapability } from "../capability.ts";
import * as inputs from "../kernel/inputs.ts";
import { isoTime, truncate } from "../kernel/text.ts";
import { itemPage } from "../search/list-page.ts";
import type { Match } from "./service.ts";

const message = z
  .string()
  .trim()
  .min(1)
  .max(inputs.QUERY_CHARS)
  .describe("The error as it was printed, or its line");

const Fix = z.object({
  id: z.string(),
  error: z.string(),
  error_type: z.string().nullable(),
  project: z.string(),
  command: z.string(),
  fix: z.string(),
  fixed_at: z.string(),
  resolution_minutes: z.number().int(),
  /** How sure it is that this is the same error, 0 to 1. */
  certainty: z.number(),
  origin: z.enum(["observed", "recorded"]),
});

export const querySimilarErrors = defineCapability({
  effect: "read",
  positional: ["error_message"],
  input: z.object({
    error_message: message,
    project: inputs.project.optional(),
    limit: inputs.limit(5),
    cursor: inputs.cursor.optional(),
    max_tokens: inputs.maxTokens,
  }),
  output: z.object({
    total: z.number().int(),
    fixes: z.array(Fix),
    cursor: z.string().optional(),
    tokens: z.number().int(),
  }),
  run({ error, project, search }, { error_message, project: name, max_tokens, ...size }, question) {
    const keys = name && name !== "*" ? new Set(project.keysOf(name)) : undefined;
    const nameOf = (key: string) => project.get(key)?.name ?? key;
    const { total, items, more } = itemPage(search, {
      ...{ limit: size.limit, cursor: size.cursor, maxTokens: max_tokens },
      origin: { tool: "query_similar_errors", ...question },
      items: error.matches(error_message, undefined, keys),
      keyOf: ({ fix }) => fix.id,
      show: (match) => shown(match, nameOf),
    });
    return { total, fixes: items, ...more };
  },
});

function shown({ fix, certainty }: Match, nameOf: (key: string) => string): z.infer<typeof Fix> {
  return {
    id: fix.id,
    error: truncate(fix.detail.line, 300),
    error_type: fix.detail.type,
    project: nameOf(fix.projectKey),
    command: truncate(fix.detail.command, 200),
    fix: truncate(fix.body.split("\n").slice(1).join("\n"), 1_200),
    fixed_at: isoTime(fix.fixedAt),
    resolution_minutes: Math.round((fix.fixedAt - fix.detail.failed_at) / 60_000),
    certainty: Math.round(certainty * 100) / 100,
    origin: fix.detail.origin,
  };
}

export const recordFixSuccess = defineCapability({
  effect: "write",
  positional: ["error_message", "action_taken"],
  input: z.object({
    error_message: message,
    action_taken: z.string().trim().min(1).max(4_000).describe("What mended it"),
    code_changes: z.string().max(20_000).optional().describe("The change, as a diff or in words"),
    error_type: z.string().trim().min(1).max(100).default("unknown").describe("Its class or code"),
  }),
  output: z.object({ id: z.string() }),
  run: ({ error }, { error_message, action_taken, code_changes, error_type }) => ({
    id: error.record({
      error: error_message,
      action: action_taken,
      changes: code_changes,
      type: error_type,
    }),
  }),
});

export const getCausalChain = defineCapability({
  effect: "read",
  positional: ["chain_id"],
  input: z.object({ chain_id: z.string().min(1).max(200).describe("A fix's id") }),
  output: z.object({
    id: z.string(),
    error: z.string(),
    failed_at: z.string(),
    attempts: z.array(z.object({ at: z.string(), error: z.string() })),
    fix: z.string(),
    fixed_at: z.string(),
    resolution_minutes: z.number().int(),
    /** Ids of the memories in which it failed first and succeeded at last. */
    failed_in: z.string().nullable(),
    fixed_in: z.string().nullable(),
  }),
  run({ error }, { chain_id }) {
    const fix = error.get(chain_id);
    const { detail } = fix;
    return {
      id: fix.id,
      error: detail.line,
      failed_at: isoTime(detail.failed_at),
      attempts: detail.attempts.map(({ at, line }) => ({ at: isoTime(at), error: line })),
      fix: fix.body,
      fixed_at: isoTime(fix.fixedAt),
      resolution_minutes: Math.round((fix.fixedAt - detail.failed_at) / 60_000),
      failed_in: detail.failed_in,
      fixed_in: detail.fixed_in,
    };
  },
});
