import type { Database } from "bun:sqlite";
import type { Processes, ProcessRef } from "../kernel/ports.ts";
import type { ProjectIdentity } from "../project/detect.ts";
import { type Session, sessionStore } from "./store.ts";

/**
 * The unfinished session of a project that is meant here: this owner's, else one whose owner is
 * gone (a shell that ended), else the newest (a shell beside Claude Code).
 */
export function currentSession(
  { db, processes }: { readonly db: Database; readonly processes: Processes },
  identity: Pick<ProjectIdentity, "key">,
): Session | undefined {
  const open = sessionStore(db)
    .unfinished()
    .filter(({ projectKey }) => projectKey === identity.key);
  if (open.length < 2) return open[0];
  const owner = processes.owner();
  return (
    open.find((session) => isOwnedBy(owner, session)) ??
    open.find((session) => !processes.isAlive(session.owner)) ??
    open[0]
  );
}

/** Whether `session` lives in the process `owner`. */
export function isOwnedBy(owner: ProcessRef, session: Session): boolean {
  return session.owner.pid === owner.pid && session.owner.startedAt === owner.startedAt;
}
