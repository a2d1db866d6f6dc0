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

/** The first message sets up, all others are jobs. */
export type Request = { readonly setup: Setup } | { readonly job: Job };

/** `vectors` holds them one after the other. */
export type Answer =
  | { readonly id: number; readonly vectors: Float32Array<ArrayBuffer> }
  | { readonly id: number; readonly failure: Failure };

/** An error as it crosses threads. */
export interface Failure {
  /** Undefined for a bug. */
  readonly code: SbErrorCode | undefined;
  readonly message: string;
  readonly hint: string | undefined;
}
