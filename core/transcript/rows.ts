import { redact } from "../kernel/redact.ts";
import { sha256 } from "../kernel/text.ts";
/** One record of a transcript: an object of which nothing is sure but that it is one. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * Every row type of Claude Code 2.1.330's loader. A type beyond this list is counted as unknown,
 * so that a new format shows in the counts and not in silence.
 */
const KNOWN_TYPES: ReadonlySet<unknown> = new Set([
  ...["user", "assistant", "system", "attachment", "progress", "summary", "tag", "mode"],
  ...["file-history-snapshot", "file-history-delta", "last-prompt", "custom-title", "ai-title"],
  ...["agent-name", "agent-color", "agent-setting", "permission-mode", "repl-mode", "pr-link"],
  ...["queue-operation", "continued-in", "relocated", "worktree-state", "cost-state", "tools-used"],
  ...["content-replacement", "fork-context-ref", "frame-link", "observer-ref"],
  ...["attribution-snapshot", "bridge-session", "history-suppression", "memory-mode"],
  ...["isolation-latch", "session-owner", "hybrid-organization", "derived-from"],
  ...["data-flow-records", "data-flow-incomplete", "dev-mods", "atis-latch"],
  ...["artifact-comment-monitor", "artifact-autoreact-ledger", "ended-by-model"],
  ...["resume-head-vouch", "host-row"],
  ...["api-request", "api-request-shape", "api-request-blob", "api-request-resumed"],
]);

/** Row types of which something is kept; all others are only counted. */
const READ_TYPES: ReadonlySet<unknown> = new Set([
  ...["user", "assistant", "system", "summary", "custom-title", "ai-title"],
]);

/** Whether the client's loader knows rows of this type. */
export function isKnown(row: Row): boolean {
  return KNOWN_TYPES.has(row["type"]);
}

/** Whether anything of this row is kept. */
export function isRead(row: Row): boolean {
  if (row["type"] === "attachment") return record(row["attachment"])?.["type"] === "queued_command";
  return READ_TYPES.has(row["type"]);
}

/** `value` when it is an object and no array. */
export function record(value: unknown): Row | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Row)
    : undefined;
}

/** Those of `values` that are objects. */
export function records(values: readonly unknown[]): Row[] {
  return values.map(record).filter((row) => row !== undefined);
}

/** `value` when it is a text with something in it, its lone surrogates replaced by U+FFFD. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value.toWellFormed() : undefined;
}

/** The blocks of a message's content; a plain text is one text block. */
export function blocks(content: unknown): Row[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content)) return [];
  return records(content);
}

/** Longest identifier taken as one; the client's are 36 characters. */
const ID_CHARS = 128;

/** The block's text; a mark such as `[image]` for a block that holds none by its nature. */
export function textOf(block: Row): string {
  const type = text(block["type"]) ?? "text";
  return text(block["text"]) ?? (type === "text" ? "" : `[${type.slice(0, ID_CHARS)}]`);
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * `value` when it can be an identifier. Identifiers are kept and shown as they are, so one with the
 * shape of a credential, or with other characters than the client's, is replaced by its hash.
 */
export function identifier(value: unknown): string | undefined {
  const id = text(value);
  if (id === undefined || id === "" || id.length > ID_CHARS) return undefined;
  return plainName(id);
}

/**
 * `name` as an identifier, whatever it is: the name of a file was chosen by whoever wrote the file.
 * One that cannot be shown, has the shape of a credential or is too long is replaced by its hash.
 */
export function plainName(name: string): string {
  if (UUID.test(name)) return name;
  const isPlain = name.length <= ID_CHARS && /^[\w.-]+$/.test(name);
  return isPlain && redact(name).text === name ? name : `x-${sha256(name).slice(0, 32)}`;
}

/** The row's uuid; one made from its content where a writer left it out, so that it stays the same. */
export function uuidOf(row: Row): string {
  const given = identifier(row["uuid"]);
  if (given !== undefined) return given;
  const hash = new Bun.CryptoHasher("sha256").update(JSON.stringify(row)).digest("hex");
  return `row-${hash.slice(0, 32)}`;
}
