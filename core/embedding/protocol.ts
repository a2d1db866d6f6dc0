import type { SbErrorCode } from "../kernel/errors.ts";
import type { Origin } from "./model.ts";

/** What the worker needs to begin: plain data, since it crosses threads. */
export interface Setup {
  /** Files of the model, and the folder of native libraries (`Paths.native`). */
  readonly graph: string;
  readonly origin: Origin;
  readonly tokenizer: string;
  readonly native: string;
  /** Threads that compute one text. */
  readonly threads: number;
}

/** Texts to embed; a query goes before documents that wait. */
export interface Job {
  readonly id: number;
  readonly texts: readonly string[];
  readonly urgency: "query" | "document";
}

/**
 * The first message sets up, the last one ends, all between are jobs. A thread must not be ended from
 * outside while it computes: the runtime would come back into an engine that is gone, and abort the
 * whole process.
 */
export type Request = { readonly setup: Setup } | { readonly job: Job } | { readonly end: true };

/** To a job; `vectors` holds them one after the other. */
export type Answer =
  | { readonly id: number; readonly vectors: Float32Array<ArrayBuffer> }
  | { readonly id: number; readonly failure: Failure };

/** The worker's last message: it computes nothing any more, whatever it owes. */
export interface Ended {
  readonly ended: true;
}

/** An error as it crosses threads. */
export interface Failure {
  /** Undefined for a bug. */
  readonly code: SbErrorCode | undefined;
  readonly message: string;
  readonly hint: string | undefined;
}
