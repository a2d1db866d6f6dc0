import type { Conversation } from "../transcript/store.ts";

/** Tokens a conversation may hold, where the client does not say otherwise. */
const WINDOW = 200_000;

/** Claude Code compacts by itself a little below the window: this leaves room to do it well. */
const COMPACT_AT = 0.75;

/** How full the model's context is, as the transcript's own usage tells it. */
export interface ContextState {
  /** Tokens at the last API message: input and both caches; null when none was read. */
  readonly tokens: number | null;
  readonly window: number;
  readonly should_compact: boolean;
  readonly reason: string;
}

/** Whether it is time for `/compact`, with the figure it rests on. */
export function contextOf(conversation: Conversation | undefined): ContextState {
  const tokens = conversation?.contextTokens || null;
  if (tokens === null) {
    return { tokens, window: WINDOW, should_compact: false, reason: "no usage was read yet" };
  }
  // A context beyond the usual window shows that the model has the long one.
  const window = tokens > WINDOW ? 1_000_000 : WINDOW;
  const percent = Math.round((100 * tokens) / window);
  const should = tokens >= window * COMPACT_AT;
  const reason = should
    ? `${percent} % of the window is used: run /compact before the client does`
    : `${percent} % of the window is used`;
  return { tokens, window, should_compact: should, reason };
}
