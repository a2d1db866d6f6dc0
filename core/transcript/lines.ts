import { isAscii } from "node:buffer";
import { isRead, type Row, record, records } from "./rows.ts";

/** One line of a file, without its newline. */
export interface Line {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Where the line starts in the file, in bytes. */
  readonly at: number;
}

/** What a line holds. A bad one is not exactly one JSON object, though whole ones may lie in it. */
export type Parsed =
  | { readonly kind: "empty" }
  | { readonly kind: "row"; readonly row: Row }
  | { readonly kind: "bad"; readonly salvaged: readonly Row[] };

const EMPTY: Parsed = { kind: "empty" };
const LATEST_CONTROL = 0x20;

/** Reads one line. Never throws. */
export function parseLine({ bytes, start, end }: Line): Parsed {
  if (isBlank(bytes, start, end)) return EMPTY;
  let row: Row | undefined;
  try {
    // Latin-1 decodes at memory speed and changes no JSON structure; only what is kept needs more.
    row = record(JSON.parse(bytes.toString("latin1", start, end)));
  } catch {
    return { kind: "bad", salvaged: salvage(bytes.toString("utf8", start, end)) };
  }
  if (row === undefined) return { kind: "bad", salvaged: [] };
  if (isRead(row) && !isAscii(bytes.subarray(start, end))) {
    row = record(JSON.parse(bytes.toString("utf8", start, end))) ?? row;
  }
  return { kind: "row", row };
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
