import { countTokens } from "../kernel/text.ts";
import type { Hit } from "../search/model.ts";
import type { SearchService } from "../search/service.ts";
import { type BriefItem, composeBrief, reminderSection } from "../session/brief.ts";
import type { HookInput } from "./model.ts";
import type { Handler } from "./service.ts";

/** Most tokens of memory for one prompt, fence and all. */
const MOST_TOKENS = 300;

/** Most lines: the best few, or none. */
const MOST_ITEMS = 3;

/** Below this score a match says nothing about the prompt. Measured: see test/bench/README.md. */
const LEAST_SCORE = 0.3;

/** Words that a prompt must have to be about something: `yes, go on` is about what was just said. */
const FEWEST_WORDS = 3;

/** Of a pasted log the head tells what it is about; searching all of it would take its time. */
const QUERY_CHARS = 1_000;

/** A hand-off is told by the brief; here it would only say again what its exchanges say. */
const KINDS = ["insight", "reflection", "fix", "exchange"] as const;

/** What a person did not type: commands, notifications, and what scripts send. */
const MACHINE =
  /^\s*(?:\/|!|#|<(?:task-notification|command-|local-command|bash-|system-reminder))/;

/**
 * What is due, and memory for this very prompt where something fits it well; else nothing. A prompt
 * from another work tree of the repository takes the session there.
 */
export const userPrompt: Handler = ({ search, session, reminder }, { input, identity, told }) => {
  if (identity.vcs === "git") session.follow(identity);
  const { prompt = "", source = "user" } = input;
  if (source !== "user" && source !== "sdk") return undefined;
  if (MACHINE.test(prompt)) return undefined;
  const known = told();
  const due = reminderSection(reminder.due(identity));
  const reminders = { ...due, items: due.items.filter(({ ref }) => !known.has(ref)) };
  const memory = { title: "Known about this", items: fitting(search, input, known) };
  return composeBrief([reminders, memory], MOST_TOKENS);
};

/** The best of what is known about a prompt, without what was told before. */
function fitting(
  search: SearchService,
  { prompt = "", conversation }: HookInput,
  known: ReadonlySet<string>,
): BriefItem[] {
  const query = prompt.slice(0, QUERY_CHARS);
  if (wordCount(query) < FEWEST_WORDS) return [];
  const { hits } = search.search({
    isPlain: true,
    query,
    scope: "related",
    kinds: KINDS,
    minScore: LEAST_SCORE,
    limit: 10,
    maxTokens: 6_000,
  });
  const fresh = hits.filter((hit) => hit.session_id !== conversation && !known.has(hit.id));
  return fresh.slice(0, MOST_ITEMS).map(itemOf);
}

function itemOf(hit: Hit): BriefItem {
  const day = hit.at.slice(0, 10);
  return {
    ref: hit.id,
    kind: hit.kind,
    text: `[${hit.project}, ${day}] ${hit.snippet}`,
    reason: `matches the prompt: score ${hit.score}`,
  };
}

function wordCount(text: string): number {
  return countTokens(text) < 2 ? 0 : (text.match(/[\p{L}\p{N}]{2,}/gu)?.length ?? 0);
}
