import type { Handler, HookDeps, Occurrence } from "./service.ts";

/** Longest that reading may hold the client up, in milliseconds. */
export const READING_MS = 40;

/** Keeps what the turn brought, as far as it is on disk: rows are written a moment after the event. */
export const turnEnd: Handler = (deps, occurrence) => {
  readConversation(deps, occurrence, READING_MS);
  return undefined;
};

/** Reads what is new of the conversation, for `ms` milliseconds at most. */
export function readConversation({ ingest }: HookDeps, { input }: Occurrence, ms: number): void {
  ingest.runFor({ kind: "conversation", sessionId: input.conversation }, ms);
}

/** The last words of a conversation; the session goes with its client, not with /clear or a resume. */
export const sessionEnd: Handler = async (deps, occurrence) => {
  const { reason, cwd } = occurrence.input;
  if (reason !== "clear" && reason !== "resume") deps.session.leave(cwd);
  await turnEnd(deps, occurrence);
  return undefined;
};
