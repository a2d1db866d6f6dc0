/** The time, so that tests can choose it. */
export interface Clock {
  /** Epoch milliseconds, UTC. */
  now(): number;
}

/** New identifiers that sort by the time they were made. */
export interface IdSource {
  next(): string;
}

/** Where facts about the run go; never transcript text. */
export interface Logger {
  debug(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** A process, told from a later one with the same number by when it started. */
export interface ProcessRef {
  readonly pid: number;
  /** When it started, in the operating system's own unit; 0 where that cannot be told. */
  readonly startedAt: number;
}

/** What can be asked of other processes. */
export interface Processes {
  self(): ProcessRef;
  /** The process this one works for: the client of an MCP server, the shell of a command. */
  owner(): ProcessRef;
  /** Whether that very process still runs. */
  isAlive(process: ProcessRef): boolean;
}

/** Makes vectors of texts: near texts in meaning get near vectors. */
export interface Embedder {
  /** Names the model; vectors of different ids are never compared. */
  readonly modelId: string;
  /**
   * A vector of unit length for each text, in their order. A query goes before waiting documents.
   * Rejects with SbError `unavailable` where the runtime or the model cannot be had, `corrupt`
   * where the model is damaged.
   */
  embed(texts: readonly string[], urgency: "query" | "document"): Promise<Float32Array[]>;
  /** Gives back the memory and drops what waits, which then rejects. The next `embed` begins anew. */
  release(): void;
}
