/** What one message of a conversation said, in the order of the file. */
export interface Passage {
  /** Row uuid in the transcript: the same in every fork that copied the row. */
  readonly uuid: string;
  readonly role: "user" | "assistant";
  readonly text: string;
}

/** How a tool call touched a file. */
export type FileAction = "read" | "write";

/** One tool call with what is kept of its result. */
export interface ToolCall {
  readonly name: string;
  /** Paths named by the call's input, as written there. */
  readonly files: readonly { readonly path: string; readonly action: FileAction }[];
  /** Shell command line, for tools that run one. */
  readonly command?: string;
  /** Whether the result said that the call failed; undefined while no result was seen. */
  readonly failed?: boolean;
  /** Head and tail of the result's text, at most `TOOL_OUTPUT_CHARS` characters. */
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
 * The unit that is stored, searched and cited.
 */
export interface Exchange {
  /** Uuid of the row that opened it; a fork's copy has the same. */
  readonly id: string;
  readonly sessionId: string;
  /** Set when a subagent spoke. */
  readonly agentId?: string;
  /** Folder the client worked in, from the row: never decoded from the file's name. */
  readonly cwd?: string;
  readonly branch?: string;
  /** Epoch ms; the file's modification time where no row of the exchange has a readable time. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly passages: readonly Passage[];
  readonly tools: readonly ToolCall[];
  readonly usage: TokenUsage;
  /** Tokens in the context at its last API message: input and both caches. */
  readonly contextTokens: number;
}

/** Facts of a session that stand outside its exchanges. */
export interface SessionFacts {
  readonly title?: string;
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
  /** SHA-256 hex over the first `prefixBytes` of the file. */
  readonly prefixHash: string;
  readonly prefixBytes: number;
  readonly modifiedAt: number;
  readonly size: number;
}
