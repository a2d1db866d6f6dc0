/** What one message of a conversation said, in the order of the file. */
export interface Passage {
  /** Row uuid in the transcript: the same in every fork that copied the row. */
  readonly uuid: string;
  readonly role: "user" | "assistant";
  readonly text: string;
}

/** Characters kept of a tool result: the first 1,500 and the last 500, a mark of what is left out between. */
export const TOOL_OUTPUT_CHARS = 2_000;

/** Characters kept of the text that a tool call wrote. */
export const TOOL_INPUT_CHARS = 4_000;

/** How a tool call touched a file. */
export type FileAction = "read" | "edit" | "write";

/** One tool call with what is kept of its result. */
export interface ToolCall {
  readonly name: string;
  /** Paths named by the call's input, as written there. */
  readonly files: readonly { readonly path: string; readonly action: FileAction }[];
  /** Shell command line, for tools that run one. */
  readonly command?: string;
  /** Head of the text that the call wrote into a file, at most `TOOL_INPUT_CHARS` characters. */
  readonly input?: string;
  /** Uuid of the message that made the call, where `input` is kept: whose text that is. */
  readonly message?: string;
  /** Whether the result said that the call failed; undefined while no result was seen. */
  readonly failed?: boolean;
  /** The result's text; of a long one head and tail, `TOOL_OUTPUT_CHARS` characters and a mark. */
  readonly output: string;
  /** SHA-256 hex of the whole result text, so that a repeat is known without keeping it. */
  readonly outputHash?: string;
}

/** Tokens billed, summed once per API message. */
export interface TokenUsage {
  readonly input: number;
  readonly output: number;
  readonly cacheCreation: number;
  readonly cacheRead: number;
}

/**
 * What the person asked and all that was answered until they spoke again.
 * The unit that is stored, searched and cited. A very long one comes in parts: only the first has
 * the prompt, each is an exchange of its own.
 */
export interface Exchange {
  /** Uuid of the row that opened it or its part; a fork's copy has the same. */
  readonly id: string;
  readonly sessionId: string;
  /** Set when a subagent spoke. */
  readonly agentId?: string;
  /** Folder the client worked in, from the row: never decoded from the file's name. */
  readonly cwd?: string;
  /** Missing where the row names none, or `HEAD` for a detached one. */
  readonly branch?: string;
  /** Model of its last API message. */
  readonly model?: string;
  /**
   * Epoch ms; where no row of the exchange has a readable time, the last one before it in the file,
   * else the file's modification time.
   */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly passages: readonly Passage[];
  readonly tools: readonly ToolCall[];
  readonly usage: TokenUsage;
  /** Tokens in the context at its last API message: input and both caches. */
  readonly contextTokens: number;
}

/** Where a title comes from, the strongest first: a later title replaces an equal or weaker one. */
export const TITLE_SOURCES = ["custom", "ai", "summary"] as const;
export type TitleSource = (typeof TITLE_SOURCES)[number];

/** Facts of a session that stand outside its exchanges, from the rows newly read. */
export interface SessionFacts {
  readonly title?: string;
  readonly titleSource?: TitleSource;
  /** Compactions among the rows newly read: add them to what earlier passes found. */
  readonly compactions: number;
}

/** What one pass over a file counted. */
export interface ReadCounts {
  /** JSON objects newly read, of every type. */
  readonly rows: number;
  /** Non-empty lines that are not one JSON object, even when something was salvaged. */
  readonly badRows: number;
  /** Objects of a type that no list of ours names. */
  readonly unknownRows: number;
}

/** Where a pass stopped, so that the next one begins there. Opaque to everyone but `tail.ts`. */
export interface FileCursor {
  readonly device: number;
  readonly inode: number;
  /** Bytes read to the last newline. */
  readonly offset: number;
  /** Start of the exchange that was still open there: reading begins again at this byte. */
  readonly resumeAt: number;
  /** SHA-256 hex over the first `prefixBytes` of the file and the last bytes before `offset`. */
  readonly prefixHash: string;
  readonly prefixBytes: number;
  readonly modifiedAt: number;
  /** Bytes of the file then; only `offset` where the pass stopped short of its end. */
  readonly size: number;
  /** What the rows before `resumeAt` told of those behind it. */
  readonly before?: Before;
}

/** What is known of a row from those before it in its file. */
export interface Before {
  /** Epoch ms: the last readable time. */
  readonly time?: number;
  /** The last exchange that was copied from another conversation. */
  readonly copied?: Copied;
}

/** Where a copied exchange came from. The client gives all prompts of one copy the same prompt id. */
export interface Copied {
  readonly promptId: string;
  /** The conversation that had it first. */
  readonly sessionId: string;
}
