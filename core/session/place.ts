import type { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import type { Processes } from "../kernel/ports.ts";
import { detectProject, type ProjectIdentity } from "../project/detect.ts";
import { isOwnedBy } from "./current.ts";
import { sessionStore } from "./store.ts";

/**
 * Tells the folder that a server means when a call names none: the one it was started in, until its
 * client's session goes on in another work tree of the same repository; then that one.
 */
export function sessionPlace(
  start: string,
  ports: { readonly db: Database; readonly processes: Processes },
): () => string {
  let home: ProjectIdentity | undefined;
  return () => {
    home ??= detectProject(start);
    if (home.vcs !== "git") return start;
    const { key, root } = home;
    const owner = ports.processes.owner();
    const session = sessionStore(ports.db)
      .unfinished()
      .find((open) => open.projectKey === key && isOwnedBy(owner, open));
    const isElsewhere = session && session.root !== root && existsSync(session.root);
    return isElsewhere ? session.root : start;
  };
}
