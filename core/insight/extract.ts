import { assessInsight } from "./classify.ts";
import { type InsightType, insightHash, type ScorePoint } from "./model.ts";
import { type Block, scanBlocks } from "./scan.ts";

/** Shortest and longest body that is kept, in code points after trimming. */
const MIN_BODY = 30;
const MAX_BODY = 10_000;

/** A character of Chinese, Japanese or Korean says about what three Latin letters say. */
const CJK = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]/gu;
const CJK_LETTERS = 3;

const WORD = /[\p{L}\p{N}]/u;

/** An insight block as found in a text. */
export interface FoundInsight {
  /** The opener's title, if any, as first line, then the body. */
  readonly content: string;
  /** 1-based line of the opener in the text. */
  readonly line: number;
  readonly type: InsightType;
  readonly topics: readonly string[];
  readonly confidence: number;
  readonly quality: number;
  readonly reasons: readonly ScorePoint[];
  readonly hash: string;
}

/**
 * Insight blocks of one assistant message's text, in order; one that repeats is given once. Only a
 * complete block outside code fences counts; its body is verbatim but for quote marks, common
 * indentation and line ends. Takes time linear in the text's length, and never throws.
 */
export function extractInsights(text: string): FoundInsight[] {
  const contents = new Map<string, number>();
  for (const block of scanBlocks(text)) {
    const content = contentOf(text, block);
    if (content !== undefined && !contents.has(content)) contents.set(content, block.opener.start);
  }
  const found = new Map<string, FoundInsight>();
  let line = 1;
  let newline = text.indexOf("\n");
  for (const [content, start] of contents) {
    for (; newline !== -1 && newline < start; line++) newline = nextNewline(text, newline);
    const hash = insightHash(content);
    if (!found.has(hash)) found.set(hash, { content, line, ...assessInsight(content), hash });
  }
  return [...found.values()];
}

/** The first newline after the one at `from`; blank lines need no search. */
function nextNewline(text: string, from: number): number {
  return text.charCodeAt(from + 1) === 0x0a ? from + 1 : text.indexOf("\n", from + 1);
}

/** Title and body of a block; undefined when there is nothing to learn from it. */
function contentOf(text: string, { opener, bodyEnd }: Block): string | undefined {
  const raw = text.slice(opener.bodyStart, Math.max(opener.bodyStart, bodyEnd));
  const lines = raw
    .split("\n")
    .map((line) => withoutQuote(line.endsWith("\r") ? line.slice(0, -1) : line, opener.depth));
  const body = withoutIndent(lines).join("\n").trim();
  if (!isKeptLength(body) || isPlaceholder(body)) return undefined;
  const title = titleOf(text.slice(opener.titleStart, opener.titleEnd));
  return WORD.test(title) ? `${title}\n${body}` : body;
}

/** Whether a body has at least `MIN_BODY` letters, CJK ones tripled, and at most `MAX_BODY`. */
function isKeptLength(body: string): boolean {
  if (body.length * CJK_LETTERS < MIN_BODY || body.length > 2 * MAX_BODY) return false;
  // So many UTF-16 units are enough, and few enough, whatever characters they make.
  if (body.length >= 2 * MIN_BODY && body.length <= MAX_BODY) return true;
  const length = [...body].length;
  if (length >= MIN_BODY) return length <= MAX_BODY;
  return length + (CJK_LETTERS - 1) * (body.match(CJK)?.length ?? 0) >= MIN_BODY;
}

/** The words of a title without its number, the sign that sets it off, and half a pair of marks. */
function titleOf(words: string): string {
  const title = words.replace(/^[\s*_`]*#?\d{0,3}[\s*_`]*[:：·|.()┄┅┈┉╌╍═─━‒–—―=-]*/u, "").trim();
  const head = /^[*_`]+/u.exec(title)?.[0] ?? "";
  const start = title.includes(head, head.length) ? 0 : head.length;
  const tail = /[*_`)]+$/u.exec(title)?.[0] ?? "";
  const end = title.length - tail.length;
  const paired = title.slice(0, end).includes(tail.replaceAll(")", "("));
  return title.slice(start, paired ? title.length : Math.max(start, end)).trim();
}

/** The line after at most `depth` quote marks; a line that continues a quote without any is kept. */
function withoutQuote(line: string, depth: number): string {
  let rest = line;
  for (let left = depth; left > 0; left--) {
    const mark = /^ {0,8}> ?/.exec(rest);
    if (!mark) break;
    rest = rest.slice(mark[0].length);
  }
  return rest;
}

/** The lines without the white space that all but the blank ones begin with. */
function withoutIndent(lines: readonly string[]): string[] {
  let common: string | undefined;
  for (const line of lines) {
    const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
    if (indent.length === line.length) continue;
    common ??= indent;
    let same = 0;
    while (same < common.length && common[same] === indent[same]) same++;
    common = common.slice(0, same);
  }
  const width = common?.length ?? 0;
  return lines.map((line) => line.slice(width));
}

/** Whole bodies and lines that stand in prompts and manuals for what an insight would say. */
const PLACEHOLDERS: readonly RegExp[] = [
  /^(?:\[[^\]]*\]|<[^>]*>|【[^】]*】|\$?\{+[^}]*\}+|\.{2,}|…)$/u,
  /^(?:your|my|the|an?|insert|add|write|put)?[ \w]{0,30}\b(?:insights?|text|content|explanations?|points?) (?:goes? |to go )?here$/iu,
  /^\d ?(?:-|–|to) ?\d [\w -]{0,40}\b(?:points?|lines?|sentences?|bullets?|insights?)[\w -]{0,60}$/iu,
  /^(?:key |educational |main )*(?:point|insight|bullet|lesson|item|takeaway) ?(?:#?\d|one|two|three)?$/iu,
];

/** Whether a body says nothing: no word in it, or only what a template holds in its place. */
function isPlaceholder(body: string): boolean {
  if (!WORD.test(body)) return true;
  if (isPlaceholderText(body.replace(/\s+/gu, " "))) return true;
  return body.split("\n").every((line) => line.trim() === "" || isPlaceholderText(line));
}

function isPlaceholderText(text: string): boolean {
  if (text.length > 300) return false;
  const bare = text
    .trim()
    .replace(/^(?:[-*+•] |\d{1,2}[.)] )\s*/u, "")
    .replace(/^["'“(*_`]+|["'”)*_`:]+$/gu, "")
    .trim();
  return PLACEHOLDERS.some((form) => form.test(bare) || form.test(bare.replace(/[.…!:]+$/u, "")));
}
