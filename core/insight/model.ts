import { z } from "zod";
import { addPlainLine, lineEnd, TO_FULL_WIDTH, Words } from "./plain-line.ts";

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

/** Characters that vanish: format characters, enclosing marks, variation selectors. */
const INVISIBLE = /[\p{Cf}\p{Me}\p{Variation_Selector}]+/gu;

/** Quote, heading and list marks that begin a line, and the fence of tildes; `>=` is no quote. */
const LINE_MARKS = /^(?:[ \t]*(?:>(?!=)|#{1,6}(?=[ \t])|[-+*](?=[ \t])|~{3,}))+/gmu;

/** The marks that may end a heading. */
const HEADING_END = /(?<=[ \t])#+(?=[ \t]*$)/gmu;

const TABLE_ROW = /^[ \t]*\|.*$/gmu;
const CELL_MARK = /(?<!\|)\|(?!\|)/gu;

/** A line without a word: rules, table rules, decoration. */
const WORDLESS_LINE = /^[^\p{L}\p{M}\p{N}\n\r\u2028\u2029]+$/gmu;

/** Longer than any operator, or the marks of struck-out text. */
const DRAWN = /([=＝#＃+＋|｜])\1{3,}|[~～]{2,}/gu;

/** An exclamation mark before a word and not after one is "not"; `¬` says so without neighbours. */
const NOT = /(?<![\p{L}\p{M}\p{N}!！])[!！](?=[\p{L}\p{N}_($])/gu;

/**
 * An operator, or else anything that is no word. Mathematical symbols that are no emoji and
 * `# & % $ @ ^` make an operator, with up to three signs right before them (`!=`, `->`, `:=`). `*`, `-`
 * and `/` alone are marks and punctuation far more often.
 */
const OPERATOR_OR_GAP =
  /((?:[-－!！:：/／?？]{0,3}(?:(?!\p{Extended_Pictographic})\p{Sm}|[#＃&＆%％$＄@＠^＾]))+)|[^\p{L}\p{M}\p{N}]/gu;

/**
 * A body reduced to what counts for equality: NFC, lower case, words of letters, marks and digits
 * of any script and operators (`==`, `++`, `#`), with one space between. Other punctuation and
 * symbols, emoji, Markdown marks and rule lines become a space, so that "async/await" stays two
 * words. Invisible characters vanish. Operators are written full-width, which is no Markdown. A
 * body without any word keeps its NFC text, so that two different ones stay different.
 */
export function comparableText(body: string): string {
  return new TextDecoder().decode(comparableBytes(body));
}

/** SHA-256 hex of `comparableText`; two bodies with the same hash are the same insight. */
export function insightHash(body: string): string {
  return Bun.SHA256.hash(comparableBytes(body), "hex");
}

/** Used for one body after the other. */
const words = new Words();

/** Fewest UTF-16 units that are given to the patterns at once: each call costs much more than one. */
const MIN_ODD = 256;

/** `comparableText` in UTF-8, true until the next call. Each line can be reduced by itself. */
function comparableBytes(body: string): Uint8Array {
  words.clear();
  for (let at = 0, end = 0; at < body.length; at = end + 1) {
    words.reserve(body.length - at);
    end = addPlainLine(body, at, words);
    if (end !== -1) continue;
    end = lineEnd(body, at + MIN_ODD);
    words.addText(reduceByPatterns(body.slice(at, end)));
  }
  if (words.isEmpty) words.addText(lowerCase(body).replace(/\s+/gu, " ").trim());
  return words.bytes;
}

/** What `addPlainLine` does, for any text. */
function reduceByPatterns(text: string): string {
  return lowerCase(text.replace(INVISIBLE, ""))
    .replace(LINE_MARKS, "")
    .replace(HEADING_END, "")
    .replace(TABLE_ROW, (row) => row.replace(CELL_MARK, " "))
    .replace(WORDLESS_LINE, "")
    .replace(DRAWN, " ")
    .replace(NOT, "¬")
    .replace(OPERATOR_OR_GAP, (_, operator?: string) =>
      operator === undefined ? " " : ` ${fullWidth(operator)} `,
    )
    .replace(/ +/g, " ")
    .trim();
}

/** NFC again at the end, because lower-casing can leave a letter and a mark that compose. */
function lowerCase(text: string): string {
  return text.normalize("NFC").toLowerCase().normalize("NFC");
}

function fullWidth(operator: string): string {
  return operator.replace(/[!-~]/g, (sign) =>
    String.fromCharCode(sign.charCodeAt(0) + TO_FULL_WIDTH),
  );
}
