import { quoted, quoteLine } from "../kernel/quote.ts";
import { countTokens, isoTime } from "../kernel/text.ts";
import { type DueReminder, reminderRef } from "../reminder/model.ts";
import type { Handoff } from "./handoff.ts";

/** One line that may be said, and why. */
export interface BriefItem {
  /** What it was taken from: a document's id, `handoff:<session>`, `reminder:<id>`. */
  readonly ref: string;
  readonly kind: string;
  readonly text: string;
  readonly reason: string;
}

/** Lines under one heading, best first. */
export interface BriefSection {
  readonly title: string;
  readonly items: readonly BriefItem[];
}

/** What is said, and what each line of it cost. */
export interface Brief {
  /** Empty when there is nothing to say, or no room for it. */
  readonly text: string;
  readonly tokens: number;
  readonly items: readonly (BriefItem & { readonly tokens: number })[];
}

const LINE_CHARS = 280;

/** Whatever was set, a brief is under 8 KB; a token is counted as four bytes. */
const MOST_TOKENS = 2_000;

/**
 * What a conversation is told unasked: the sections in their order, within `maxTokens` whole.
 * Recalled text is fenced, one line an item, and cannot close the fence.
 */
export function composeBrief(sections: readonly BriefSection[], maxTokens: number): Brief {
  const lines: string[] = [];
  const items: (BriefItem & { tokens: number })[] = [];
  const most = Math.min(maxTokens, MOST_TOKENS);
  const fits = (more: readonly string[]) => countTokens(quoted([...lines, ...more])) <= most;
  for (const section of sections) {
    const heading = quoteLine(`${section.title}:`, LINE_CHARS);
    let isOpen = false;
    for (const item of section.items) {
      const line = `- ${quoteLine(item.text, LINE_CHARS)}`;
      const more = isOpen ? [line] : [heading, line];
      if (!fits(more)) continue;
      lines.push(...more);
      items.push({ ...item, tokens: countTokens(more.join("\n")) });
      isOpen = true;
    }
  }
  const text = lines.length > 0 ? quoted(lines) : "";
  return { text, tokens: countTokens(text), items };
}

/** What the person wanted to be reminded of by now. */
export function reminderSection(due: readonly DueReminder[]): BriefSection {
  const items = due.map((reminder): BriefItem => {
    const { title, description, since } = reminder;
    const text = description === "" ? title : `${title}: ${description}`;
    const day = isoTime(since).slice(0, 16);
    return {
      ref: reminderRef(reminder),
      kind: "reminder",
      text,
      reason: `the person asked to be reminded; due ${day}Z`,
    };
  });
  return { title: "Due reminders", items };
}

/** The last session of a project: where it stood first, what else it did in a section of its own. */
export function handoffSections(
  project: string,
  handoff: Handoff,
): { lead: BriefSection; rest: BriefSection } {
  const cut = handoff.recovered ? ", cut off and recovered" : "";
  const when = `${handoff.ended_at.slice(0, 16)}Z${cut}`;
  const item = (text: string): BriefItem => ({
    ref: `handoff:${handoff.session_id}`,
    kind: "handoff",
    text,
    reason: "the last session of this project",
  });
  return {
    lead: { title: `Last session in ${project} (${when})`, items: [...leading(handoff)].map(item) },
    rest: { title: "More of it", items: [...following(handoff)].map(item) },
  };
}

function* leading(handoff: Handoff): Generator<string> {
  if (handoff.goal) yield `asked: ${handoff.goal}`;
  for (const { command, error } of handoff.failing.slice(0, 2)) {
    yield `still failing: ${command} → ${error}`;
  }
  for (const step of handoff.next_steps.slice(0, 3)) yield `next: ${step}`;
  for (const todo of handoff.todos.slice(0, 3)) yield `open: ${todo}`;
}

function* following(handoff: Handoff): Generator<string> {
  const last = handoff.done.at(-1);
  if (last && handoff.done.length > 1) yield `last asked: ${last}`;
  if (handoff.last_answer) yield `it stood at: ${handoff.last_answer}`;
  const changed = handoff.files.filter(({ writes }) => writes > 0).map(({ path }) => path);
  if (changed.length > 0) yield `changed: ${changed.slice(0, 8).join(", ")}`;
  const subjects = handoff.commits.slice(0, 3).map(({ subject }) => subject);
  if (subjects.length > 0) yield `committed: ${subjects.join("; ")}`;
}
