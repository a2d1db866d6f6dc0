import { z } from "zod";

/** Inputs that several capabilities share: one wording and one default each. */

export const project = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .describe("Project name or folder; * or left out means all");

export { workingDirectory } from "./working-directory.ts";

export const cursor = z.string().min(1).max(4096).describe("Cursor of an earlier page");

/** At least one result always fits into 200 tokens. */
export const maxTokens = z
  .number()
  .int()
  .min(200)
  .max(100_000)
  .default(1500)
  .describe("Most tokens to return");

/** Longest query read. More is refused, so that no query costs unbounded time. */
export const QUERY_CHARS = 10_000;

export const query = z.string().max(QUERY_CHARS).describe("Words to look for");

/** How many at most, `fallback` where the caller does not say. */
export function limit(fallback: number) {
  return z.number().int().min(1).max(100).default(fallback).describe("Most results a page");
}
