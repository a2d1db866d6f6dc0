import { assignment } from "./redact-assignment.ts";
import { CHECKS, STAND_IN } from "./redact-judge.ts";
import { dropPrivate } from "./redact-private.ts";
import type { Rule } from "./redact-rules.ts";
import { type Candidate, findAnchors, matchAt, type Span } from "./redact-scan.ts";

/** `counts`: how often each rule (by its id) fired; `private` counts dropped blocks. */
export interface Redaction {
  readonly text: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** Longer values (in UTF-16 units) are no examples; the search for one stays linear so. */
const MAX_EXAMPLE = 512;

/** A replacement can bring a further match to light; no known text needs more than two rounds. */
const MAX_ROUNDS = 8;

/**
 * Removes credentials and `<private>` blocks from `text`, which must happen before it is stored.
 *
 * A credential becomes `[redacted:rule-id]`, the name before it stays; a block becomes `[private]`.
 * The answer is well-formed UTF-16, and redacting it again changes nothing.
 */
export function redact(text: string): Redaction {
  const counts: Record<string, number> = {};
  let current = text.toWellFormed();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = redactOnce(current, counts);
    if (next === current) break;
    current = next;
  }
  return { text: current, counts };
}

function redactOnce(text: string, counts: Record<string, number>): string {
  const candidates = findAnchors(text);
  if (candidates.some(({ finders }) => finders.includes("private"))) {
    const dropped = dropPrivate(text, counts);
    if (dropped !== text) return dropped;
  }
  const spans = merge(findSpans(text, candidates));
  let out = "";
  let end = 0;
  for (const span of spans) {
    counts[span.id] = (counts[span.id] ?? 0) + 1;
    out += `${text.slice(end, span.start)}[redacted:${span.id}]`;
    end = span.end;
  }
  return end === 0 ? text : out + text.slice(end);
}

function findSpans(text: string, candidates: readonly Candidate[]): Span[] {
  const spans: Span[] = [];
  const tried = new Map<Rule, number>();
  let shapeEnd = 0;
  let assignedEnd = 0;
  for (const { at, finders } of candidates) {
    for (const finder of finders) {
      if (finder === "assignment") {
        const span = at >= assignedEnd ? assignment(text, at) : undefined;
        if (span) spans.push(span);
        assignedEnd = span?.end ?? assignedEnd;
      } else if (finder !== "private" && at >= shapeEnd && at >= (tried.get(finder) ?? 0)) {
        const span = shape({ text, at, rule: finder, tried });
        if (!span || span.start < shapeEnd) continue;
        spans.push(span);
        shapeEnd = span.end;
      }
    }
  }
  return spans;
}

/** One span for those that overlap, named by its shape where there is one. */
function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (!last || span.start >= last.end) merged.push(span);
    else {
      const id = last.id === "assignment" ? span.id : last.id;
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, span.end), id };
    }
  }
  return merged;
}

/** One attempt of a rule; `tried`: up to where a rule has seen that there is nothing for it. */
type Attempt = { text: string; at: number; rule: Rule; tried: Map<Rule, number> };

/** The credential that the rule sees at the anchor `at`. */
function shape({ text, at, rule, tried }: Attempt): Span | undefined {
  if (rule.whole && !beginsWord(text, at)) return undefined;
  const match = matchAt(rule.pattern, text, at);
  if (!match) return undefined;
  const keep = match.groups?.["keep"];
  const start = at - (match.groups?.["head"]?.length ?? 0) + (keep?.length ?? 0);
  const end = at + match[0].length;
  const value = text.slice(start, end);
  if (keep === undefined && !beginsWord(text, start)) return undefined;
  if (value.length <= MAX_EXAMPLE && STAND_IN.test(value)) return undefined;
  if (CHECKS[rule.check ?? "none"](value)) return { start, end, id: rule.id };
  tried.set(rule, end);
  return undefined;
}

/** An escape that ends in a letter or digit: JSON, URL and terminal colours. */
const ESCAPE_BEFORE = /(?:\\[nrtbfv0]|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|%[0-9a-f]{2}|\[[0-9;]{0,8}m)$/i;

function beginsWord(text: string, start: number): boolean {
  if (start === 0 || !/[A-Za-z0-9]/.test(text.charAt(start - 1))) return true;
  return ESCAPE_BEFORE.test(text.slice(Math.max(0, start - 11), start));
}
