import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectSlug } from "../../core/transcript/slug.ts";

type Json = Record<string, unknown>;

/** How a session of the client is written down. */
export interface TranscriptOptions {
  readonly sessionId?: string;
  readonly cwd?: string;
  readonly branch?: string;
  /** Epoch ms of the first row; each row comes one second later. Default 2026-01-02T03:04:05Z. */
  readonly start?: number;
  /** What the client writes beside the conversation: nothing, a row of each kind, or its real sizes. */
  readonly noise?: "none" | "small" | "full";
  /** Makes it the file of a subagent of this session. */
  readonly agentId?: string;
}

/** Tokens as the API reports them; all four default to small numbers. */
export interface UsageOptions {
  readonly input?: number;
  readonly output?: number;
  readonly cacheCreation?: number;
  readonly cacheRead?: number;
}

/** One tool call with its result. */
export interface ToolOptions {
  readonly name: string;
  readonly input: Json;
  readonly output?: string | readonly Json[];
  readonly isError?: boolean;
  /** The result row's `toolUseResult`; default an object as Bash gives it. */
  readonly toolUseResult?: unknown;
}

/** First row's time where none is given: 2026-01-02T03:04:05Z. */
export const TRANSCRIPT_START = Date.UTC(2026, 0, 2, 3, 4, 5);

const VERSION = "2.1.330";
const MODEL = "claude-opus-5-5";
/** Sizes of one session's large rows, in characters, measured on Claude Code 2.1.330. */
const SIZES = {
  small: { skills: 200, snapshot: 400, shape: 300, blob: 200 },
  full: { skills: 6_200, snapshot: 55_000, shape: 38_000, blob: 9_500 },
} as const;

/**
 * Writes a session's transcript row by row in the client's present format: one row for each content
 * block, the envelope on every chain row, and the rows that are no conversation around each turn.
 * Ids are made from the session's, so the same calls give the same bytes.
 */
export class Transcript {
  readonly sessionId: string;
  readonly agentId: string | undefined;
  readonly cwd: string;
  readonly lines: string[] = [];
  readonly #branch: string;
  readonly #noise: "none" | "small" | "full";
  #time: number;
  #count = 0;
  #messages = 0;
  #parent: string | null = null;

  constructor(options: TranscriptOptions = {}) {
    this.sessionId = options.sessionId ?? "0d6f1f6a-0000-4000-8000-000000000001";
    this.agentId = options.agentId;
    this.cwd = options.cwd ?? "/home/dev/auth-service";
    this.#branch = options.branch ?? "main";
    this.#noise = options.noise ?? "none";
    this.#time = options.start ?? TRANSCRIPT_START;
  }

  /** A prompt typed by the person, or the task that a subagent is given. @returns its row's uuid. */
  prompt(content: string | readonly Json[], extra: Json = {}): string {
    if (this.#noise !== "none") this.#beforePrompt(content);
    const uuid = this.chain("user", {
      message: { role: "user", content },
      ...(this.agentId ? {} : { promptSource: "user", permissionMode: "default" }),
      ...extra,
    });
    if (this.#noise !== "none") this.#afterPrompt(content);
    return uuid;
  }

  /** A slash command: what was typed, then the client's own row with the expanded body. */
  command(name: string, args = ""): string {
    const uuid = this.chain("user", {
      message: {
        role: "user",
        content: `<command-message>${name}</command-message>\n<command-name>/${name}</command-name>\n<command-args>${args}</command-args>`,
      },
    });
    this.chain("user", {
      isMeta: true,
      message: {
        role: "user",
        content: [{ type: "text", text: `The expanded body of /${name}.` }],
      },
    });
    return uuid;
  }

  /** A prompt typed while the model still worked. */
  queued(prompt: string): string {
    return this.attachment("queued_command", { prompt, commandMode: "prompt" });
  }

  /** One API message, a row for each block. @returns the uuids of its rows. */
  message(content: readonly Json[], usage: UsageOptions = {}, extra: Json = {}): string[] {
    const id = `msg_${this.sessionId.slice(0, 8)}${this.agentId ?? ""}_${++this.#messages}`;
    return content.map((block, apiBlockIndex) =>
      this.chain("assistant", {
        message: {
          id,
          type: "message",
          role: "assistant",
          model: MODEL,
          content: [block],
          stop_reason: content.some((each) => each["type"] === "tool_use")
            ? "tool_use"
            : "end_turn",
          usage: apiUsage(usage),
        },
        requestId: `req_${id}`,
        apiBlockIndex,
        requestedModel: MODEL,
        madeBy: "model",
        ...extra,
      }),
    );
  }

  /** An answer in words. @returns its row's uuid. */
  answer(words: string, usage: UsageOptions = {}): string {
    const [uuid = ""] = this.message([{ type: "text", text: words }], usage);
    if (this.#noise !== "none") this.#afterAnswer();
    return uuid;
  }

  /** A message of thinking, words and one call, and the call's result. @returns the call's id. */
  tool(call: ToolOptions, words = "", usage: UsageOptions = {}): string {
    const id = `toolu_${this.sessionId.slice(0, 8)}${this.agentId ?? ""}_${this.#messages}`;
    this.message(
      [
        { type: "thinking", thinking: "A thought that is never kept.", signature: "c2ln" },
        ...(words === "" ? [] : [{ type: "text", text: words }]),
        { type: "tool_use", id, name: call.name, input: call.input },
      ],
      usage,
    );
    this.result(id, call);
    return id;
  }

  /** The result of the call `id`. */
  result(
    id: string,
    { output = "", isError = false, toolUseResult }: Omit<ToolOptions, "name" | "input">,
  ): string {
    return this.chain("user", {
      message: {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: id,
            content: output,
            ...(isError ? { is_error: true } : {}),
          },
        ],
      },
      toolUseResult: toolUseResult ?? { stdout: output, stderr: "", interrupted: false },
      sourceToolAssistantUUID: this.#parent,
    });
  }

  /** The client's compaction of what came before. */
  compact(summary = "This session is being continued from a previous conversation."): void {
    this.chain("system", {
      subtype: "compact_boundary",
      parentUuid: null,
      logicalParentUuid: this.#parent,
      compactMetadata: { trigger: "auto", preTokens: 150_000, postTokens: 9_000 },
    });
    this.chain("user", {
      isCompactSummary: true,
      isVisibleInTranscriptOnly: true,
      message: { role: "user", content: summary },
    });
  }

  /** An attachment row of the given kind. */
  attachment(type: string, fields: Json = {}): string {
    return this.chain("attachment", {
      attachment: { type, ...fields },
      rendered: [{ content: `<system-reminder>${type}</system-reminder>` }],
    });
  }

  /** A row of the conversation's chain with its envelope. @returns its uuid. */
  chain(type: string, fields: Json): string {
    const uuid = this.#nextUuid();
    this.row({
      parentUuid: this.#parent,
      isSidechain: this.agentId !== undefined,
      ...(this.agentId === undefined ? {} : { agentId: this.agentId }),
      type,
      uuid,
      timestamp: new Date(this.#tick()).toISOString(),
      userType: "external",
      entrypoint: "cli",
      cwd: this.cwd,
      sessionId: this.sessionId,
      version: VERSION,
      gitBranch: this.#branch,
      ...fields,
    });
    this.#parent = uuid;
    return uuid;
  }

  /** Any row as it is. */
  row(row: Json): this {
    return this.raw(JSON.stringify(row));
  }

  /** Any line as it is, JSON or not. */
  raw(line: string): this {
    this.lines.push(line);
    return this;
  }

  /** What `--fork-session` makes: every chain row copied, only the session id another. */
  fork(sessionId: string): Transcript {
    const copy = new Transcript({
      sessionId,
      cwd: this.cwd,
      branch: this.#branch,
      start: this.#time,
    });
    for (const line of this.lines) {
      const row: Json = JSON.parse(line);
      if (row["uuid"] === undefined) continue;
      copy.row({ ...row, sessionId, requestSessionId: this.sessionId });
    }
    copy.#parent = this.#parent;
    copy.#messages = this.#messages;
    return copy;
  }

  /** The file's text, every line ended. */
  text(): string {
    return this.lines.map((line) => `${line}\n`).join("");
  }

  /** Path below the client's `projects` folder. */
  path(projectsDir: string): string {
    const folder = join(projectsDir, projectSlug(this.cwd));
    return this.agentId === undefined
      ? join(folder, `${this.sessionId}.jsonl`)
      : join(folder, this.sessionId, "subagents", `agent-${this.agentId}.jsonl`);
  }

  /** Writes the file where the client would. @returns its path. */
  writeTo(projectsDir: string): string {
    const path = this.path(projectsDir);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, this.text(), { mode: 0o600 });
    return path;
  }

  #beforePrompt(content: string | readonly Json[]): void {
    const operation = { type: "queue-operation", sessionId: this.sessionId };
    const timestamp = new Date(this.#time).toISOString();
    this.row({ ...operation, operation: "enqueue", timestamp, content });
    this.row({ ...operation, operation: "dequeue", timestamp });
  }

  #afterPrompt(content: string | readonly Json[]): void {
    const { sessionId } = this;
    const sizes = SIZES[this.#noise === "full" ? "full" : "small"];
    this.attachment("environment", { snapshot: { workingDirectory: this.cwd, platform: "linux" } });
    this.attachment("skill_listing", { content: filler(sizes.skills), skillCount: 13 });
    this.attachment("hook_success", { hookEvent: "SessionStart", stdout: "", exitCode: 0 });
    this.attachment("prompt_snapshot", { systemPrompt: [filler(sizes.snapshot)] });
    this.row({ type: "api-request-shape", sessionId, shape: { system: filler(sizes.shape) } });
    this.row({
      type: "api-request-blob",
      sessionId,
      hash: "d9e6",
      message: { role: "user", content },
    });
    this.row({ type: "api-request-blob", sessionId, message: { content: filler(sizes.blob) } });
    this.row({ type: "api-request", sessionId, params: { model: MODEL }, keep: 0 });
    this.row({ type: "last-prompt", sessionId, lastPrompt: content, leafUuid: this.#parent });
  }

  #afterAnswer(): void {
    const { sessionId } = this;
    this.row({ type: "file-history-snapshot", messageId: this.#parent, snapshot: {} });
    this.row({ type: "cost-state", sessionId, totalCostUSD: 0.0009, modelUsage: {} });
    this.row({ type: "mode", mode: "normal", sessionId });
  }

  #tick(): number {
    const time = this.#time;
    this.#time += 1_000;
    return time;
  }

  #nextUuid(): string {
    this.#count += 1;
    const seed = `${this.sessionId}/${this.agentId ?? ""}/${this.#count}`;
    const hex = new Bun.CryptoHasher("sha256").update(seed).digest("hex");
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      `8${hex.slice(17, 20)}`,
      hex.slice(20, 32),
    ].join("-");
  }
}

function apiUsage({
  input = 10,
  output = 20,
  cacheCreation = 5,
  cacheRead = 100,
}: UsageOptions): Json {
  return {
    input_tokens: input,
    output_tokens: output,
    cache_creation_input_tokens: cacheCreation,
    cache_read_input_tokens: cacheRead,
    service_tier: "standard",
  };
}

const FILLER =
  'Use the tools you are given; never guess a path.\n\t- "Read" before Edit — always.\n';

function filler(chars: number): string {
  return FILLER.repeat(Math.ceil(chars / FILLER.length)).slice(0, chars);
}
