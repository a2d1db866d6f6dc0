import type { ProjectIdentity } from "../project/detect.ts";
import { isIdle } from "./handoff.ts";
import { newestHandoff, readHandoff } from "./handoff-file.ts";
import type { Session, sessionStore } from "./store.ts";

/** Sessions looked at for one in which something happened. */
const LOOKED_AT = 20;

/**
 * The last session of a project in which something happened, with its hand-off, as its file says now: a person may have
 * corrected it. Without a session in the store (a new machine), the newest file speaks for itself.
 */
export function previousSession(
  store: ReturnType<typeof sessionStore>,
  { key, root }: ProjectIdentity,
): Session | undefined {
  const finished = store.finished(key, LOOKED_AT);
  const last = finished.find(({ handoff }) => handoff && !isIdle(handoff)) ?? finished[0];
  if (last) {
    const written = last.handoffPath ? readHandoff(last.handoffPath) : undefined;
    return written ? { ...last, handoff: written } : last;
  }
  const found = newestHandoff(root);
  if (!found) return undefined;
  const { handoff, path } = found;
  return {
    id: handoff.session_id,
    projectKey: key,
    root,
    owner: { pid: 0, startedAt: 0 },
    state: handoff.recovered ? "recovered" : "ended",
    startedAt: timeOf(handoff.started_at),
    endedAt: timeOf(handoff.ended_at),
    handoffPath: path,
    handoff,
  };
}

/** Epoch ms of an ISO time that a person may have edited. */
function timeOf(text: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? 0 : time;
}
