import type { z } from "zod";
import { isoTime } from "../kernel/text.ts";
import type { ProjectFinder } from "../project/finder.ts";
import type { DueReminder } from "../reminder/model.ts";
import type { DueShape, SessionShape } from "./session-shapes.ts";
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

/** A due reminder as it is answered. */
export function presentDue(reminder: DueReminder): z.infer<typeof DueShape> {
  const { id, title, description, since, rule } = reminder;
  return {
    reminder_id: id,
    title,
    ...(description === "" ? {} : { description }),
    due_at: isoTime(since),
    recurrence: rule,
  };
}
