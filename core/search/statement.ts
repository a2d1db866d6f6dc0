import type { Place } from "./places.ts";

/** So much more is a text worth of which one sentence holds all that is asked. */
const WHOLE_STATEMENT = 0.3;

/** A sentence is not longer than this, in UTF-16 units. */
const LONGEST = 600;

/**
 * What a text is worth more for its best sentence: who says it all in one sentence answers, who
 * needs several speaks of it. A half in one sentence is worth an eighth of that, not a half.
 * @param whole weight of all that is asked, of what stands nowhere too.
 */
export function liftOf(
  { body, places }: { readonly body: string; readonly places: readonly Place[] },
  weights: readonly number[],
  whole: number,
): number {
  return 1 + WHOLE_STATEMENT * (heaviest(body, places, weights) / whole) ** 3;
}

/** The most that the terms of one sentence weigh; one term alone states nothing. */
function heaviest(body: string, places: readonly Place[], weights: readonly number[]): number {
  const lastIn = new Array<number>(weights.length).fill(-1);
  let [best, sentence, terms, held, before] = [0, 0, 0, 0, 0];
  for (const { term, at } of places) {
    if (isEnded(body, before, at)) {
      sentence += 1;
      terms = 0;
      held = 0;
    }
    before = at;
    if (lastIn[term] === sentence) continue;
    lastIn[term] = sentence;
    held += weights[term] ?? 0;
    terms += 1;
    if (terms > 1 && held > best) best = held;
  }
  return best;
}

/** Whether a sentence ends between two places: with a line, or with a sign before a blank. */
function isEnded(body: string, from: number, to: number): boolean {
  if (to - from > LONGEST) return true;
  for (let at = from; at < to; at += 1) {
    const code = body.charCodeAt(at);
    if (code === NEWLINE) return true;
    const isSign = code === DOT || code === BANG || code === QUESTION;
    if (isSign && body.charCodeAt(at + 1) <= BLANK) return true;
  }
  return false;
}

const NEWLINE = 10;
const BLANK = 32;
const BANG = 33;
const DOT = 46;
const QUESTION = 63;
