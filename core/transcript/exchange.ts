import { leftPrivate } from "../kernel/redact-private.ts";
import { Draft, type Source } from "./draft.ts";
import type { Copied, Exchange } from "./model.ts";
import { type Prompt, promptOf, queuedPromptOf } from "./prompt.ts";
import { blocks, identifier, type Row, record, text, uuidOf } from "./rows.ts";
import { callOf, resultOf } from "./tool.ts";

/** Where a row lies. */
export interface RowPlace {
  /** Byte at which its line starts. */
  readonly at: number;
  /** Whether this pass is the first to read it. */
  readonly isFresh: boolean;
  /** Epoch ms: the last readable time before it. */
  readonly timeBefore: number | undefined;
}

/** When a long exchange is cut, so that reading it again stays cheap. */
export interface PartLimits {
  /** Kept characters of answers and tools after which the next API message begins a new part. */
  readonly partChars: number;
  /** Bytes of the file from the first answer after which it does so, whatever is kept. */
  readonly partBytes: number;
}

/** A call whose result is still to come. */
interface Pending {
  readonly draft: Draft;
  readonly place: number;
}

/** Words of an API message, which come in several rows. */
interface Said {
  readonly place: number;
  /** The block that said them. */
  readonly block: unknown;
  readonly words: string;
  /** Tags of the `<private>` blocks that its earlier words left open. */
  readonly inside: string;
}

/** Model of the rows that the client wrote in a model's place. */
const SYNTHETIC = "<synthetic>";

/** A subagent's rows in its parent's file that do not say whose they are (before 2.1). */
const UNNAMED_AGENT = "sidechain";

/**
 * Puts rows together into exchanges, in file order and without following parents.
 *
 * It works in segments: everything gathered belongs to the open one, and of the earlier ones only
 * `timeBefore` and `copied` are needed to read it. So a pass that is given these may begin at any
 * segment's first byte and finds the same.
 */
export class ExchangeAssembler {
  readonly #source: Source;
  readonly #limits: PartLimits;
  readonly #onExchange: (exchange: Exchange) => void;
  /** By agent, `""` being the file's own voice. */
  readonly #drafts = new Map<string, Draft>();
  readonly #pending = new Map<string, Pending>();
  readonly #seen = new Set<string>();
  /** Messages of the segment, with what they said last. */
  readonly #messages = new Map<string, Said | undefined>();
  #kept = 0;
  #opening: RowPlace | undefined;
  #copied: Copied | undefined;
  /** First byte of the segment's first answer: a prompt, however long, stays with its answer. */
  #answersAt: number | undefined;

  constructor(source: Source, limits: PartLimits, onExchange: (exchange: Exchange) => void) {
    this.#source = source;
    this.#limits = limits;
    this.#onExchange = onExchange;
  }

  /** Where the open segment begins; undefined when nothing is open. */
  get opening(): RowPlace | undefined {
    return this.#opening;
  }

  /** The last exchange before the open segment that was copied from another conversation. */
  get copied(): Copied | undefined {
    return this.#copied;
  }

  /** Goes on where `copied` was what another assembler had seen. */
  resume(copied: Copied | undefined): void {
    this.#copied = copied;
  }

  /** Takes the next row of the file, whatever it is. */
  take(row: Row, place: RowPlace): void {
    const type = row["type"];
    if (type === "user") this.#user(row, place);
    else if (type === "assistant") this.#assistant(row, place);
    else if (type === "attachment") this.#prompt(row, place, queuedPromptOf(row));
  }

  /** Hands out what is gathered and forgets it. */
  flush(): void {
    for (const draft of this.#drafts.values()) this.#emit(draft);
    this.#drafts.clear();
    this.#pending.clear();
    this.#seen.clear();
    this.#messages.clear();
    this.#kept = 0;
    this.#opening = undefined;
    this.#answersAt = undefined;
  }

  #user(row: Row, place: RowPlace): void {
    for (const block of blocks(record(row["message"])?.["content"])) {
      if (block["type"] === "tool_result") this.#result(row, block, place);
    }
    this.#prompt(row, place, promptOf(row, this.#agentOf(row) !== undefined));
  }

  #prompt(row: Row, place: RowPlace, prompt: Prompt | undefined): void {
    const uuid = uuidOf(row);
    if (prompt === undefined || this.#seen.has(uuid)) return;
    const voice = this.#voiceOf(row);
    if (voice === "") {
      this.#drafts.get("")?.followedBy(row, this.#copied, place.isFresh);
      this.flush();
    }
    const draft = this.#open(voice, row, place);
    draft.prompt(uuid, prompt.text, prompt.isCommand);
    this.#note(draft, row, place);
  }

  #assistant(row: Row, place: RowPlace): void {
    const message = record(row["message"]);
    // The client's own words come as if a model had said them.
    if (!message || row["isApiErrorMessage"] === true || message["model"] === SYNTHETIC) {
      this.#drafts.get(this.#voiceOf(row))?.leaveOpen();
      return;
    }
    const uuid = uuidOf(row);
    if (this.#seen.has(uuid)) return;
    const id = identifier(message["id"]) ?? uuid;
    if (!this.#messages.has(id) && this.#isFull(place)) this.flush();
    this.#answersAt ??= place.at;
    const voice = this.#voiceOf(row);
    const draft = this.#drafts.get(voice) ?? this.#open(voice, row, place);
    this.#note(draft, row, place);
    draft.message(id, message);
    this.#words(draft, { uuid, id, row, message });
    for (const block of blocks(message["content"])) {
      if (block["type"] === "tool_use") this.#call(draft, block, uuid);
    }
  }

  #words(draft: Draft, said: { uuid: string; id: string; row: Row; message: Row }): void {
    const { uuid, id, row, message } = said;
    const words = blocks(message["content"])
      .flatMap((block) => (block["type"] === "text" ? (text(block["text"])?.trim() ?? []) : []))
      .filter((part) => part !== "")
      .join("\n\n");
    const before = this.#messages.get(id);
    if (words === "") {
      if (before === undefined) this.#messages.set(id, undefined);
      return;
    }
    const block = row["apiBlockIndex"];
    // Old clients wrote a growing message again and again; new ones write each block once.
    const isSnapshot = before !== undefined && (block === undefined || block === before.block);
    if (isSnapshot && draft.extend(before.place, before.inside + words)) {
      this.#messages.set(id, { ...before, words: before.inside + words });
      return;
    }
    const inside = before === undefined ? "" : leftPrivate(before.words);
    const place = draft.answer(uuid, inside + words);
    this.#messages.set(id, { place, block, words: inside + words, inside });
    this.#kept += words.length;
  }

  #call(draft: Draft, block: Row, message: string): void {
    const call = callOf(block, message);
    if (call === undefined) return;
    const id = identifier(block["id"]);
    const known = id === undefined ? undefined : this.#pending.get(id);
    const place = draft.call(call, known?.draft === draft ? known.place : undefined);
    if (id !== undefined) this.#pending.set(id, { draft, place });
    this.#kept += (call.command?.length ?? 0) + (call.input?.length ?? 0);
  }

  #result(row: Row, block: Row, place: RowPlace): void {
    const id = identifier(block["tool_use_id"]);
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (id === undefined || pending === undefined) return;
    this.#pending.delete(id);
    const result = resultOf(block, row["toolUseResult"]);
    pending.draft.result(pending.place, result);
    this.#note(pending.draft, row, place);
    this.#kept += result.output.length;
  }

  #open(voice: string, row: Row, place: RowPlace): Draft {
    const former = this.#drafts.get(voice);
    if (former) this.#emit(former);
    const agentId = this.#agentOf(row);
    const source = agentId === undefined ? this.#source : { ...this.#source, agentId };
    const draft = new Draft(source, row, place.timeBefore);
    // Again at the end of the map: what opened later is handed out later.
    this.#drafts.delete(voice);
    this.#drafts.set(voice, draft);
    this.#opening ??= place;
    return draft;
  }

  #note(draft: Draft, row: Row, { isFresh }: RowPlace): void {
    this.#seen.add(uuidOf(row));
    draft.touch(row, isFresh);
  }

  #emit(draft: Draft): void {
    this.#copied = draft.copied ?? this.#copied;
    const exchange = draft.exchange();
    if (exchange) this.#onExchange(exchange);
  }

  /** A part ends where no result is awaited; at twice its size it ends all the same. */
  #isFull({ at }: RowPlace): boolean {
    const { partChars, partBytes } = this.#limits;
    const read = at - (this.#answersAt ?? at);
    const parts = Math.max(this.#kept / partChars, read / partBytes);
    return parts >= (this.#pending.size === 0 ? 1 : 2);
  }

  #agentOf(row: Row): string | undefined {
    if (this.#source.agentId !== undefined) return this.#source.agentId;
    if (row["isSidechain"] !== true) return undefined;
    return identifier(row["agentId"]) ?? UNNAMED_AGENT;
  }

  #voiceOf(row: Row): string {
    return this.#source.agentId === undefined ? (this.#agentOf(row) ?? "") : "";
  }
}
