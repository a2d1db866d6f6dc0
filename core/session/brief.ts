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
  /** The heading where it goes on after other sections; default: the title again. */
  readonly more?: string;
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

/** Tokens that a client shows of what is too long for it: 2 KB. */
const HEAD_TOKENS = 512;

/** An item, the number of its section, and its line. */
interface Placed {
  readonly section: number;
  readonly item: BriefItem;
  readonly line: string;
}

/**
 * What a conversation is told unasked, within `maxTokens` whole. Sections share the room: the best of
 * each first, then the second of each. They stand in their order, and what is more than a head of
 * 2 KB holds follows it. Recalled text is fenced, one line an item, and cannot close the fence.
 */
export function composeBrief(sections: readonly BriefSection[], maxTokens: number): Brief {
  const most = Math.min(maxTokens, MOST_TOKENS);
  const linesOf = (chosen: readonly Placed[]) => layOut(sections, chosen);
  const fitting = (wanted: readonly Placed[], limit: number) => {
    const chosen: Placed[] = [];
    for (const one of wanted) {
      const more = inOrder([...chosen, one]);
      if (countTokens(textOf(linesOf(more))) <= limit) chosen.push(one);
    }
    return chosen;
  };
  const chosen = fitting(byTurns(sections), most);
  let said: Placed[];
  do {
    const head = fitting(chosen, HEAD_TOKENS);
    said = [...inOrder(head), ...inOrder(chosen.filter((one) => !head.includes(one)))];
    // The headings of what follows the head may be too much.
  } while (countTokens(textOf(linesOf(said))) > most && chosen.pop());
  const lines = linesOf(said);
  const text = textOf(lines);
  const items = said.map(({ item }, index) => {
    const tokens = countTokens((lines[index] ?? []).join("\n"));
    return { ...item, tokens };
  });
  return { text, tokens: countTokens(text), items };
}

/** The first item of each section, the second of each, and so on. */
function byTurns(sections: readonly BriefSection[]): Placed[] {
  const rounds = Math.max(0, ...sections.map(({ items }) => items.length));
  return Array.from({ length: rounds }, (_, round) =>
    sections.flatMap(({ items }, section) => {
      const item = items[round];
      if (!item) return [];
      return [{ section, item, line: `- ${quoteLine(item.text, LINE_CHARS)}` }];
    }),
  ).flat();
}

/** As the sections stand; the items of each keep their order. */
function inOrder(chosen: readonly Placed[]): Placed[] {
  return chosen.toSorted((a, b) => a.section - b.section);
}

/** The lines of each item: its own, under a heading where another section's stood before it. */
function layOut(sections: readonly BriefSection[], chosen: readonly Placed[]): string[][] {
  const opened = new Set<number>();
  return chosen.map(({ section, line }, index) => {
    if (chosen[index - 1]?.section === section) return [line];
    const { title = "", more = title } = sections[section] ?? {};
    const heading = opened.has(section) ? more : title;
    opened.add(section);
    return [quoteLine(`${heading}:`, LINE_CHARS), line];
  });
}

/** Fenced, or empty where there is nothing to say. */
function textOf(lines: readonly string[][]): string {
  return lines.length > 0 ? quoted(lines.flat()) : "";
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

/** The last session of a project: where it stood, then what else it did. */
export function handoffSection(project: string, handoff: Handoff): BriefSection {
  const cut = handoff.recovered ? ", cut off and recovered" : "";
  const when = `${handoff.ended_at.slice(0, 16)}Z${cut}`;
  const items = [...leading(handoff), ...following(handoff)].map(
    (text): BriefItem => ({
      ref: `handoff:${handoff.session_id}`,
      kind: "handoff",
      text,
      reason: "the last session of this project",
    }),
  );
  return { title: `Last session in ${project} (${when})`, more: "More of the last session", items };
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
