import { CONTEXT_REACH, contextBrief } from "../context/service.ts";
import type { Brief } from "../session/brief.ts";
import type { ToldExchange } from "../session/gather.ts";
import type { Handler, HookDeps, Occurrence } from "./service.ts";
import { READING_MS, readConversation } from "./turn-end.ts";

/**
 * Bytes at the end of a transcript that a context is drawn from where more is unread than a hook has
 * time for: some twenty exchanges full of tools, two hundred of words. Measured: test/bench/README.md.
 */
const END_BYTES = 2 * 1024 * 1024;

/** Before a compaction: what the conversation is about is saved, as the transcript tells it. */
export const beforeCompaction: Handler = (deps, occurrence) => {
  const unread = readOn(deps, occurrence);
  const { input, identity } = occurrence;
  const place = { root: identity.root, projectKey: identity.key };
  deps.context.save(input.conversation, { reason: "compaction", ...place, unread });
  return undefined;
};

/** After a compaction: what was saved before it is given back, with what was written down since. */
export function afterCompaction(deps: HookDeps, occurrence: Occurrence): Brief | undefined {
  const saved = deps.context.ofConversation(occurrence.input.conversation);
  if (!saved) return undefined;
  const unread = readOn(deps, occurrence);
  const whole = deps.context.renew(saved, occurrence.identity.root, unread);
  return contextBrief(whole, deps.ports.config.brief.max_tokens);
}

/**
 * Reads on in the conversation, unless that is far too much for a hook: no piece of it would be kept.
 * @returns its end as far as it was not read.
 */
function readOn(deps: HookDeps, occurrence: Occurrence): ToldExchange[] {
  const { ingest } = deps;
  const { conversation } = occurrence.input;
  if (ingest.unreadBytes(conversation) <= END_BYTES) {
    readConversation(deps, occurrence, READING_MS);
  }
  return ingest.unreadEnd(conversation, {
    bytes: END_BYTES,
    most: CONTEXT_REACH,
  });
}
