import * as z from "zod/v4/core";
import { truncate } from "../kernel/text.ts";
import { arePassages, cleanRecord, MOST_LEVELS, TooDeep } from "./clean.ts";
import { FORMAT_VERSION, type ImportRecord, RECORDS, type RecordType } from "./record.ts";

/** A line that holds no record of ours; `message` says why, in a few words. */
export class BadRecord extends Error {}

/** A file of a later `sb`: nothing in it can be trusted to mean what it meant. */
export class LaterFormat extends Error {}

/** Keys that are known of each type; others are left out and counted. */
const KEYS = new Map(
  Object.entries(RECORDS).map(([type, { _zod }]) => [
    type,
    new Set(["type", ...Object.keys(_zod.def.shape)]),
  ]),
);

/**
 * Reads one line: checked and redacted.
 * @throws BadRecord, LaterFormat
 */
export function parseRecord(
  text: string,
  clean: (text: string) => string,
  onIgnored: (key: string) => void,
): ImportRecord {
  const { type: typed, ...raw } = objectOf(text);
  const type = typeOf(typed);
  if (type === "header") refuseLater(raw["version"]);
  const known = KEYS.get(type);
  for (const key of Object.keys(raw)) {
    if (known?.has(key)) continue;
    onIgnored(key);
    delete raw[key];
  }
  const given = cleaned(raw, clean);
  const parsed = z.safeParse(RECORDS[type], given);
  if (!parsed.success) throw new BadRecord(problemOf(parsed.error));
  // What was checked inside these stands as it was written: checking puts keys in an order of its own.
  const asWritten = ["detail", "handoff"].filter((key) => key in given);
  const value = {
    ...parsed.data,
    ...Object.fromEntries(asWritten.map((key) => [key, given[key]])),
  };
  if ("content" in value && value.passages && !arePassages(value.passages, value.content.length)) {
    throw new BadRecord("passages: not in order, or outside of content");
  }
  return { type, value } as ImportRecord;
}

function objectOf(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BadRecord(error instanceof RangeError ? "nested too deeply" : "not JSON");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new BadRecord("no JSON object");
}

function typeOf(type: unknown): RecordType {
  if (type === undefined) throw new BadRecord("no type");
  if (typeof type === "string" && Object.hasOwn(RECORDS, type)) return type as RecordType;
  throw new BadRecord(`unknown type ${truncate(JSON.stringify(type), 40)}`);
}

function refuseLater(version: unknown): void {
  if (typeof version !== "number" || version <= FORMAT_VERSION) return;
  throw new LaterFormat(`written in format ${version}, this sb knows ${FORMAT_VERSION}`);
}

function cleaned(raw: Record<string, unknown>, clean: (text: string) => string) {
  try {
    return cleanRecord(raw, clean);
  } catch (error) {
    if (error instanceof TooDeep) throw new BadRecord(`nested deeper than ${MOST_LEVELS} levels`);
    throw error;
  }
}

/** The first problem: `sightings.0.line: Invalid input: expected number`. */
function problemOf(error: z.$ZodError): string {
  const issue = error.issues[0];
  if (!issue) return "no record";
  return truncate(`${issue.path.join(".")}: ${issue.message}`, 200);
}
