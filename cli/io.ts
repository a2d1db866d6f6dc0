import type { Readable, Writable } from "node:stream";
import type { Env } from "../core/kernel/paths.ts";
import type { Logger } from "../core/kernel/ports.ts";
import type { Ports, Services } from "../core/services.ts";
import type { Purpose } from "../core/storage/database.ts";

/** The terminal or the pipe that a command speaks to. */
export interface Io {
  /** Whether a person reads the results: decides between text and JSON. */
  readonly isTty: boolean;
  /** Whether a person can be asked: both ends are a terminal. */
  readonly canAsk: boolean;
  /** Whether progress may be shown: standard error is a terminal. */
  readonly showsProgress: boolean;
  readonly color: boolean;
  /** Width in characters. */
  readonly columns: number;
  /** Results, and nothing else. */
  out(text: string): void;
  /** Everything that is no result. */
  err(text: string): void;
  /** All of standard input. */
  readAll(): Promise<string>;
  /** One line typed, without its end; undefined where the input ends first. */
  readLine(): Promise<string | undefined>;
}

/** How a command wants the store and the world around it. */
export interface OpenRequest {
  /** By the command's effect: `read` makes no file and takes no lock. */
  readonly purpose: Purpose;
  /** Absolute folder that the command works in. */
  readonly cwd: string;
  /** Variables to use in place of the process's own. */
  readonly env: Env;
  /** Where the services log; default: the host's own. */
  readonly log?: Logger;
  /** For servers: the folder moves with the owner's session to another work tree, and others wait. */
  readonly follows?: boolean;
  /** How long to wait for another process's lock, in milliseconds; default: some seconds. */
  readonly patienceMs?: number;
}

/** The world as a call reaches it, and how to let go of the store that may have been opened. */
export interface Opened {
  readonly ports: Ports;
  /** The services over the ports; their modules are loaded by the first call. */
  services(): Promise<Services>;
  close(): void;
}

/** What servers and long work need of the process. */
export interface ProcessControl {
  /** Reading starts when this is first touched. */
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** Replaces what SIGINT, SIGTERM and SIGHUP do. */
  signals(handler: () => void): void;
  readonly pid: number;
  /** Absolute path of the running program. */
  readonly program: string;
  /** The parent's pid as the operating system gives it now. */
  parentPid(): number;
  /** Runs `clean` when the process ends, by a signal or a closed pipe too. Synchronous. */
  atExit(clean: () => void): void;
  /** Ends the process with pipes and workers still open. */
  exit(code: number): void;
}

/** All that `run` may touch of the process; `main.ts` gives the real one, a test its own. */
export interface Host {
  readonly io: Io;
  readonly env: Env;
  /** Absolute. */
  readonly cwd: string;
  readonly version: string;
  /** To standard error, by the level of `SB_LOG`. */
  readonly log: Logger;
  /** Loads the services; a command that needs none does not call it. */
  open(request: OpenRequest): Promise<Opened>;
  readonly control: ProcessControl;
}
