import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Embedder } from "../../core/kernel/ports.ts";
import { countTokens } from "../../core/kernel/text.ts";
import { likest } from "../../core/search/likeness.ts";
import { chanceOf } from "../../core/search/rank.ts";
import { preparedModels } from "../support/model.ts";
import { makeWorld, NOW, type World } from "../support/services.ts";

const PAGE = { limit: 10, maxTokens: 8000 };

let world: World;

/** Goes on about the same for the length of a chunk. */
const VISIT = (
  "He looked into its mouth and its ears, felt its belly and weighed it twice. Nothing is broken, " +
  "only a tooth had to be pulled, and the anaesthetic makes it sleepy until the evening. Give it " +
  "water at once, soft food from tomorrow on, and no dry biscuits for a week. If the cat still " +
  "refuses to eat after two days, bring it back, and he will have a look at its kidneys."
).repeat(2);

const TEXTS = {
  fact: "We keep refunds apart from payments, since an auditor asked for it in spring.",
  paraphrase: "The animal doctor said that our cat may eat again tomorrow morning.",
  words: "The cat command prints a file, cat again, and cat once more for the terminal.",
  other: "Our build server runs out of disk space every second week.",
};

beforeAll(async () => {
  world = makeWorld({ env: { SB_MODEL_DIR: await preparedModels() } });
  store(world, TEXTS);
  await world.services.semantic.run();
});
afterAll(() => {
  world.services.ports.embedder?.release();
  world[Symbol.dispose]();
});

function store({ services }: World, texts: Record<string, string>): void {
  const projectKey = services.project.keyForWriting();
  for (const [id, body] of Object.entries(texts)) {
    services.search.put({ id, kind: "reflection", projectKey, at: NOW, body });
  }
}

test("what shares no word with the query is found by its meaning", async () => {
  const query = "what did the veterinarian tell us about feeding the pet";

  const byWords = world.services.search.search({ query, minScore: 0.2, ...PAGE });
  const page = await world.services.search.recall({ query, minScore: 0.2, ...PAGE });

  expect(byWords.hits.map(({ id }) => id)).not.toContain("paraphrase");
  expect(page.mode).toBe("hybrid");
  expect(page.hits[0]?.id).toBe("paraphrase");
  expect(page.hits[0]?.why.semantic).toBeGreaterThan(0.3);
  expect(page.hits[0]?.why.text).toBeUndefined();
});

test("in a young store little likeness is more than chance: a paraphrase is found, and nothing else", async () => {
  using young = makeWorld({ env: { SB_MODEL_DIR: await preparedModels() } });
  store(young, {
    passwords: "We keep user passwords hashed with argon2id",
    staging: "The staging server is rebooted every night at three",
    invoices: "Invoices are numbered per calendar year and never reused",
    app: "The mobile app talks to the gateway over websockets",
    owner: "Alice owns the billing service",
    retries: "Retry policy: exponential backoff with jitter, five attempts",
    logs: "Logs are shipped to the archive bucket after thirty days",
  });
  await young.services.semantic.run();
  const found = async (query: string) => {
    const { hits } = await young.services.search.recall({ query, minScore: 0.2, ...PAGE });
    return hits[0]?.id;
  };
  const asked = {
    "how are credentials stored": "passwords",
    "when does the test machine restart": "staging",
    "how do phones connect to the backend": "app",
    "what happens when a request fails": "retries",
    "which css framework do we use": undefined,
    "who won the world cup": undefined,
    "how to reset my router": undefined,
  };

  const answers = await Promise.all(Object.keys(asked).map(found));
  young.services.ports.embedder?.release();

  expect(answers).toEqual(Object.values(asked));
});

test("what the nearest of more documents has by chance is more", () => {
  const sizes = [0, 8, 100, 1_000, 12_000, 240_000];
  const chances = sizes.map(chanceOf);

  expect(chances[0]).toBe(chances[1] as number);
  expect(chances.slice(1)).toEqual([...new Set(chances)].toSorted());
  expect(chances.at(-1)).toBeLessThan(0.6);
});

test("likeness alone steps back where words find what is meant", async () => {
  using other = makeWorld({ env: { SB_MODEL_DIR: await preparedModels() } });
  const { search, semantic, ports } = other.services;
  const query = "what did the veterinarian tell us about feeding the pet";
  const scoreOf = async (id: string) =>
    (await search.recall({ query, ...PAGE })).hits.find((hit) => hit.id === id)?.score ?? 0;
  store(other, TEXTS);
  await semantic.run();
  const alone = await scoreOf("paraphrase");
  store(other, { meant: "The veterinarian did tell us about feeding the pet: twice a day." });
  await semantic.run();

  const [beside, meant] = [await scoreOf("paraphrase"), await scoreOf("meant")];
  ports.embedder?.release();

  expect(meant).toBeGreaterThan(0.7);
  expect(alone).toBeGreaterThan(0.2);
  expect(beside).toBeGreaterThan(0);
  expect(beside).toBeLessThan(0.2);
});

test("a search by facets knows of meaning, too, and its later pages and other orders do", async () => {
  const query = "what did the veterinarian tell us about feeding the pet";
  const { find, search } = world.services;

  const page = await find.advanced({ query, sort: "relevance", ...PAGE, limit: 1 });
  const newest = await find.advanced({ query, sort: "newest", ...PAGE });

  expect([page.mode, page.hits[0]?.id]).toEqual(["hybrid", "paraphrase"]);
  expect(newest.hits.map(({ id }) => id)).toContain("paraphrase");
  expect(newest.total).toBe(page.total);

  const { cursor } = await find.advanced({ query: "cat again", sort: "oldest", ...PAGE, limit: 1 });
  expect(search.more(cursor ?? "", PAGE).mode).toBe("hybrid");
});

test("words and meaning are both told, and each score is in 0..1, best first", async () => {
  const { hits, mode } = await world.services.search.recall({ query: "cat again", ...PAGE });

  expect(mode).toBe("hybrid");
  expect(
    hits
      .map(({ id }) => id)
      .slice(0, 2)
      .sort(),
  ).toEqual(["paraphrase", "words"]);
  const scores = hits.map(({ score }) => score);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  for (const { score, why } of hits) {
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThanOrEqual(1);
    expect(why.semantic).toBeGreaterThanOrEqual(0);
    expect(why.semantic).toBeLessThanOrEqual(1);
  }
});

test("a later page goes on as the first one began", async () => {
  const first = await world.services.search.recall({
    query: "cat again",
    limit: 1,
    maxTokens: 8000,
  });

  const second = world.services.search.more(first.cursor ?? "", { limit: 1, maxTokens: 8000 });

  expect(second.mode).toBe("hybrid");
  expect(second.total).toBe(first.total);
  expect(second.hits[0]?.why.semantic).toBeDefined();
  expect(second.hits[0]?.id).not.toBe(first.hits[0]?.id);
});

test("without a model, and without a vector in the store, words alone are searched", async () => {
  using bare = makeWorld({ env: { SB_MODEL: "off" } });
  using fresh = makeWorld({ env: { SB_MODEL_DIR: await preparedModels() } });
  for (const one of [bare, fresh]) store(one, TEXTS);

  const pages = await Promise.all(
    [bare, fresh].map(({ services }) => services.search.recall({ query: "cat again", ...PAGE })),
  );
  fresh.services.ports.embedder?.release();

  for (const page of pages) {
    expect(page.mode).toBe("text");
    expect(page.note).toBeUndefined();
    expect(page.hits[0]?.id).toBe("words");
  }
});

test("that nothing is like the query is for the model to say, too", async () => {
  const query = "zzyzx quokka";
  const page = await world.services.search.recall({ query, minScore: 0.2, ...PAGE });

  expect([page.total, page.mode]).toEqual([0, "hybrid"]);
});

test("a document that has no vector yet is found by its words beside others that have", async () => {
  store(world, { late: "The zeppelin hangar is booked from Monday on." });

  const { hits } = await world.services.search.recall({ query: "zeppelin hangar", ...PAGE });

  expect(hits[0]?.id).toBe("late");
  expect(hits[0]?.why.semantic).toBeUndefined();
  expect(hits[0]?.why.text).toBeGreaterThan(0.4);
});

test("what has no vector yet is not before what is as good and has one", async () => {
  using other = makeWorld({ env: { SB_MODEL_DIR: await preparedModels() } });
  const { search, semantic, ports } = other.services;
  const told = "On a rainy day the storage team said that the glacier bucket holds the originals.";
  store(other, { told });
  await semantic.run();
  store(other, {
    late: "The storage team said on a sunny day that originals are in the glacier bucket.",
  });

  const { hits, mode } = await search.recall({ query: "bucket originals", ...PAGE });
  ports.embedder?.release();

  expect(mode).toBe("hybrid");
  expect(hits.map(({ id, why }) => [id, why.semantic === undefined])).toEqual([
    ["told", false],
    ["late", true],
  ]);
});

test("a model that fails or does not answer is said, and words do", async () => {
  const failing: Embedder = {
    modelId: "all-MiniLM-L6-v2/int8/sb",
    embed: () => Promise.reject(new Error("the graph is damaged")),
    release() {},
  };
  using other = makeWorld({ embedder: failing });
  store(other, TEXTS);
  const asked = { text: "cat", filter: {} };

  const page = await other.services.search.recall({ query: "cat again", ...PAGE });
  const late = await likest(() => new Promise(() => {}), asked, 5);

  expect(page.mode).toBe("text");
  expect(page.note).toContain("the graph is damaged");
  expect(page.hits[0]?.id).toBe("words");
  expect(late.note).toContain("did not answer in time");
});

test("the note of a model that fails has its place within max_tokens", async () => {
  const why = "the graph is damaged from the first byte to the last one ".repeat(2);
  const failing: Embedder = {
    modelId: "all-MiniLM-L6-v2/int8/sb",
    embed: () => Promise.reject(new Error(why)),
    release() {},
  };
  using other = makeWorld({ embedder: failing });
  const long = Array.from({ length: 9 }, (_, n) => [
    `l${n}`,
    `cat ${n}: ${"purrs again ".repeat(60)}`,
  ]);
  store(other, Object.fromEntries(long));

  for (let maxTokens = 200; maxTokens < 900; maxTokens += 23) {
    const page = await other.services.search.recall({ query: "cat again", limit: 10, maxTokens });
    expect(page.note).toContain("the graph is damaged");
    expect(page.cursor).toBeDefined();
    expect(countTokens(JSON.stringify(page))).toBeLessThanOrEqual(maxTokens);
  }
});

test("the snippet of a long document shows what is like the query, where no word is", async () => {
  using long = makeWorld({ env: { SB_MODEL_DIR: await preparedModels() } });
  const filler = "The build took eleven minutes and the linter found nothing new to say. ".repeat(
    40,
  );
  const told = `${TEXTS.paraphrase} ${VISIT}`;
  const body = `${filler}\n\n${told}\n\n${filler}`;
  const passages = [
    ["u1", "user", 0, 60],
    ["u2", "assistant", 60, body.length],
  ] as const;
  const projectKey = long.services.project.keyForWriting();
  long.services.search.put({ id: "long", kind: "exchange", projectKey, at: NOW, body, passages });
  await long.services.semantic.run();

  const query = "what did the veterinarian tell us about feeding the pet";
  const { hits } = await long.services.search.recall({ query, ...PAGE });
  long.services.ports.embedder?.release();

  expect(hits[0]?.snippet).toContain("animal doctor");
  expect(hits[0]?.message_uuids).toContain("u2");
});
