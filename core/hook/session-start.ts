import { enterConversation } from "../session/client.ts";
import type { Handler } from "./service.ts";

/** A conversation waits for this: what is not read by then, a server reads. */
const READING_MS = 40;

/**
 * Opens the session, finishes a cut-off one of the project, and gives the brief: at a start and
 * after /clear whole, in a resumed conversation what it was not told yet. A fork holds what its
 * origin was told.
 */
export const sessionStart: Handler = async (deps, { input, identity, told }) => {
  const { session, ports } = deps;
  const { conversation, source = "startup", cwd } = input;
  enterConversation(ports.db, ports.processes.owner(), {
    conversation,
    source,
    now: ports.clock.now(),
  });
  if (identity.vcs === "git") await session.start(cwd, { readingMs: READING_MS, recover: "here" });
  if (source === "fork" || source === "compact") return undefined;
  return session.brief(cwd, told());
};
