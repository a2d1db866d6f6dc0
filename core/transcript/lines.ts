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

/** First keys of the client's records: where a record may begin inside a line. */
const RECORD_START =
  /\{"(?:parentUuid|type|uuid|sessionId|logicalParentUuid|isSidechain|message|attachment|timestamp|agentId|cwd)":/g;

/** How often a record's start is tried in one line; a glued line holds a stub and one record. */
const MOST_STARTS = 64;

/** The whole records in a line that is not one: behind NUL runs, glued together, escaped wrongly. */
function salvage(line: string): Row[] {
  const pieces = line.replace(/^\ufeff/u, "").split(/\0+/u);
  return pieces.flatMap((piece) => {
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
    if (tries > MOST_STARTS) break;
    const tail = Bun.JSONL.parseChunk(rest, match.index);
    if (tail.done && tail.error === null) {
      return [...found, ...records(tail.values)];
    }
  }
  return found;
}
