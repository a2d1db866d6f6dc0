import { FACTS } from "./day0-facts.ts";
import { type Fact, TOPICS, type Topic } from "./day0-model.ts";
import {
  ANSWERED,
  ASKED,
  DONE,
  FAILURES,
  STATES,
  TOPIC_WORDS,
  VERBS,
  WHENS,
} from "./day0-topics.ts";
import type { Random } from "./random.ts";
import { BASE_WORDS, type Names, Zipf } from "./vocabulary.ts";

/** A template cut at its slots: text, slot, text, slot, text. */
type Cut = readonly string[];

const cut = (template: string): Cut => template.split(/\{(\w)\}/);
const PROMPTS = ASKED.map(cut);
const ANSWERS = ANSWERED.map(cut);
const FAILED = FAILURES.map(cut);

/** Words that bind, so that what is taken from a fact is what it is about. */
const BINDING = new Set(
  `about above after again alone also always another answers anybody because been before below between
both call called came could does done each either else ever every everybody first from given goes have
having hers here holds how into itself just keep kept know last later less like longer made make makes
many means more most much must need never next nobody none nothing now once only onto other otherwise
over own same several shall should since some such than that their them then there these they this those
through today together took tries twice under until upon used very want were what when where which while
whole will with without would your`.split(/\s+/),
);

/** Talks about topics as people and models do; every fact's own words are among those it uses. */
export class Speech {
  readonly #topics: ReadonlyMap<Topic, Zipf>;
  readonly #trade = new Zipf(BASE_WORDS.filter((word) => word.length > 3 && !BINDING.has(word)));

  constructor(random: Random) {
    this.#topics = new Map(TOPICS.map((topic) => [topic, wordsOf(topic, random)]));
  }

  prompt(from: Speaker, sentences: number): string {
    return this.#say(PROMPTS, from, sentences);
  }

  answer(from: Speaker, sentences: number): string {
    const { random } = from;
    if (sentences < 4 || random.chance(0.6)) return this.#say(ANSWERS, from, sentences);
    const points = Array.from({ length: sentences - 1 }, () => `- ${this.#say(ANSWERS, from, 1)}`);
    return `${this.#say(ANSWERS, from, 1)}\n\n${points.join("\n")}`;
  }

  /** What a failing command prints. */
  failure(from: Speaker): string {
    return this.#say(FAILED, from, 1);
  }

  /** Speaks of some of the words of a fact of the project, but not of what it says. */
  echo({ random, facts }: Speaker): string {
    if (facts.length === 0) return "";
    const { told } = random.pick(facts);
    const words = [...new Set(contentWords(`${told.prompt} ${told.answer}`))];
    const [one = "", two = "", three = "", four = ""] = shuffled(words, random);
    return random.pick([
      `About ${one} ${two} and ${three}: nothing has changed since, ${four} included.`,
      `This does not touch ${one} or ${two}; the ${three} ${four} stays as we left it.`,
      `For ${one} see the earlier session on ${two}, it also explains ${three}.`,
      `I kept ${one} ${two} out of this, ${three} is another matter.`,
    ]);
  }

  #say(templates: readonly Cut[], from: Speaker, sentences: number): string {
    const said: string[] = [];
    for (let left = sentences; left > 0; left -= 1) {
      const parts = from.random.pick(templates);
      let text = "";
      for (const [index, part] of parts.entries())
        text += index % 2 ? this.#fill(part, from) : part;
      said.push(text);
    }
    return said.join(" ");
  }

  #fill(slot: string, { random, topic, names }: Speaker): string {
    switch (slot) {
      case "t":
      case "u":
        return this.#word(topic, random);
      case "T": {
        const word = this.#word(topic, random);
        return word.charAt(0).toUpperCase() + word.slice(1);
      }
      case "i":
        return names.identifiers.draw(random);
      case "p":
        return names.paths.draw(random);
      case "n":
      case "m":
        return String(random.size(2, 5_000));
      case "v":
        return random.pick(VERBS);
      case "d":
        return random.pick(DONE);
      case "a":
        return random.pick(STATES);
      case "w":
        return random.pick(WHENS);
      default:
        return this.#trade.draw(random);
    }
  }

  #word(topic: Topic, random: Random): string {
    return this.#topics.get(topic)?.draw(random) ?? "";
  }
}

/** Who speaks: about what, with which names of a project. */
export interface Speaker {
  readonly random: Random;
  readonly topic: Topic;
  readonly names: Names;
  /** Facts of the project. */
  readonly facts: readonly Fact[];
}

/** A topic's own words and those of its facts, in an order of chance: some frequent, some rare. */
function wordsOf(topic: Topic, random: Random): Zipf {
  const own = TOPIC_WORDS[topic].split(/;\s*/);
  const facts = FACTS.filter((fact) => fact.topic === topic);
  const texts = facts.flatMap(({ told, besides = [] }) => [told, ...besides]);
  const words = texts.flatMap(({ prompt, answer, failed }) =>
    contentWords(`${prompt} ${answer} ${failed?.output ?? ""}`),
  );
  return new Zipf(shuffled([...new Set([...own, ...words])], random));
}

/** What a text is about: its words of four letters and more that do not merely bind. */
export function contentWords(text: string): string[] {
  const words = text.match(/[A-Za-z_][\w+-]{3,}/g) ?? [];
  return words.filter((word) => !BINDING.has(word.toLowerCase()));
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const keys = new Map(items.map((item) => [item, random.next()]));
  return items.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
}
