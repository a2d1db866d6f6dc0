import type { Place } from "./places.ts";
import { sumOf } from "./reading.ts";
import { stem, wordsOf } from "./terms.ts";

/** Only among so many first results is it looked for: there the order is seen. */
export const FIRST_COMPARED = 12;

/** Least share of the query's weight that a statement tells of, to be one about what is asked. */
const ABOUT = 0.6;

/** Fewer words than these are said again and again without a change. */
const LEAST_WORDS = 5;

/**
 * Least share of the older statement's words that stand in the newer one in the same order: where
 * that says that something changed, and where it does not.
 */
const ALIKE_CHANGED = 0.5;
const ALIKE = 0.7;

/** Says that something is no longer as it was. */
const CHANGE =
  /\b(?:now|nowadays|since|(?:no|any) (?:longer|more)|anymore|instead|from (?:now|today|this \w+) on|from today|replac(?:es|ed)|supersed(?:es|ed)|switched|moved|removed|dropped|deprecated|chang(?:es|ed)|updated)\b/i;

/** Asks for what was, and not for what is. */
const PAST =
  /\b(?:ago|before|earlier|first|former(?:ly)?|history|initial(?:ly)?|old|original(?:ly)?|previous(?:ly)?|replaced?|until|used to|was|were|did)\b/i;

/** A result, as far as it is looked at here. */
export interface Dated {
  readonly candidate: {
    readonly rowid: number;
    readonly projectKey: string;
    /** Epoch ms. */
    readonly at: number;
  };
  readonly parts: { readonly score: number; readonly match: number };
}

/** A sentence, and what it tells of the query. */
interface Statement {
  readonly text: string;
  readonly weight: number;
}

/** What is told of documents that were read. */
export interface Texts {
  readonly bodyOf: (rowid: number) => string;
  /** Where the query's terms stand in that. */
  readonly placesOf: (rowid: number) => readonly Place[];
  readonly weights: readonly number[];
}

/** Whether a query may be answered by what was replaced later. */
export function asksForPast(query: string): boolean {
  return PAST.test(query);
}

/**
 * Puts the newer of two statements about the same right before the older one: "the port is 7890
 * now" before "the port is 7411", with a score no less. Two sentences speak of the same where the
 * newer one tells as much of what is asked and keeps half of the older one's words in their order
 * (more, where it does not say that something changed), in one project; the first `FIRST_COMPARED`
 * results alone are compared.
 */
export function newestFirst<R extends Dated>(ranked: readonly R[], texts: Texts): R[] {
  const first = ranked.slice(0, FIRST_COMPARED);
  const whole = sumOf(texts.weights);
  const told = new Map<number, readonly Statement[]>();
  const of = ({ candidate: { rowid } }: R) => {
    const found = told.get(rowid) ?? statementsOf(rowid, texts);
    told.set(rowid, found);
    return found;
  };
  const order: R[] = [];
  for (const one of first) {
    const replaced = order.findIndex((other) => {
      const isLater =
        one.candidate.at > other.candidate.at &&
        one.candidate.projectKey === other.candidate.projectKey;
      return isLater && replaces(of(one), of(other), whole);
    });
    const older = order[replaced];
    if (!older) order.push(one);
    else order.splice(replaced, 0, { ...one, parts: raised(one.parts, older.parts.score) });
  }
  return [...order, ...ranked.slice(FIRST_COMPARED)];
}

/** The parts of a newer statement that scores as the one that it replaces: it matches as well. */
function raised<P extends Dated["parts"]>(parts: P, score: number): P {
  return { ...parts, score, match: (parts.match * score) / parts.score };
}

function replaces(
  newer: readonly Statement[],
  older: readonly Statement[],
  whole: number,
): boolean {
  const best = older.reduce<Statement | undefined>(
    (found, one) => (found && found.weight >= one.weight ? found : one),
    undefined,
  );
  if (!best || best.weight < ABOUT * whole) return false;
  const words = wordsIn(best.text);
  return newer.some(
    ({ weight, text }) =>
      weight >= best.weight &&
      kept(words, wordsIn(text)) >= (CHANGE.test(text) ? ALIKE_CHANGED : ALIKE),
  );
}

const wordsIn = (text: string): string[] => wordsOf(text).map(stem);

/** The share of `older` that stands in `newer` in its order; 0 where they are one: nothing is new. */
function kept(older: readonly string[], newer: readonly string[]): number {
  if (older.length < LEAST_WORDS || older.join(" ") === newer.join(" ")) return 0;
  let lengths = new Array<number>(newer.length + 1).fill(0);
  for (const word of older) {
    const next = [0];
    newer.forEach((other, index) => {
      const longest = Math.max(lengths[index + 1] ?? 0, next[index] ?? 0);
      next.push(word === other ? (lengths[index] ?? 0) + 1 : longest);
    });
    lengths = next;
  }
  return (lengths.at(-1) ?? 0) / older.length;
}

/** A sentence and what ends it; a dot inside a word or a number ends none. */
const SENTENCE = /[^.!?\n]+(?:[.!?]+(?=[^\s.!?])[^.!?\n]*)*[.!?]*/g;

/** The sentences of a document that hold a term of the query. */
function statementsOf(rowid: number, { bodyOf, placesOf, weights }: Texts): Statement[] {
  const body = bodyOf(rowid);
  const places = placesOf(rowid);
  if (places.length === 0) return [];
  return [...body.matchAll(SENTENCE)].flatMap(({ 0: text, index }) => {
    const terms = new Set(
      places.flatMap(({ term, at }) => (at >= index && at < index + text.length ? term : [])),
    );
    if (terms.size === 0 || text.endsWith("?")) return [];
    const weight = [...terms].reduce((sum, term) => sum + (weights[term] ?? 0), 0);
    return { text, weight };
  });
}
