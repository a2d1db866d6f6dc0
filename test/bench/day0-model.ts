/** What the conversations of a session are about; each has words of its own in `day0-topics.ts`. */
export const TOPICS = [
  "cache",
  "auth",
  "database",
  "queue",
  "search",
  "media",
  "mail",
  "payment",
  "build",
  "testing",
  "deploy",
  "logging",
  "mobile",
  "interface",
  "api",
  "schedule",
] as const;
export type Topic = (typeof TOPICS)[number];

/** How a question asks for what was said: the kinds that figures over all questions count. */
export const COUNTED_KINDS = [
  "same words",
  "few words",
  "paraphrase",
  "configuration",
  "file",
  "error text",
  "temporal",
  "superseded",
  "cross-project",
] as const;
/**
 * `reworded` names the subject by two or three of its words and says the rest in others. It came
 * later, and is counted beside the others, so that their figures stay comparable.
 */
export const KINDS = [...COUNTED_KINDS, "reworded"] as const;
export type Kind = (typeof KINDS)[number];

/** One exchange in which something was said that is asked for later. */
export interface Told {
  readonly prompt: string;
  readonly answer: string;
  /** `03-14` of the store's year; without it the generator chooses a day. */
  readonly day?: string;
  /** A command that failed before the answer, and what it printed. */
  readonly failed?: { readonly command: string; readonly output: string };
  /** A file of the project that the answer's work changed. */
  readonly edits?: string;
}

export interface Question {
  readonly kind: Kind;
  readonly text: string;
  /** Project the question is asked in; the fact's own without it. */
  readonly from?: string;
  /** The words of it that name a time, and what is asked about: for a search by time. */
  readonly time?: string;
  readonly about?: string;
}

/** Something said once, or several times of which only the last still holds or is meant. */
export interface Fact {
  readonly id: string;
  readonly project: string;
  readonly topic: Topic;
  /** What answers the questions. */
  readonly told: Told;
  /** Said about the same at other times: no answer to the questions. */
  readonly besides?: readonly Told[];
  readonly questions: readonly Question[];
}

/** A plausible question about what nobody said. */
export interface Negative {
  readonly text: string;
  /** Words that stand nowhere in the store, in any spelling that begins so. */
  readonly absent: readonly string[];
}
