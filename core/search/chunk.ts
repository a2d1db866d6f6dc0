import type { PassageRow } from "./model.ts";

/** How a document is cut for embedding. Word pieces are estimated: see `countPieces`. */
export interface ChunkPolicy {
  /** Most word pieces in a chunk; the model reads 256, two of which mark the ends. */
  readonly mostPieces: number;
  /** Neighbouring messages become one chunk up to so many word pieces. */
  readonly mergePieces: number;
  /** A snippet shows text of so many messages at most, so a chunk holds no more. */
  readonly mostMessages: number;
  /** What a document holds beyond so many chunks is found by its words alone. */
  readonly mostChunks: number;
}

export const CHUNK_POLICY: ChunkPolicy = {
  mostPieces: 240,
  mergePieces: 240,
  mostMessages: 6,
  mostChunks: 32,
};

/** A part of a body: `[start, end)` in UTF-16 units, without white space at its ends. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
}

/** A part that is being made. */
interface Part extends Chunk {
  readonly pieces: number;
  readonly messages: number;
  /** Made of whole messages, so that others may be joined to it. */
  readonly isWhole: boolean;
}

/**
 * Cuts a body into chunks, in order, disjoint, that hold all its text up to `mostChunks`. A message
 * too long for one is cut evenly, where a paragraph, a line, a sentence or a word ends; short ones
 * are joined to the message before them.
 */
export function chunksOf(
  { body, passages }: { readonly body: string; readonly passages: readonly PassageRow[] },
  policy: ChunkPolicy = CHUNK_POLICY,
): Chunk[] {
  const parts: Part[] = [];
  for (const message of messagesOf(body, passages)) {
    for (const part of cut(body, message, policy)) {
      const last = parts.at(-1);
      const joined = last && join(last, part, policy);
      if (joined) parts[parts.length - 1] = joined;
      else if (parts.length === policy.mostChunks) return parts.map(bare);
      else parts.push(part);
    }
  }
  return parts.map(bare);
}

/** The messages of a body, and what stands between them where that is text too. */
function messagesOf(body: string, passages: readonly PassageRow[]): Chunk[] {
  const messages: Chunk[] = [];
  let at = 0;
  for (const [, , from, to] of passages.toSorted((a, b) => a[2] - b[2])) {
    const start = Math.min(Math.max(at, from), body.length);
    const end = Math.min(Math.max(start, to), body.length);
    messages.push({ start: at, end: start }, { start, end });
    at = end;
  }
  messages.push({ start: at, end: body.length });
  return messages;
}

/** `last` with `next` behind it, where both are whole and fit; undefined where they do not. */
function join(last: Part, next: Part, policy: ChunkPolicy): Part | undefined {
  const pieces = last.pieces + next.pieces;
  const messages = last.messages + next.messages;
  if (!last.isWhole || !next.isWhole) return undefined;
  if (pieces > Math.min(policy.mergePieces, policy.mostPieces)) return undefined;
  if (messages > policy.mostMessages) return undefined;
  return { start: last.start, end: next.end, pieces, messages, isWhole: true };
}

/** The parts of one message; none where it holds no text. */
function cut(body: string, message: Chunk, policy: ChunkPolicy): Part[] {
  const parts: Part[] = [];
  let at = skipSpace(body, message.start, message.end);
  const end = trimEnd(body, at, message.end);
  // Beyond the cap nothing is kept, so nothing there needs to be counted.
  const most = policy.mostChunks * policy.mostPieces;
  while (at < end && parts.length < policy.mostChunks) {
    const left = countPieces(body, { start: at, end }, most).pieces;
    const share = Math.ceil(left / Math.ceil(left / policy.mostPieces));
    const reach = countPieces(body, { start: at, end }, share).end;
    const to = reach < end ? boundary(body, at, reach) : end;
    const { pieces } = countPieces(body, { start: at, end: to });
    const isWhole = parts.length === 0 && to === end;
    parts.push({ start: at, end: trimEnd(body, at, to), pieces, messages: 1, isWhole });
    at = skipSpace(body, to, end);
  }
  return parts;
}

/** What ends a part best, tried in this order in its second half. */
const ENDINGS = [/\n\s*\n/g, /\n/g, /[.!?…。！？]["')\]]?(?=\s)|[。！？]/gu, /\s/g];

/** Where to cut at `limit` or before it: behind what ends best there. */
function boundary(body: string, start: number, limit: number): number {
  const from = start + Math.floor((limit - start) / 2);
  const tail = body.slice(from, limit);
  for (const ending of ENDINGS) {
    const last = [...tail.matchAll(ending)].at(-1);
    if (last) return from + last.index + last[0].length;
  }
  return limit;
}

const SPACE = /\s/;
/**
 * Letters that the model's vocabulary joins to longer pieces; of others each is mostly its own.
 * Bounded: text without an end to a word must not be matched whole again and again.
 */
const WORD = /[A-Za-z]{1,64}|[0-9]{1,64}|\s{1,64}|[^A-Za-z0-9\s]/gu;

/**
 * The word pieces of a range as the tokenizer will count them, roughly and rather too many, and how
 * far `most` of them reach. Nothing is cut inside a word that fits, nor inside a surrogate pair.
 */
export function countPieces(
  body: string,
  { start, end }: Chunk,
  most = Number.POSITIVE_INFINITY,
): { pieces: number; end: number } {
  WORD.lastIndex = start;
  let pieces = 0;
  let at = start;
  for (let match = WORD.exec(body); match && match.index < end; match = WORD.exec(body)) {
    const word = match[0];
    const length = Math.min(word.length, end - match.index);
    const cost = costOf(word, length);
    if (pieces + cost > most && pieces > 0) return { pieces, end: at };
    if (cost > most)
      return { pieces: most, end: at + Math.max(1, Math.floor(length * (most / cost))) };
    pieces += cost;
    at = match.index + length;
  }
  return { pieces, end };
}

/** Pieces of the first `length` units of a run of one sort of characters. */
function costOf(word: string, length: number): number {
  const code = word.charCodeAt(0);
  if (SPACE.test(word)) return Math.floor(length / 64);
  if (code >= 48 && code <= 57) return Math.ceil(length / 2);
  if (code > 127) return 1;
  return length <= 6 ? 1 : Math.ceil(length / 4);
}

function skipSpace(body: string, from: number, end: number): number {
  let at = from;
  while (at < end && SPACE.test(body[at] ?? "")) at += 1;
  return at;
}

function trimEnd(body: string, start: number, end: number): number {
  let at = end;
  while (at > start && SPACE.test(body[at - 1] ?? "")) at -= 1;
  return at;
}

function bare({ start, end }: Part): Chunk {
  return { start, end };
}
