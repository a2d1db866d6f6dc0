import { contextBrief } from "../context/service.ts";
import type { Brief } from "../session/brief.ts";
import type { Handler, HookDeps, Occurrence } from "./service.ts";
import { readConversation } from "./turn-end.ts";

/** A compaction takes a model's answer: it may wait for what it is to keep. In milliseconds. */
const READING_MS = 1_000;

/** Before a compaction: what the conversation is about is saved, as the transcript tells it. */
export const beforeCompaction: Handler = (deps, occurrence) => {
  readConversation(deps, occurrence, READING_MS);
  const { input, identity } = occurrence;
  const place = { root: identity.root, projectKey: identity.key };
  deps.context.save(input.conversation, { reason: "compaction", ...place });
  return undefined;
};

/** After a compaction: what was saved before it is given back, with what was written down since. */
export function afterCompaction(deps: HookDeps, occurrence: Occurrence): Brief | undefined {
  const saved = deps.context.ofConversation(occurrence.input.conversation);
  if (!saved) return undefined;
  readConversation(deps, occurrence, READING_MS);
  const whole = deps.context.renew(saved, occurrence.identity.root);
  return contextBrief(whole, deps.ports.config.brief.max_tokens);
}
