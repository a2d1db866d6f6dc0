import type { Place } from "./places.ts";

/** A part of a conversation, and where it holds the query's terms. */
export interface Unit {
  /** UTF-16 units. */
  readonly chars: number;
  readonly places: readonly Place[];
}

/** Parts of a conversation in order; those from `from` up to `to` are the document's own. */
export interface Stretch {
  readonly units: readonly Unit[];
  readonly from: number;
  readonly to: number;
}

/** BM25's k1 and b over windows of units. */
const K1 = 1.2;
const B = 0.6;

/** Characters of a usual window, each unit counted by its weight. */
const USUAL_CHARS = 900;

/** What a unit counts beside the one in the middle, by its distance from it. */
const BESIDE = [1, 0.7, 0.5, 0.35, 0.25];

/** Terms this many words apart or fewer belong together, the more the nearer. */
const NEAR_WORDS = 6;

/**
 * What the best passage tells of what was asked: BM25 over each unit with what stands round it (who
 * answers rarely repeats the question's words), and besides it terms that stand near each other.
 *
 * @param weights idf of each term.
 * @param given how often each term counts as said everywhere: title, tags, date.
 * @returns a sum of weights; `passageIdeal` is about the most there can be.
 */
export function passageScore(
  { units, from, to }: Stretch,
  weights: readonly number[],
  given: readonly number[],
): number {
  let best = 0;
  for (let middle = from; middle < to; middle += 1) {
    const sum = windowScore(units, middle, { weights, given });
    best = Math.max(best, sum + nearness(units[middle]?.places ?? [], weights));
  }
  return best;
}

/** About the highest `passageScore`: every term said often in a short passage. */
export function passageIdeal(weights: readonly number[]): number {
  return weights.reduce((sum, weight) => sum + weight, 0) * (K1 + 1);
}

function windowScore(
  units: readonly Unit[],
  middle: number,
  { weights, given }: { weights: readonly number[]; given: readonly number[] },
): number {
  const counts = [...given];
  let chars = 0;
  // Plain loops: this is gone through for every message that is read.
  for (let index = middle - BESIDE.length + 1; index < middle + BESIDE.length; index += 1) {
    const unit = units[index];
    if (!unit) continue;
    const beside = BESIDE[Math.abs(index - middle)] as number;
    chars += beside * unit.chars;
    for (const { term } of unit.places) counts[term] = (counts[term] as number) + beside;
  }
  const length = K1 * (1 - B + (B * chars) / USUAL_CHARS);
  let sum = 0;
  for (let term = 0; term < counts.length; term += 1) {
    const count = counts[term] as number;
    if (count > 0) sum += ((weights[term] as number) * count * (K1 + 1)) / (count + length);
  }
  return sum;
}

/** Each two terms once, where they stand nearest: the lesser weight divided by the words between. */
function nearness(places: readonly Place[], weights: readonly number[]): number {
  if (places.length < 2) return 0;
  const pairs = new Map<number, number>();
  places.forEach((place, index) => {
    for (let next = index + 1; next < places.length; next += 1) {
      const other = places[next];
      if (!other || other.word - place.word > NEAR_WORDS) break;
      if (other.term === place.term || other.word === place.word) continue;
      const low = Math.min(place.term, other.term);
      const pair = low * weights.length + Math.max(place.term, other.term);
      const lesser = Math.min(weights[place.term] ?? 0, weights[other.term] ?? 0);
      const worth = lesser / (other.word - place.word);
      if (worth > (pairs.get(pair) ?? 0)) pairs.set(pair, worth);
    }
  });
  return [...pairs.values()].reduce((sum, worth) => sum + worth, 0);
}
