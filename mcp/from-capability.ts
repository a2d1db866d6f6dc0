import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { type Entry, entriesOf, findEntry } from "../core/capabilities.ts";
import type { Profile } from "../core/kernel/config.ts";
import { SbError } from "../core/kernel/errors.ts";
import type { Logger } from "../core/kernel/ports.ts";
import { nearest } from "../core/kernel/suggest.ts";
import { truncate } from "../core/kernel/text.ts";
import type { Services } from "../core/services.ts";

/** What a call needs besides its parameters. */
export interface CallContext {
  /** The services, opened at the first call. */
  readonly services: () => Promise<Services>;
  readonly profile: Profile;
  readonly log: Logger;
}

/**
 * Answers `tools/call`. `params` is what the client sent, unchecked. Whatever fails is a result
 * with `isError`, so that the model reads why: `code: message (hint)`, or `internal: message` for
 * a fault of ours, whose stack goes to the log.
 */
export async function callTool(params: unknown, context: CallContext): Promise<CallToolResult> {
  const { name, arguments: given } = asRecord(params);
  try {
    const entry = offered(name, context.profile);
    const capability = await entry.load();
    const output = await capability.call(await context.services(), given);
    // The client shows the model only the structured part, so both hold the whole answer.
    return {
      content: [{ type: "text", text: JSON.stringify(output) }],
      structuredContent: output,
    };
  } catch (error) {
    if (!(error instanceof SbError)) context.log.error(`tool ${show(name)}: ${stackOf(error)}`);
    return { content: [{ type: "text", text: failureText(error) }], isError: true };
  }
}

/** A failure in one line, as every client of the server sees it. */
export function failureText(error: unknown): string {
  if (error instanceof SbError) {
    return `${error.code}: ${error.message}${error.hint ? ` (${error.hint})` : ""}`;
  }
  return `internal: ${error instanceof Error ? error.message : String(error)}`;
}

/** A failure with where it happened, for the log. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** `value` where it is an object, else one without keys. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? (value as Record<string, unknown>) : {};
}

function offered(name: unknown, profile: Profile): Entry {
  if (typeof name !== "string") {
    throw new SbError("invalid_input", "tools/call needs the name of a tool");
  }
  const entries = entriesOf(profile);
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry) return entry;
  const elsewhere = findEntry(name);
  const hint = elsewhere
    ? `it is in profile ${elsewhere.profile}: start the server with --profile ${elsewhere.profile}`
    : slipOf(name, entries);
  throw new SbError("invalid_input", `unknown tool ${show(name)}`, hint ? { hint } : {});
}

function show(name: unknown): string {
  return truncate(String(name), 64);
}

function slipOf(name: string, entries: readonly Entry[]): string | undefined {
  const meant = nearest(
    name,
    entries.map((entry) => entry.name),
  );
  return meant && `did you mean ${meant}`;
}
