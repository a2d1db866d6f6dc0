import { type Assessment, assessInsight } from "./classify.ts";
import { insightHash } from "./model.ts";
import { type Block, scanBlocks } from "./scan.ts";

/** Shortest and longest body that is kept, in code points after trimming. */
const MIN_BODY = 30;
const MAX_BODY = 10_000;

/** A character of Chinese, Japanese or Korean says about what three Latin letters say. */
const CJK = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]/gu;
const CJK_LETTERS = 3;

const WORD = /[\p{L}\p{N}]/u;

/** An insight block as found in a text. What its words say is worked out when it is asked for. */
export interface FoundInsight extends Assessment {
  /** The opener's title, if any, as first line, then the body. */
  readonly content: string;
  /** 1-based line of the opener in the text. */
  readonly line: number;
  readonly hash: string;
}

/**
 * Insight blocks of one assistant message's text, in order; one that repeats is given once. Only a
 * complete block outside code fences counts; its body is verbatim but for quote marks, common
 * indentation and line ends. Takes time linear in the text's length, and never throws.
 */
export function extractInsights(text: string): FoundInsight[] {
  const found = new Map<string, FoundInsight>();
  let line = 1;
  let newline = text.indexOf("\n");
  for (const block of scanBlocks(text)) {
    const content = contentOf(text, block);
    if (content === undefined) continue;
    const { start } = block.opener;
    for (; newline !== -1 && newline < start; line++) newline = nextNewline(text, newline);
    const hash = insightHash(content);
    if (!found.has(hash)) found.set(hash, new Found(content, hash, line));
  }
  return [...found.values()];
}

/** Most texts hold insights that are known by their hash: those are never classified. */
class Found implements FoundInsight {
  #assessment: Assessment | undefined;

  readonly content: string;
  readonly hash: string;
  readonly line: number;

  constructor(content: string, hash: string, line: number) {
    this.content = content;
    this.hash = hash;
    this.line = line;
  }

  get type() {
    return this.#assessed.type;
  }

  get topics() {
    return this.#assessed.topics;
  }

  get confidence() {
    return this.#assessed.confidence;
  }

  get quality() {
    return this.#assessed.quality;
  }

  get reasons() {
    return this.#assessed.reasons;
  }

  get #assessed(): Assessment {
    this.#assessment ??= assessInsight(this.content);
    return this.#assessment;
  }
}

/** The first newline after the one at `from`; blank lines need no search. */
function nextNewline(text: string, from: number): number {
  return text.charCodeAt(from + 1) === 0x0a ? from + 1 : text.indexOf("\n", from + 1);
}

/** Title and body of a block; undefined when there is nothing to learn from it. */
function contentOf(text: string, { opener, bodyEnd }: Block): string | undefined {
  // Without the last line break, a body that is flush needs no second copy.
  const raw = text.slice(opener.bodyStart, Math.max(opener.bodyStart, bodyEnd - 1));
  const body = (isFlush(raw, opener.depth) ? raw : unwrapped(raw, opener.depth)).trim();
  if (!isKeptLength(body) || isPlaceholder(body)) return undefined;
  // No title has one character: a letter would belong to the word before it.
  if (opener.titleEnd - opener.titleStart < 2) return body;
  const words = text.slice(opener.titleStart, opener.titleEnd);
  const title = WORD.test(words) ? titleOf(words) : "";
  return WORD.test(title) ? `${title}\n${body}` : body;
}

/** Whether lines have neither quote marks, common indentation nor carriage returns to take away. */
function isFlush(raw: string, depth: number): boolean {
  const first = raw.charCodeAt(0);
  return depth === 0 && first > 0x20 && !raw.includes("\r");
}

/** The lines without quote marks, common indentation and carriage returns at their ends. */
function unwrapped(raw: string, depth: number): string {
  const lines = raw
    .split("\n")
    .map((line) => withoutQuote(line.endsWith("\r") ? line.slice(0, -1) : line, depth));
  return withoutIndent(lines).join("\n");
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

/** How every text that one of `PLACEHOLDERS` matches begins, unless it ends in "here". */
const PLACEHOLDER_HEAD =
  /^[\s\-*+•"'“(_`]*(?:[[<【$.{…\d]|(?:key|educational|main)\s|point|insight|bullet|lesson|item|takeaway)/iu;

/** What may stand behind "here": by the code, for a look without a copy of each sign. */
const AFTER_HERE = new Set([..."\"'”)*_`:.…!"].map((sign) => sign.charCodeAt(0)));

const WHITE = /\s/u;

/** Whether the words up to `end` end in "here", as every placeholder does that has no `PLACEHOLDER_HEAD`. */
function endsInHere(text: string, end: number): boolean {
  let at = end - 1;
  for (let code = text.charCodeAt(at); at >= 3; code = text.charCodeAt(--at)) {
    const small = code | 0x20;
    if (small >= 0x61 && small <= 0x7a) return small === 0x65 && isHere(text, at - 3);
    if (!AFTER_HERE.has(code) && !WHITE.test(text.charAt(at))) return false;
  }
  return false;
}

function isHere(text: string, at: number): boolean {
  return text.slice(at, at + 4).toLowerCase() === "here";
}

/** Whether a body says nothing: no word in it, or only what a template holds in its place. */
function isPlaceholder(body: string): boolean {
  if (!WORD.test(body)) return true;
  // False for nearly all bodies, at little cost; their lines may be broken anywhere.
  const hasHead = PLACEHOLDER_HEAD.test(body);
  if (hasHead || endsInHere(body, body.length)) {
    if (isPlaceholderText(body.replace(/\s+/gu, " "))) return true;
  }
  for (let from = 0, end = 0; from <= body.length; from = end + 1) {
    end = body.indexOf("\n", from);
    if (end === -1) end = body.length;
    // The first line begins as the body does.
    if (from === 0 && !hasHead && !endsInHere(body, end)) return false;
    const line = body.slice(from, end);
    if (line.trim() !== "" && !isPlaceholderText(line)) return false;
  }
  return true;
}

function isPlaceholderText(text: string): boolean {
  if (text.length > 300) return false;
  if (!PLACEHOLDER_HEAD.test(text) && !endsInHere(text, text.length)) return false;
  const bare = text
    .trim()
    .replace(/^(?:[-*+•] |\d{1,2}[.)] )\s*/u, "")
    .replace(/^["'“(*_`]+|["'”)*_`:]+$/gu, "")
    .trim();
  return PLACEHOLDERS.some((form) => form.test(bare) || form.test(bare.replace(/[.…!:]+$/u, "")));
}
