import type { Observed } from "../error/model.ts";
import { truncate } from "../kernel/text.ts";
import type { KeptCall, NewDocument, PassageRow, StoredDocument } from "../search/model.ts";
import type { Tombstones } from "../search/tombstones.ts";
import type { Exchange, Passage, ToolCall } from "../transcript/model.ts";
import { type ToldExchange, withoutInsights } from "./gather.ts";

/** Between two messages in a document's body. */
const BREAK = "\n\n";

/** Characters kept of what a tool that succeeded gave back: enough to see what it was. */
const GOOD_OUTPUT_CHARS = 400;

/** Characters of tool text that are searched in one exchange. */
const TOOL_TEXT_CHARS = 16_000;

/** What an exchange's document keeps beside its text. */
export interface ExchangeDetail {
  readonly cwd?: string;
  readonly model?: string;
  readonly ended_at: number;
  readonly usage: Exchange["usage"];
  readonly context_tokens: number;
  readonly tools?: readonly KeptCall[];
}

/** A redacted exchange: its document, and the assistant's messages to look for insights in. */
export interface Remembered {
  readonly document: NewDocument;
  readonly answers: readonly { readonly uuid: string; readonly text: string }[];
}

/**
 * Makes the document of an exchange. This is where a conversation enters the store, so every text
 * of it passes `clean`, the redaction, here.
 */
export function remember(
  exchange: Exchange,
  { projectKey, clean }: { projectKey: string; clean: (text: string) => string },
): Remembered {
  const passages = exchange.passages.map((passage) => ({ ...passage, text: clean(passage.text) }));
  const { body, rows } = join(passages);
  const calls = exchange.tools.map((call) => keep(call, clean));
  const files = calls.flatMap((call) => call.files ?? []);
  const detail: ExchangeDetail = {
    ...(exchange.cwd ? { cwd: clean(exchange.cwd) } : {}),
    ...(exchange.model ? { model: clean(exchange.model) } : {}),
    ended_at: exchange.endedAt,
    usage: exchange.usage,
    context_tokens: exchange.contextTokens,
    ...(calls.length > 0 ? { tools: calls } : {}),
  };
  return {
    document: {
      id: exchange.id,
      kind: "exchange",
      projectKey,
      sessionId: exchange.sessionId,
      agentId: exchange.agentId,
      branch: exchange.branch ? clean(exchange.branch) : undefined,
      at: exchange.startedAt,
      body,
      passages: rows,
      tools: toolText(calls),
      detail,
      files,
    },
    answers: passages.filter(({ role }) => role === "assistant"),
  };
}

/** An exchange as it would be read back if it were stored. */
export function toldExchange(exchange: Exchange, clean: (text: string) => string): ToldExchange {
  const { document } = remember(exchange, { projectKey: "", clean });
  const { id, agentId, branch, body, passages = [], detail } = document;
  return {
    ...{ id, body, passages, detail },
    ...(agentId === undefined ? {} : { agentId }),
    ...(branch === undefined ? {} : { branch }),
  };
}

/** A stored exchange as the search for fixes looks at it. */
export function observed(document: StoredDocument): Observed {
  const last = document.passages.findLast(([, role]) => role === "assistant");
  return {
    documentId: document.id,
    at: document.at,
    calls: (document.detail as ExchangeDetail | undefined)?.tools ?? [],
    answer: last ? withoutInsights(document.body.slice(last[2], last[3])) : "",
  };
}

function join(passages: readonly Passage[]): { body: string; rows: PassageRow[] } {
  const rows: PassageRow[] = [];
  let body = "";
  for (const { uuid, role, text } of passages) {
    if (text === "") continue;
    if (body !== "") body += BREAK;
    rows.push([uuid, role, body.length, body.length + text.length]);
    body += text;
  }
  return { body, rows };
}

function keep(call: ToolCall, clean: (text: string) => string): KeptCall {
  const output = clean(call.output);
  return {
    name: clean(call.name),
    ...(call.command ? { command: clean(call.command) } : {}),
    ...(call.files.length > 0
      ? { files: call.files.map(({ path, action }) => ({ path: clean(path), action })) }
      : {}),
    ...(call.input ? { input: clean(call.input) } : {}),
    ...(call.message ? { message: call.message } : {}),
    ...(call.failed === undefined ? {} : { failed: call.failed }),
    ...(output ? { output: call.failed ? output : truncate(output, GOOD_OUTPUT_CHARS) } : {}),
    ...(call.outputHash ? { output_hash: call.outputHash } : {}),
  };
}

/** What is searched of the calls: commands, paths, and what the failed ones said. Each once. */
export function toolText(calls: readonly KeptCall[]): string {
  const parts = new Set<string>();
  for (const { command, files, failed, output } of calls) {
    if (command) parts.add(command);
    for (const { path } of files ?? []) parts.add(path);
    if (failed && output) parts.add(output);
  }
  return truncate([...parts].join("\n"), TOOL_TEXT_CHARS);
}

/**
 * `document` with the messages that an earlier reading stored and this one no longer has: a
 * transcript that shrank takes nothing away. Their text stands where it stood, new text after it.
 */
export function withStored(document: NewDocument, stored: StoredDocument): NewDocument {
  const now = new Map(
    (document.passages ?? []).map(([uuid, role, start, end]) => [
      uuid,
      { uuid, role: role as Passage["role"], text: document.body.slice(start, end) },
    ]),
  );
  if (stored.passages.every(([uuid]) => now.has(uuid))) return document;
  const merged = stored.passages.map(([uuid, role, start, end]) => {
    const passage = now.get(uuid);
    now.delete(uuid);
    return passage ?? { uuid, role: role as Passage["role"], text: stored.body.slice(start, end) };
  });
  const { body, rows } = join([...merged, ...now.values()]);
  const tools = (document.tools ?? "").length >= stored.tools.length;
  return {
    ...document,
    body,
    passages: rows,
    ...(tools ? {} : { tools: stored.tools, detail: stored.detail }),
  };
}

/**
 * The exchange without the messages that were forgotten, and without its calls where there are any:
 * they belong to those. Undefined when nothing is left, and where the message that opened it is gone:
 * what a forgotten exchange goes on with is forgotten too.
 */
export function withoutForgotten(
  exchange: Exchange,
  tombstones: Pick<Tombstones, "isEmpty" | "has">,
): Exchange | undefined {
  if (tombstones.isEmpty()) return exchange;
  if (tombstones.has("message", exchange.id)) return undefined;
  const passages = exchange.passages.filter(({ uuid }) => !tombstones.has("message", uuid));
  const first = passages[0];
  if (passages.length === exchange.passages.length) return exchange;
  if (!first || exchange.passages[0]?.uuid !== first.uuid) return undefined;
  return { ...exchange, passages, tools: [] };
}

/**
 * The exchange without the messages that another document already tells (a fork copies them);
 * undefined when nothing new is left. What is left of a copied one is a document of its own.
 */
export function withoutCopies(
  exchange: Exchange,
  ownerOf: (uuid: string) => { id: string; sessionId: string | undefined } | undefined,
): Exchange | undefined {
  const isOwn = ({ uuid }: Passage) => {
    const owner = ownerOf(uuid);
    return !owner || (owner.sessionId === exchange.sessionId && owner.id === exchange.id);
  };
  const [head] = exchange.passages;
  // A fork copies from the start: where the first message is new, all are, and one look-up tells.
  if (!head || !ownerOf(head.uuid)) return exchange;
  const passages = exchange.passages.filter(isOwn);
  if (passages.length === exchange.passages.length) return exchange;
  const first = passages[0];
  if (!first) return undefined;
  const isHead = first.uuid === exchange.id;
  return { ...exchange, id: isHead ? exchange.id : first.uuid, passages };
}
