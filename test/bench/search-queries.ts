import { FACTS } from "./day0-facts.ts";
import { COUNTED_KINDS, type Kind } from "./day0-model.ts";
import { NEGATIVES } from "./day0-negatives.ts";
import { TOPIC_WORDS } from "./day0-topics.ts";
import { Random } from "./random.ts";
import { BASE_WORDS, Zipf } from "./vocabulary.ts";

/** Words of a query. */
export const WORDS = [2, 12] as const;
/** Queries of drawn words beside the questions of day 0. */
const DRAWN = 80;

/** The counted questions of day 0 of a usual length, then drawn words: of a topic and of the trade. */
export function searchQueries(): string[] {
  const random = new Random(7);
  const counted: readonly Kind[] = COUNTED_KINDS;
  const asked = [
    ...FACTS.flatMap(({ questions }) => questions)
      .filter(({ kind }) => counted.includes(kind))
      .map(({ text }) => text),
    ...NEGATIVES.map(({ text }) => text),
  ].filter((text) => text.split(/\s+/).length >= WORDS[0] && text.split(/\s+/).length <= WORDS[1]);
  const topics = Object.values(TOPIC_WORDS).map((words) => words.split(/;?\s+/));
  const trade = new Zipf(BASE_WORDS);
  const drawn = Array.from({ length: DRAWN }, () => {
    const topic = random.pick(topics);
    const words = Array.from({ length: random.size(...WORDS) }, () =>
      random.chance(0.6) ? random.pick(topic) : trade.draw(random),
    );
    return words.join(" ");
  });
  const queries = [...asked, ...drawn];
  // The first ones are those that new processes are asked: some of each.
  return queries.map((_, index) => queries[(index * 37) % queries.length] ?? "");
}
