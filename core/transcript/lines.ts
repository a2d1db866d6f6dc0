import { isAscii } from "node:buffer";
import type { LiteralScan } from "./literal-scan.ts";
import { isRead, type Row, record, records } from "./rows.ts";
import { skim } from "./skim.ts";

/** One line of a file, without its newline. */
export interface Line {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Where the line starts in the file, in bytes. */
  readonly at: number;
  /** Over the memory that `bytes` are all of from its start; absent where there is none. */
  readonly scan: LiteralScan | undefined;
}

/** What a line holds. A bad one is not exactly one JSON object, though whole ones may lie in it. */
export type Parsed =
  | { readonly kind: "empty" }
  | { readonly kind: "row"; readonly row: Row }
  | { readonly kind: "bad"; readonly salvaged: readonly Row[] };

const EMPTY: Parsed = { kind: "empty" };
const LATEST_CONTROL = 0x20;

/** A shorter line is parsed as quickly as it is looked through. */
const SKIM_FROM_BYTES = 1024;

const LONG_LINE_CHARS = 512 * 1024;
const MOST_UNCOLLECTED_CHARS = 192 * 1024 * 1024;

/** Reads one line. Never throws. */
export function parseLine(line: Line): Parsed {
  const { bytes, start, end } = line;
  if (isBlank(bytes, start, end)) return EMPTY;
  const skimmed = end - start >= SKIM_FROM_BYTES ? skim(line) : undefined;
  if (skimmed && !isRead(skimmed)) return { kind: "row", row: skimmed };
  // Latin-1 decodes at memory speed, and is the same text where all is ASCII.
  const encoding = isAscii(bytes.subarray(start, end)) ? "latin1" : "utf8";
  const json = bytes.toString(encoding, start, end);
  collectAfter(json.length);
  if (skimmed === undefined && isTooDeep(json)) return { kind: "bad", salvaged: [] };
  let row: Row | undefined;
  try {
    row = record(JSON.parse(json));
  } catch {
    return { kind: "bad", salvaged: salvage(json) };
  }
  if (row === undefined) return { kind: "bad", salvaged: [] };
  return { kind: "row", row };
}

/** Characters of long lines that were made since they were last collected. */
let uncollected = 0;

/**
 * Collects what long lines left behind. The engine hardly counts their texts as garbage: a history of
 * 1.3 GB, a picture in each line, took 500 MB without and takes 225 with, for as much time as before.
 */
function collectAfter(chars: number): void {
  if (chars < LONG_LINE_CHARS) return;
  uncollected += chars;
  if (uncollected < MOST_UNCOLLECTED_CHARS) return;
  uncollected = 0;
  Bun.gc(true);
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte === 0 || byte > LATEST_CONTROL) return false;
  }
  return true;
}

/** A text shorter than this cannot nest so deep that it costs much memory. */
const NESTING_FROM_CHARS = 64 * 1024;
/** The client's rows stay below 20. */
const MOST_NESTED = 1000;
/** Set in a brace and not in the bracket of the same side: the only bit in which they differ. */
const CURLY = 0x20;

/**
 * Whether the JSON that begins at `from` nests deeper than anything that was meant. The parser takes
 * some 180 bytes for each level: a line of 5 MB of brackets made 973 MB resident.
 */
function isTooDeep(json: string, from = 0): boolean {
  if (json.length - from < NESTING_FROM_CHARS) return false;
  let depth = 0;
  for (let at = from; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === 0x22) at = stringEnd(json, at);
    else if ((code | CURLY) === 0x7b) depth += 1;
    else if ((code | CURLY) === 0x7d) depth -= 1;
    if (depth > MOST_NESTED) return true;
    if (depth < 0) return false; // no JSON: the parser stops here too
  }
  return false;
}

/** Where the string that begins at `at` has its closing quote; the end of `json` without one. */
function stringEnd(json: string, at: number): number {
  for (let end = json.indexOf('"', at + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let slash = end - 1;
    while (json.charCodeAt(slash) === 0x5c) slash -= 1;
    if ((end - slash) % 2 === 1) return end;
  }
  return json.length;
}

/** First keys of the client's records: where a record may begin inside a line. */
const RECORD_START =
  /\{"(?:parentUuid|type|uuid|sessionId|logicalParentUuid|isSidechain|message|attachment|timestamp|agentId|cwd)":/g;

/** How often a record's start is tried in one line; a glued line holds a stub and one record. */
const MOST_STARTS = 64;

/** The whole records in a line that is not one: behind NUL runs, glued together, escaped wrongly. */
function salvage(line: string): Row[] {
  const pieces = line.replace(/^\ufeff/u, "").split(/\0+/u);
  return pieces.flatMap((piece) => {
    if (isTooDeep(piece)) return [];
    const whole = parseRecord(piece) ?? parseRecord(escapesRepaired(piece));
    return whole === undefined ? unglue(piece) : [whole];
  });
}

function parseRecord(json: string): Row | undefined {
  try {
    return record(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** `json` with every backslash doubled that begins no escape of JSON. */
function escapesRepaired(json: string): string {
  return json.replace(/\\(["\\/bfnrt]|u[0-9a-fA-F]{4})?/g, (found, valid) =>
    valid === undefined ? "\\\\" : found,
  );
}

/** Whole records at the head of `piece`, then those behind a stub that reach its end. */
function unglue(piece: string): Row[] {
  const head = Bun.JSONL.parseChunk(piece);
  const found = records(head.values);
  const rest = piece.slice(head.read);
  if (!rest.trimEnd().endsWith("}")) return found; // a stub alone: nothing whole can reach the end
  let tries = 0;
  for (const match of rest.matchAll(RECORD_START)) {
    tries += 1;
    if (tries > MOST_STARTS || isTooDeep(rest, match.index)) break;
    const tail = Bun.JSONL.parseChunk(rest, match.index);
    if (tail.done && tail.error === null) {
      return [...found, ...records(tail.values)];
    }
  }
  return found;
}
