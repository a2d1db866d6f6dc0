import { isoTime } from "../kernel/text.ts";
import type { Session } from "../session/store.ts";
import type { SavedContext } from "./model.ts";

/** Something that broke off a conversation. */
export interface Interruption {
  readonly at: string;
  readonly kind: "killed" | "compaction" | "saved";
  readonly projectKey: string;
  readonly detail: string;
  /** By which its context can be restored. */
  readonly conversation: string | null;
}

/** Sessions that were cut off and contexts that were saved, as one history, newest first. */
export function interruptionsOf(
  sessions: readonly Session[],
  saved: readonly SavedContext[],
): Interruption[] {
  const killed = sessions
    .filter(({ state }) => state === "recovered")
    .map(
      (session): Interruption => ({
        at: isoTime(session.endedAt ?? session.startedAt),
        kind: "killed",
        projectKey: session.projectKey,
        detail: session.handoff?.goal ?? "nothing was asked yet",
        conversation: session.conversation ?? null,
      }),
    );
  const contexts = saved.map(
    (one): Interruption => ({
      at: isoTime(one.at),
      kind: one.reason === "compaction" ? "compaction" : "saved",
      projectKey: one.projectKey,
      detail: one.context.goal ?? one.context.asked.at(-1) ?? "",
      conversation: one.conversation,
    }),
  );
  return [...killed, ...contexts].sort((a, b) => (a.at < b.at ? 1 : -1));
}
