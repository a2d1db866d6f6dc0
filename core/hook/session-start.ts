import { enterConversation } from "../session/client.ts";
import { afterCompaction } from "./compaction.ts";
import type { Handler } from "./service.ts";

/** A conversation waits for this: what is not read by then, a server reads. */
const READING_MS = 40;

/**
 * Opens the session, finishes a cut-off one of the project, and gives the brief: at a start and
 * after /clear whole, in a resumed conversation what it was not told yet, after a compaction what
 * the work was. A fork holds what its origin was told.
 */
export const sessionStart: Handler = async (deps, occurrence) => {
  const { session, ports } = deps;
  const { input, identity, told } = occurrence;
  const { conversation, source = "startup", cwd } = input;
  enterConversation(ports.db, ports.processes.owner(), {
    conversation,
    source,
    now: ports.clock.now(),
  });
  if (identity.vcs === "git") await session.start(cwd, { readingMs: READING_MS, recover: "here" });
  if (source === "fork") return undefined;
  if (source === "compact") return afterCompaction(deps, occurrence);
  return session.brief(cwd, told());
};
