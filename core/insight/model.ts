import { z } from "zod";

/** What an insight is about in kind; `general` when no kind is clear. */
export const INSIGHT_TYPES = [
  "pattern",
  "architecture",
  "best_practice",
  "gotcha",
  "general",
] as const;

export const InsightType = z.enum(INSIGHT_TYPES);
export type InsightType = z.infer<typeof InsightType>;

/** `captured` from an assistant's message, `manual` when someone stored it by hand. */
export const InsightOrigin = z.enum(["captured", "manual"]);
export type InsightOrigin = z.infer<typeof InsightOrigin>;

/** Most topics that are derived from one body. */
export const MAX_TOPICS = 20;

/** Most projects that one answer names for an insight. */
export const MAX_PROJECTS = 50;

/** A rule, named `confidence:<why>` or `quality:<why>`, and the part of 1 that it gave. */
export interface ScorePoint {
  readonly rule: string;
  readonly points: number;
}

/** An insight as callers see it. */
export const Insight = z.object({
  id: z.string(),
  content: z.string(),
  type: InsightType,
  topics: z.array(z.string()),
  confidence: z.number().min(0).max(1),
  quality: z.number().min(0).max(1),
  /** Where it was seen first. */
  project: z.string(),
  /** Every project it was seen in, `project` among them. */
  projects: z.array(z.string()),
  captured_at: z.iso.datetime(),
  /** How often the same text was met, the first time included. */
  seen_count: z.number().int().min(1),
  /** Nulls where it was stored by hand outside a session. */
  source: z.object({
    session_id: z.string().nullable(),
    message_uuid: z.string().nullable(),
  }),
  origin: InsightOrigin,
});
export type Insight = z.infer<typeof Insight>;

/**
 * A body reduced to what counts for equality: NFC, lower case, words of letters, marks and digits
 * of any script with one space between. Punctuation, symbols, emoji, Markdown marks and rule lines
 * become a space, so that "async/await" stays two words. Invisible characters vanish. A body
 * without any word keeps its NFC text, so that two different ones stay different.
 */
export function comparableText(body: string): string {
  // NFC again, because lower-casing can leave a letter and a mark that compose.
  const lower = body.normalize("NFC").toLowerCase().normalize("NFC");
  const words = lower
    .replace(/[\p{Cf}\p{Me}\p{Variation_Selector}]+/gu, "")
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim();
  return words === "" ? lower.replace(/\s+/gu, " ").trim() : words;
}

/** SHA-256 hex of `comparableText`; two bodies with the same hash are the same insight. */
export function insightHash(body: string): string {
  return new Bun.CryptoHasher("sha256").update(comparableText(body)).digest("hex");
}
