import type { Copied, Exchange, Passage, TokenUsage, ToolCall } from "./model.ts";
import { identifier, type Row, record, text, uuidOf } from "./rows.ts";
import type { CallResult, OpenCall } from "./tool.ts";

/** Whose words a draft gathers, and what stands in where its rows say nothing. */
export interface Source {
  readonly sessionId: string;
  readonly agentId?: string;
  /** Epoch ms of the file's last change. */
  readonly modifiedAt: number;
}

/** 2015-01-01: no client wrote before, so an earlier time is a clock that was never set. */
const EARLIEST = Date.UTC(2015, 0, 1);
/** A time so far after the file's last change is no clock's skew. */
const FUTURE_REACH_MS = 366 * 24 * 60 * 60 * 1000;

/** An exchange that may still grow. */
export class Draft {
  readonly #source: Source;
  readonly #id: string;
  readonly #sessionId: string;
  /** The client's id of the submission that the prompt came with. */
  readonly #promptId: string | undefined;
  /** Epoch ms: the last readable time before the exchange. */
  readonly #timeBefore: number | undefined;
  /** The conversation that had a copied exchange first, as far as its own rows tell. */
  #origin: string | undefined;
  /** The conversation that the exchange was copied from, which may itself hold a copy. */
  #forkedFrom: string | undefined;
  readonly #passages: Passage[] = [];
  readonly #tools: (OpenCall & Partial<CallResult>)[] = [];
  /** By message id: the client repeats a message's usage in each of its rows, the last one counts. */
  readonly #usage = new Map<string, TokenUsage>();
  #lastMessage: TokenUsage | undefined;
  #cwd: string | undefined;
  #branch: string | undefined;
  #model: string | undefined;
  #startedAt: number | undefined;
  #endedAt: number | undefined;
  #isCommand = false;
  #isFresh = false;
  #isLeftOpen = false;
  #isForeign = false;

  constructor(source: Source, opening: Row, timeBefore: number | undefined) {
    this.#source = source;
    this.#id = uuidOf(opening);
    this.#sessionId = identifier(opening["sessionId"]) ?? source.sessionId;
    this.#promptId = identifier(opening["promptId"]);
    this.#timeBefore = timeBefore;
  }

  /** Where the exchange came from, if its rows or those before it tell. */
  get copied(): Copied | undefined {
    const [promptId, sessionId] = [this.#promptId, this.#origin];
    if (promptId === undefined || sessionId === undefined) return undefined;
    return this.#source.agentId === undefined ? { promptId, sessionId } : undefined;
  }

  /** Takes what every row of the exchange tells. `isFresh`: no earlier pass has read the row. */
  touch(row: Row, isFresh: boolean): void {
    this.#isFresh ||= isFresh;
    this.#cwd ??= text(row["cwd"]);
    const branch = text(row["gitBranch"]);
    if (branch !== "HEAD") this.#branch ??= branch;
    const time = timeOf(row["timestamp"], this.#source.modifiedAt);
    this.#startedAt ??= time;
    this.#endedAt = time ?? this.#endedAt;
    // Of the rows that a fork copied, a model's name the conversation that had them first.
    this.#origin = identifier(row["requestSessionId"]) ?? this.#origin;
    this.#forkedFrom ??= identifier(record(row["forkedFrom"])?.["sessionId"]);
  }

  /** Takes note that the client answered in the model's place. */
  leaveOpen(): void {
    this.#isLeftOpen = true;
  }

  /**
   * Takes the prompt behind this one. Where both have one prompt id, `--fork-session` copied the first
   * (Claude Code 2.1.330): where no model answered, nothing else says so. It comes from where the
   * exchange copied before it came from; of what came first of all only its own file tells.
   */
  followedBy(row: Row, copied: Copied | undefined, isFresh: boolean): void {
    const promptId = identifier(row["promptId"]);
    if (promptId === undefined || promptId !== this.#promptId) return;
    if (this.#source.agentId !== undefined || this.#origin !== undefined || this.#isAnswered()) {
      return;
    }
    if (copied?.promptId === promptId) {
      this.#origin = copied.sessionId;
      this.#isFresh ||= isFresh;
    } else if (this.#forkedFrom === undefined) this.#isForeign = this.#isLeftOpen;
  }

  /** Adds the person's words, which open the exchange. */
  prompt(uuid: string, words: string, isCommand: boolean): void {
    this.#passages.push({ uuid, role: "user", text: words });
    this.#isCommand = isCommand;
  }

  /** Adds the model's words. @returns their place among the passages. */
  answer(uuid: string, words: string): number {
    return this.#passages.push({ uuid, role: "assistant", text: words }) - 1;
  }

  /** Replaces words of the model by a later snapshot of the same message that begins with them. */
  extend(place: number, words: string): boolean {
    const passage = this.#passages[place];
    if (passage === undefined || !words.startsWith(passage.text)) return false;
    // The first uuid stays: with the last one, each pass would take the message for another.
    this.#passages[place] = { ...passage, text: words };
    return true;
  }

  /** Adds a call, or the fuller input of one already there. @returns its place among the calls. */
  call(call: OpenCall, place = this.#tools.length): number {
    const before = this.#tools[place];
    // The first message stays, as it does for what was said.
    this.#tools[place] = {
      ...before,
      ...call,
      ...(before?.message ? { message: before.message } : {}),
    };
    return place;
  }

  /** Adds the result of the call at `place`. */
  result(place: number, result: CallResult): void {
    const call = this.#tools[place];
    if (call !== undefined) this.#tools[place] = { ...call, ...result };
  }

  /** Takes model and usage of an API message. */
  message(id: string, message: Row): void {
    this.#model = text(message["model"]) ?? this.#model;
    const usage = usageOf(record(message["usage"]));
    if (usage === undefined) return;
    this.#usage.set(id, usage);
    this.#lastMessage = usage;
  }

  /** What has been gathered; undefined where no row is new, or nothing is worth keeping. */
  exchange(): Exchange | undefined {
    if (!this.#isFresh || this.#isForeign || this.#isEmpty()) return undefined;
    const startedAt = this.#startedAt ?? this.#timeBefore ?? this.#source.modifiedAt;
    const last = this.#lastMessage;
    return {
      id: this.#id,
      sessionId: this.#origin ?? this.#forkedFrom ?? this.#sessionId,
      ...(this.#source.agentId === undefined ? {} : { agentId: this.#source.agentId }),
      ...(this.#cwd === undefined ? {} : { cwd: this.#cwd }),
      ...(this.#branch === undefined ? {} : { branch: this.#branch }),
      ...(this.#model === undefined ? {} : { model: this.#model }),
      startedAt,
      endedAt: Math.max(startedAt, this.#endedAt ?? startedAt),
      passages: this.#passages,
      tools: this.#tools.map((call): ToolCall => ({ output: "", ...call })),
      usage: total(this.#usage.values()),
      contextTokens: last === undefined ? 0 : last.input + last.cacheCreation + last.cacheRead,
    };
  }

  #isEmpty(): boolean {
    if (this.#tools.length > 0 || this.#usage.size > 0) return false;
    return this.#passages.length <= (this.#isCommand ? 1 : 0);
  }

  #isAnswered(): boolean {
    if (this.#tools.length > 0 || this.#usage.size > 0) return true;
    return this.#passages.some(({ role }) => role === "assistant");
  }
}

function usageOf(usage: Row | undefined): TokenUsage | undefined {
  if (usage === undefined) return undefined;
  return {
    input: count(usage["input_tokens"]),
    output: count(usage["output_tokens"]),
    cacheCreation: count(usage["cache_creation_input_tokens"]),
    cacheRead: count(usage["cache_read_input_tokens"]),
  };
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function total(all: Iterable<TokenUsage>): TokenUsage {
  const sum = { input: 0, output: 0, cacheCreation: 0, cacheRead: 0 };
  for (const usage of all) {
    sum.input += usage.input;
    sum.output += usage.output;
    sum.cacheCreation += usage.cacheCreation;
    sum.cacheRead += usage.cacheRead;
  }
  return sum;
}

/** Epoch ms that a row's `timestamp` gives; undefined for none, and for one that cannot be. */
export function timeOf(value: unknown, modifiedAt: number): number | undefined {
  const time = typeof value === "string" ? Date.parse(value) : value;
  if (typeof time !== "number" || !Number.isFinite(time)) return undefined;
  return time >= EARLIEST && time <= modifiedAt + FUTURE_REACH_MS ? Math.trunc(time) : undefined;
}
