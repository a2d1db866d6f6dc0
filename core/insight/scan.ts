import { markFinder } from "./marks.ts";

/** A body of more UTF-16 units than this is given up: the longest kept one, astral and quoted, fits. */
const MAX_RAW_BODY = 40_000;

const WORD = "insight";

/** Longest line that can be an opener, in UTF-16 units; the known form has 49. */
const MAX_OPENER = 400;

/** How far into a line indentation and quote marks are looked for. */
const MAX_PREFIX = 200;

/** Deepest column of a quote mark: it may stand in a list. */
const MAX_QUOTE_INDENT = 8;

/** Fewest dashes of a rule. */
const MIN_RULE = 3;

/** Kinds of dash: box-drawing lines, long dashes, hyphens, equals signs. */
type Dash = "box" | "long" | "-" | "=";

/** One line without its quote marks, indentation and list marker; reused from line to line. */
interface LineView {
  start: number;
  /** Index after the last character, line break excluded. */
  end: number;
  /** Number of `>` before the text. */
  depth: number;
  /** Columns before the text, counted after the last `>`. */
  indent: number;
  /** Index of the first character of the text; `end` when the line is blank. */
  at: number;
  /** Columns that the list around the line takes. */
  base: number;
  /** Whether the text follows a list marker on this line. */
  item: boolean;
}

/** A code fence that is open. */
export interface Fence {
  /** Character code of what it is drawn with. */
  readonly mark: number;
  readonly length: number;
  readonly depth: number;
  readonly base: number;
}

/** The line that opens a block, by indices into the text. */
export interface Opener {
  /** Where its line begins. */
  readonly start: number;
  /** Number of `>` before it. */
  readonly depth: number;
  /** Deepest column at which the closer may stand. */
  readonly closerIndent: number;
  /** What its rule is drawn with. */
  readonly dash: Dash;
  /** Where the words between "Insight" and the rule lie. */
  readonly titleStart: number;
  readonly titleEnd: number;
  readonly bodyStart: number;
}

/** An opener and the index where its closer's line begins. */
export interface Block {
  readonly opener: Opener;
  readonly bodyEnd: number;
}

/** What is open at a line. */
interface State {
  readonly view: LineView;
  fence: Fence | undefined;
  opener: Opener | undefined;
  /** Content columns of the lists around the line, outermost first; true up to `listedTo`. */
  readonly lists: number[];
  listDepth: number;
  listedTo: number;
}

/**
 * Complete insight blocks of a text, in order, by one walk over its lines. Outside a block only the
 * lines with a star or a fence are looked at, found by the engine's own string search.
 */
export function scanBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  const view: LineView = { start: 0, end: 0, depth: 0, indent: 0, at: 0, base: 0, item: false };
  const state: State = {
    view,
    fence: undefined,
    opener: undefined,
    lists: [],
    listDepth: 0,
    listedTo: 0,
  };
  const marks = markFinder(text);
  for (let next = 0; next <= text.length; next = view.end + 1) {
    if (state.opener && next - state.opener.bodyStart > MAX_RAW_BODY) state.opener = undefined;
    const start = state.opener ? next : marks.nextLine(next, state.fence);
    if (start === -1) break;
    setLine(text, view, start);
    if (state.opener && !state.fence && isProse(text, start)) continue;
    if (!enterLine(text, state)) continue;
    const { opener } = state;
    if (opener && isCloser(text, view, opener)) {
      blocks.push({ opener, bodyEnd: view.start });
      state.opener = undefined;
    } else {
      // An opener before the closer: the earlier block is partial and dropped.
      state.opener = openerAt(text, view) ?? opener;
    }
  }
  return blocks;
}

/**
 * Whether the line begins with a letter, or with one in a list: it is no rule, fence or opener, and
 * what it means for the lists around it is read when an indented line asks.
 */
function isProse(text: string, start: number): boolean {
  const code = text.charCodeAt(start);
  if (code !== 0x2d && code !== 0x2a) return isLetter(code);
  return text.charCodeAt(start + 1) === 0x20 && isLetter(text.charCodeAt(start + 2));
}

/** Latin without accents, kana or Chinese. */
function isLetter(code: number): boolean {
  const small = code | 0x20;
  return (small >= 0x61 && small <= 0x7a) || (code >= 0x3041 && code <= 0x9fff);
}

function setLine(text: string, view: LineView, start: number): void {
  const newline = text.indexOf("\n", start);
  view.start = start;
  view.end = newline === -1 ? text.length : newline;
}

/** Updates what is open; false when the line is blank, a fence or inside one. */
function enterLine(text: string, state: State): boolean {
  const { view } = state;
  readPrefix(text, view, state.fence);
  if (state.fence && view.depth < state.fence.depth) state.fence = undefined;
  if (view.at === view.end) {
    // A blank line outside the quote ends it, and the block in it.
    if (state.opener && view.depth < state.opener.depth) state.opener = undefined;
    return false;
  }
  if (state.fence) {
    if (closesFence(text, view, state.fence)) state.fence = undefined;
    state.listedTo = view.end + 1;
    return false;
  }
  if (view.indent > 0) catchUpLists(text, state);
  readList(text, state);
  state.fence = fenceAt(text, view);
  return state.fence === undefined;
}

/** Reads the lists in lines that were passed over: an indented line depends on them. */
function catchUpLists(text: string, state: State): void {
  const { view } = state;
  const { start, end } = view;
  for (let next = state.listedTo; next < start; next = view.end + 1) {
    setLine(text, view, next);
    readPrefix(text, view, undefined);
    if (view.at < view.end) readList(text, state);
  }
  view.start = start;
  view.end = end;
  readPrefix(text, view, undefined);
}

/** Sets `depth`, `indent` and `at`; within a fence only the quote marks around it are marks. */
function readPrefix(text: string, view: LineView, fence: Fence | undefined): void {
  const limit = Math.min(view.end, view.start + MAX_PREFIX);
  const deepest = fence ? fence.depth : MAX_PREFIX;
  let at = view.start;
  let indent = 0;
  let depth = 0;
  for (; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x20) indent++;
    else if (code === 0x09) indent += 4 - (indent % 4);
    else if (code === 0x3e && depth < deepest && indent <= MAX_QUOTE_INDENT) {
      depth++;
      // One space after the mark belongs to it.
      indent = text.charCodeAt(at + 1) === 0x20 ? -1 : 0;
    } else break;
  }
  if (at < view.end && text.charCodeAt(at) === 0x0d && at + 1 === view.end) at = view.end;
  view.depth = depth;
  view.indent = indent;
  view.at = at;
  view.item = false;
}

/** Leaves the lists that the line stands outside of, and enters the one it begins. */
function readList(text: string, state: State): void {
  const { view, lists } = state;
  if (view.depth !== state.listDepth) lists.length = 0;
  state.listDepth = view.depth;
  state.listedTo = view.end + 1;
  while (lists.length > 0 && (lists[lists.length - 1] ?? 0) > view.indent) lists.pop();
  view.base = lists.length > 0 ? (lists[lists.length - 1] ?? 0) : 0;
  if (view.indent - view.base > 3) return;
  const width = listMarkerWidth(text, view);
  if (width === 0) return;
  view.at += width;
  view.indent += width;
  view.base = view.indent;
  view.item = true;
  lists.push(view.indent);
}

/** Width of `- `, `* `, `+ `, `1. ` or `1) ` with up to four spaces; 0 when there is none. */
function listMarkerWidth(text: string, view: LineView): number {
  let at = view.at;
  const code = text.charCodeAt(at);
  if (isDigit(code)) {
    while (at < view.at + 9 && isDigit(text.charCodeAt(at))) at++;
    const after = text.charCodeAt(at);
    if (after !== 0x2e && after !== 0x29) return 0;
  } else if (code !== 0x2d && code !== 0x2a && code !== 0x2b) return 0;
  at++;
  const space = at;
  while (at < space + 4 && at < view.end && text.charCodeAt(at) === 0x20) at++;
  return at === space || at >= view.end ? 0 : at - view.at;
}

/** The fence that the line opens, by CommonMark's rules (spec 0.31, section 4.5). */
function fenceAt(text: string, view: LineView): Fence | undefined {
  const mark = text.charCodeAt(view.at);
  if ((mark !== 0x60 && mark !== 0x7e) || view.indent - view.base > 3) return undefined;
  const length = runLength(text, view);
  if (length < 3) return undefined;
  if (mark === 0x60) {
    // A back-tick in the info string makes it a code span.
    const tick = text.indexOf("`", view.at + length);
    if (tick !== -1 && tick < view.end) return undefined;
  }
  return { mark, length, depth: view.depth, base: view.base };
}

function closesFence(text: string, view: LineView, fence: Fence): boolean {
  if (text.charCodeAt(view.at) !== fence.mark || view.indent - fence.base > 3) return false;
  const length = runLength(text, view);
  return length >= fence.length && skipSpace(text, view.at + length, view.end) === view.end;
}

/** How often the line's first character repeats at its start. */
function runLength(text: string, view: LineView): number {
  const mark = text.charCodeAt(view.at);
  let at = view.at + 1;
  while (at < view.end && text.charCodeAt(at) === mark) at++;
  return at - view.at;
}

/**
 * Whether the line is only a rule, perhaps in a heading or between back-ticks, `*` or `_`. It is
 * drawn with the opener's kind of dash or box-drawing lines: a body may hold Markdown's own rules.
 */
function isCloser(text: string, view: LineView, opener: Opener): boolean {
  if (view.item || view.depth > opener.depth || view.indent > opener.closerIndent) return false;
  const from = skipMarks(text, skipHeading(text, view.at, view.end), view.end);
  let at = from;
  for (; at < view.end; at++) {
    const dash = dashOf(text.charCodeAt(at));
    if (dash !== "box" && dash !== opener.dash) break;
  }
  if (at - from < MIN_RULE) return false;
  return skipSpace(text, skipMarks(text, at, view.end), view.end) === view.end;
}

/** The block that the line opens: star, "Insight", perhaps a title, and a rule to the line's end. */
function openerAt(text: string, view: LineView): Opener | undefined {
  if (view.end - view.at > MAX_OPENER || view.indent - view.base > 3) return undefined;
  const heading = skipHeading(text, view.at, view.end);
  // Terminal output shows a bullet before a message, and indents what follows it.
  const bullet = text.charCodeAt(heading);
  const pasted = bullet === 0x23fa || bullet === 0x25cf;
  const marks = pasted ? skipSpace(text, heading + 1, view.end) : heading;
  const star = skipMarks(text, marks, view.end);
  const code = text.charCodeAt(star);
  if ((code !== 0x2605 && code !== 0x2736) || text.startsWith("```", marks)) return undefined;
  const word = skipMarks(text, skipSpace(text, skipSelector(text, star + 1), view.end), view.end);
  if (text.slice(word, word + WORD.length).toLowerCase() !== WORD) return undefined;
  const after = text.charCodeAt(word + WORD.length);
  const titleStart = after === 0x73 || after === 0x53 ? word + WORD.length + 1 : word + WORD.length;

  let end = skipBack(text, view.end, titleStart);
  const dash = dashOf(text.charCodeAt(end - 1));
  const ruleEnd = end;
  while (end > titleStart && isDash(text.charCodeAt(end - 1))) end--;
  if (!dash || ruleEnd - end < MIN_RULE || !isTitle(text, titleStart, end)) return undefined;
  return {
    start: view.start,
    depth: view.depth,
    closerIndent: view.indent + (pasted ? 4 : 3),
    dash,
    titleStart,
    titleEnd: end,
    bodyStart: view.end + 1,
  };
}

/** Whether what stands between "Insight" and the rule is nothing, a number, or set off by a sign. */
function isTitle(text: string, start: number, end: number): boolean {
  let at = skipMarks(text, skipSpace(text, start, end), end);
  if (text.charCodeAt(at) === 0x23 && at < end) at++;
  const digits = at;
  while (at < end && at < digits + 3 && isDigit(text.charCodeAt(at))) at++;
  at = skipMarks(text, skipSpace(text, at, end), end);
  if (at >= end) return true;
  if (":：·|.()".includes(text.charAt(at))) return true;
  // A dash sets a title off only before a space: "Insight-driven" is a word.
  return isDash(text.charCodeAt(at)) && (isDash(text.charCodeAt(at + 1)) || isSpace(text, at + 1));
}

/** The kind of a dash; undefined for another character, `NaN` among them. */
function dashOf(code: number): Dash | undefined {
  if (code === 0x2500 || code === 0x2501) return "box";
  if (code === 0x2d) return "-";
  if (code === 0x3d) return "=";
  if (code >= 0x2012 && code <= 0x2015) return "long";
  if (code < 0x2504 || code > 0x2550) return undefined;
  return "┄┅┈┉╌╍═".includes(String.fromCharCode(code)) ? "box" : undefined;
}

function isDash(code: number): boolean {
  return dashOf(code) !== undefined;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0xa0 || code === 0x3000;
}

function isMark(code: number): boolean {
  return code === 0x60 || code === 0x2a || code === 0x5f;
}

function skipSpace(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isSpace(text, at)) at++;
  return at;
}

/** Past up to six of `*`, `_`, back-tick and the spaces after them. */
function skipMarks(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && at < from + 6 && isMark(text.charCodeAt(at))) at++;
  return at === from ? from : skipSpace(text, at, end);
}

/** Past `#` to `######` and a space. */
function skipHeading(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && at < from + 6 && text.charCodeAt(at) === 0x23) at++;
  return at > from && isSpace(text, at) ? skipSpace(text, at, end) : from;
}

/** Past a variation selector, which some write after the star. */
function skipSelector(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code === 0xfe0e || code === 0xfe0f ? at + 1 : at;
}

/** Back over the spaces and marks that end a line. */
function skipBack(text: string, end: number, least: number): number {
  let at = end;
  while (at > least && (isSpace(text, at - 1) || isMark(text.charCodeAt(at - 1)))) at--;
  return at;
}
