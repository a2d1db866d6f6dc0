import { type Finder, finder, type Place } from "./places.ts";
import type { Term } from "./terms.ts";

/** Longest snippet, in UTF-16 units: the contract's bound. */
export const SNIPPET_CHARS = 1_200;

/** A snippet shows text of this many messages at most: the contract's bound. */
const MOST_MESSAGES = 6;

/** Stands where text was left out between two passages. */
export const GAP = "\n…\n";

/** A message's place in a document's body: `[start, end)` in UTF-16 units. */
export interface Span {
  readonly uuid: string;
  readonly role: string;
  readonly start: number;
  readonly end: number;
}

export interface Snippet {
  readonly text: string;
  /** The messages whose text is shown, in order; empty for a document without messages. */
  readonly uuids: readonly string[];
}

/** The text a snippet is made of. */
export interface Source {
  readonly body: string;
  readonly spans: readonly Span[];
  /** Where what is most like the query begins: shown where no word says more. */
  readonly aim?: number | undefined;
}

/**
 * The best passages of a document for `terms`: whole when short, else windows round the matches.
 * @param chars most UTF-16 units in the text.
 */
export function snippetOf(
  { body, spans, aim }: Source,
  terms: readonly Term[],
  chars: number = SNIPPET_CHARS,
): Snippet {
  if (body.length <= chars && spans.length <= MOST_MESSAGES) {
    return { text: body, uuids: spans.map(({ uuid }) => uuid) };
  }
  const wanted = finder(terms);
  if (spans.length === 0) return { text: window(body, { wanted, chars, aim }), uuids: [] };
  const aimed = spans.find(({ start, end }) => aim !== undefined && start <= aim && aim < end);
  const chosen = choose(body, { spans, aimed }, wanted).slice(
    0,
    Math.max(1, Math.floor(chars / 80)),
  );
  const room = chars - GAP.length * (chosen.length - 1);
  const parts = share(chosen, room).map(({ span, chars }) =>
    window(body.slice(span.start, span.end), {
      wanted,
      chars,
      aim: span === aimed ? (aim ?? 0) - span.start : undefined,
    }),
  );
  return { text: parts.join(GAP), uuids: chosen.map(({ uuid }) => uuid) };
}

/**
 * The messages that match most, the question first among equals, in their own order. Where none
 * does (the match is in the title or in what a tool gave), the question and its answer.
 */
function choose(
  body: string,
  { spans, aimed }: { spans: readonly Span[]; aimed: Span | undefined },
  wanted: Finder,
): Span[] {
  const ranked = spans
    .map((span, index) => ({
      span,
      index,
      hits: distinctHits(body.slice(span.start, span.end), wanted) + (span === aimed ? 1 : 0),
    }))
    .sort((a, b) => b.hits - a.hits || a.index - b.index);
  const best = ranked.filter(({ hits }) => hits > 0).slice(0, MOST_MESSAGES);
  if (best.length > 0) return best.sort((a, b) => a.index - b.index).map(({ span }) => span);
  const answer = spans.find(({ role }, index) => index > 0 && role === "assistant");
  return [...spans.slice(0, 1), ...(answer ? [answer] : [])];
}

/** Shares `room` characters out evenly; what a short message leaves goes to the longer ones. */
function share(spans: readonly Span[], room: number): { span: Span; chars: number }[] {
  const shortestFirst = [...spans].sort((a, b) => a.end - a.start - (b.end - b.start));
  const chars = new Map<Span, number>();
  let left = room;
  shortestFirst.forEach((span, index) => {
    const fair = Math.floor(left / (shortestFirst.length - index));
    const taken = Math.min(span.end - span.start, fair);
    chars.set(span, taken);
    left -= taken;
  });
  return spans.map((span) => ({ span, chars: chars.get(span) ?? 0 }));
}

function distinctHits(text: string, wanted: Finder): number {
  return new Set(wanted(text).map(({ term }) => term)).size;
}

/** How many of the words that `terms` ask for stand in `text`. */
export function countHits(text: string, terms: readonly Term[]): number {
  return distinctHits(text, finder(terms));
}

/** At most `chars` of `text`, where it holds the most of what `terms` ask for. */
export function excerptOf(text: string, terms: readonly Term[], chars: number): string {
  return window(text, { wanted: finder(terms), chars, aim: undefined });
}

/**
 * At most `chars` of `text`, placed where it holds the most distinct wanted words; from `aim` on
 * where no two of them stand together.
 */
function window(
  text: string,
  { wanted, chars, aim }: { wanted: Finder; chars: number; aim: number | undefined },
): string {
  if (text.length <= chars) return text;
  const best = densest(wanted(text), chars);
  const from = aim !== undefined && best.keys < 2 ? aim : best.at - Math.floor(chars * 0.1);
  const start = Math.max(0, Math.min(from, text.length - chars));
  return cut(text, start, start + chars);
}

/** The first place of the window that holds most distinct terms, and how many these are. */
function densest(places: readonly Place[], chars: number): { keys: number; at: number } {
  const inside = new Map<number, number>();
  let best = { keys: 0, at: 0 };
  let first = 0;
  for (const place of places) {
    inside.set(place.term, (inside.get(place.term) ?? 0) + 1);
    for (let head = places[first]; head && head.at < place.at - chars * 0.8; head = places[first]) {
      const count = (inside.get(head.term) ?? 1) - 1;
      if (count === 0) inside.delete(head.term);
      else inside.set(head.term, count);
      first += 1;
    }
    if (inside.size > best.keys) best = { keys: inside.size, at: places[first]?.at ?? 0 };
  }
  return best;
}

/** Cuts at word boundaries inside `[start, end)`, with `…` where text was left out. */
function cut(text: string, start: number, end: number): string {
  let slice = text.slice(start, end);
  if (start > 0) slice = `…${slice.slice(1).replace(/^\S{0,20}\s/u, "")}`;
  if (end < text.length) slice = `${slice.slice(0, -1).replace(/\s\S{0,20}$/u, "")}…`;
  return slice.toWellFormed();
}
