import type { z } from "zod";
import { isoTime } from "../kernel/text.ts";
import type { ProjectFinder } from "../project/finder.ts";
import type { SessionShape } from "./session-shapes.ts";
import type { Session } from "./store.ts";

/** A session of ours as it is listed. */
export function presentSession(
  project: Pick<ProjectFinder, "get">,
  session: Session,
): z.infer<typeof SessionShape> {
  return {
    session_id: session.id,
    project: project.get(session.projectKey)?.name ?? session.projectKey,
    state: session.state,
    started_at: isoTime(session.startedAt),
    ...(session.endedAt ? { ended_at: isoTime(session.endedAt) } : {}),
    ...(session.conversation ? { conversation: session.conversation } : {}),
    ...(session.handoffPath ? { handoff_path: session.handoffPath } : {}),
  };
}
