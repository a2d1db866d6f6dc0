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
