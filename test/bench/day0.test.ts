import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import { stemmer } from "stemmer";
import { indexedWords, queryTerms, stem } from "../../core/search/terms.ts";
import { makeWorld } from "../support/services.ts";
import { FACTS } from "./day0-facts.ts";
import { standing } from "./day0-kept.ts";
import { type Fact, KINDS } from "./day0-model.ts";
import { NEGATIVES } from "./day0-negatives.ts";
import { PROJECTS } from "./day0-projects.ts";
import { contentWords } from "./day0-speech.ts";
import { type Day0, writeDay0, writeProjects } from "./day0-store.ts";
import { parseSizes } from "./size.ts";

const SESSIONS = 90;
/** Under load a store takes its time. */
const SLOW_MS = 60_000;

/** Writes a store and gives its files by path, and removes it. */
function filesOf(seed: number, sessions: number): Map<string, string> {
  const claude = mkdtempSync(join(tmpdir(), "day0-"));
  try {
    writeDay0({ claude, work: "/home/dev/work", seed, sessions });
    const paths = [...new Glob("projects/*/*.jsonl").scanSync(claude)].sort();
    return new Map(paths.map((path) => [path, readFileSync(join(claude, path), "utf8")]));
  } finally {
    rmSync(claude, { recursive: true });
  }
}

test(
  "the same seed gives the same bytes, and another seed others",
  () => {
    const first = filesOf(1, SESSIONS);

    expect(filesOf(1, SESSIONS)).toEqual(first);
    expect([...filesOf(2, SESSIONS).values()]).not.toEqual([...first.values()]);
  },
  SLOW_MS,
);

test(
  "a smaller store's sessions are all in a larger one",
  () => {
    const larger = filesOf(1, SESSIONS + 30);

    for (const [path, text] of filesOf(1, SESSIONS)) expect(larger.get(path)).toBe(text);
  },
  SLOW_MS,
);

test(
  "the facts do not fit into fewer sessions than they take",
  () => {
    expect(() => filesOf(1, 20)).toThrow(/the facts take \d+ sessions, not 20/);
  },
  SLOW_MS,
);

test(
  "every question's evidence is in the store after ingest",
  () => {
    using world = makeWorld();
    const work = join(world.home, "work");
    writeProjects(work);
    const made: Day0 = writeDay0({ claude: world.claude, work, seed: 1, sessions: SESSIONS });
    world.services.ingest.run({ kind: "all" });

    expect(made.evidence.map(({ fact }) => fact)).toEqual([...FACTS]);
    for (const { fact, session, uuids, besides } of made.evidence) {
      const owner = world.services.search.owner(uuids[0] ?? "");
      const document = world.services.search.byId(owner?.id ?? "");
      expect(document?.sessionId).toBe(session);
      expect(document?.body).toContain(fact.told.answer);
      expect(document?.body).toContain(fact.told.prompt);
      expect(besides).toHaveLength(fact.besides?.length ?? 0);
      expect(besides).not.toContain(session);
    }
  },
  SLOW_MS,
);

test(
  "a kept store is as it was the next time, and refused once its folder was moved",
  async () => {
    const home = mkdtempSync(join(tmpdir(), "day0-kept-"));
    const env = { SB_MODEL: "off" };
    const keep = join(home, "first");
    const asked = async (folder: string) => {
      using place = await standing(SESSIONS, { env, keep: folder });
      return place.stand.made;
    };
    try {
      const made = await asked(keep);

      expect(await asked(keep)).toEqual(made);
      renameSync(keep, join(home, "second"));
      await expect(asked(join(home, "second"))).rejects.toThrow("made in another folder");
    } finally {
      rmSync(home, { recursive: true });
    }
  },
  SLOW_MS,
);

test(
  "no word that a negative is about stands anywhere in the store",
  () => {
    const text =
      `${[...filesOf(1, 200).values()].join("\n")}${JSON.stringify(FACTS)}`.toLowerCase();
    const words = NEGATIVES.flatMap(({ absent }) => absent);
    const planted = words.filter((word) => new RegExp(`(?<![a-z])${word}`).test(text));

    expect(planted).toEqual([]);
    for (const { text: asked, absent } of NEGATIVES) {
      expect(absent.length).toBeGreaterThan(0);
      for (const word of absent) expect(asked.toLowerCase()).toContain(word);
    }
  },
  SLOW_MS,
);

test("a paraphrase shares at most one word with what was said", () => {
  const stems = (text: string) =>
    new Set(contentWords(text).map((word) => stemmer(word.toLowerCase())));
  const close = FACTS.flatMap(({ told, questions }) => {
    const said = stems(`${told.prompt} ${told.answer}`);
    return questions
      .filter(({ kind }) => kind === "paraphrase")
      .map(({ text }) => ({ text, shared: [...stems(text)].filter((stem) => said.has(stem)) }))
      .filter(({ shared }) => shared.length > 1);
  });

  expect(close).toEqual([]);
});

/** The words that a question shares with a text, as the product's own search compares words. */
function sharedWords(question: string, text: string): string[] {
  const said = new Set([...indexedWords(text)].map(({ word }) => word));
  return queryTerms(question).flatMap(({ words, forms = [] }) => {
    const [word = "", ...more] = words;
    return more.length === 0 && [word, ...forms].some((form) => said.has(stem(form))) ? [word] : [];
  });
}

/**
 * The stems that give a fact's answer away: its values and names (with a digit, an underscore
 * or a capital after a letter, or with a capital amid a sentence), and what only its path says.
 */
function givesAway({ told: { prompt, answer, edits = "" } }: Fact): Set<string> {
  const said = `${prompt} ${answer}`;
  const names = said.match(/\b\w*[a-zA-Z][A-Z]\w*|\w*[\d_]\w*|(?<=[\w,] )[A-Z]\w+/g) ?? [];
  const told = new Set(answer.toLowerCase().match(/\w+/g));
  const rest = new Set([...indexedWords(said.replaceAll(edits, " "))].map(({ word }) => word));
  const inPath = (edits.match(/[a-z]+/g) ?? []).filter((word) => !rest.has(stem(word)));
  const named = names.map((name) => name.toLowerCase()).filter((name) => told.has(name));
  return new Set([...named, ...inPath].map(stem));
}

test("a reworded question shares two to four words with what was said, and none that give it away", () => {
  const asked = FACTS.flatMap((fact) =>
    fact.questions.filter(({ kind }) => kind === "reworded").map(({ text }) => ({ fact, text })),
  );
  const wrong = asked
    .map(({ fact, text }) => {
      const { prompt, answer, failed } = fact.told;
      const said = sharedWords(text, `${prompt} ${answer}`);
      const all = sharedWords(text, `${prompt} ${answer} ${failed?.output ?? ""}`);
      const secret = givesAway(fact);
      const words = text.toLowerCase().match(/\w+/g) ?? [];
      const given = words.filter((word) => secret.has(stem(word)));
      return { text, said, all, given };
    })
    .filter(({ said, all, given }) => said.length < 2 || all.length > 4 || given.length > 0);

  expect(wrong).toEqual([]);
});

test("whatever has a paraphrase is asked for reworded too", () => {
  const ids = (kind: string) =>
    FACTS.filter(({ questions }) => questions.some((one) => one.kind === kind)).map(({ id }) => id);

  expect(ids("reworded")).toEqual(ids("paraphrase"));
  expect(ids("reworded").length).toBeGreaterThanOrEqual(70);
});

test("there are questions of every kind, enough of them, in projects that exist", () => {
  const questions = FACTS.flatMap((fact) => fact.questions);
  const names = new Set(PROJECTS.map(({ name }) => name));

  expect(new Set(questions.map(({ kind }) => kind))).toEqual(new Set(KINDS));
  expect(questions.length).toBeGreaterThanOrEqual(100);
  expect(NEGATIVES.length).toBeGreaterThanOrEqual(50);
  expect(PROJECTS).toHaveLength(30);
  for (const { project } of FACTS) expect(names).toContain(project);
  for (const { from } of questions) if (from) expect(names).toContain(from);
  for (const { uses } of PROJECTS) for (const name of uses) expect(names).toContain(name);
});

test("sizes are whole numbers above 0, and nothing else is taken", () => {
  expect(parseSizes("100, 1000,20000")).toEqual([100, 1_000, 20_000]);
  for (const text of ["", "0", "1e3", "-5", "100,", "1.5", "many"]) {
    expect(() => parseSizes(text)).toThrow(RangeError);
  }
});
