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
