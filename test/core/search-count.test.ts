import { afterAll, expect, test } from "bun:test";
import { rankingStore } from "../../core/search/ranking-store.ts";
import { matchExpression, queryTerms } from "../../core/search/terms.ts";
import { makeWorld, NOW } from "../support/services.ts";

const world = makeWorld();
afterAll(() => world[Symbol.dispose]());
const { db } = world.services.ports;
const store = rankingStore(db);

const WORDS = "pool pools running Zürich went dates parseToken レスポンス cache_key naïve".split(
  " ",
);

function put(from: number, count: number): void {
  const projectKey = world.services.project.keyForWriting();
  for (let n = from; n < from + count; n += 1) {
    const body = `${WORDS[n % WORDS.length]} and ${WORDS[(n * 7) % WORDS.length]}`;
    const tools = n % 3 === 0 ? `ran ${WORDS[(n * 3) % WORDS.length]}` : "";
    world.services.search.put({ id: `${n}`, kind: "reflection", projectKey, at: NOW, body, tools });
  }
}

const matching = (match: string) =>
  db
    .query<{ n: number }, [string]>(
      "SELECT count(*) AS n FROM document_fts WHERE document_fts MATCH ?",
    )
    .get(match)?.n ?? 0;

test("a word is counted as it would match, by its parts and forms, after changes and deletions", () => {
  put(0, 120);
  put(200, 40);
  for (let n = 0; n < 60; n += 2) {
    const stored = world.services.search.byId(`${n}`);
    if (stored) world.services.search.remove(stored.rowid);
  }

  for (const term of queryTerms(`${WORDS.join(" ")} go token "and pool" 字 absent`)) {
    const holders = store.holders();
    expect(holders.count(term, 130)).toBe(matching(matchExpression([term])));
    const { said, inTools } = holders.of(term);
    expect(said.length + inTools.length).toBe(matching(matchExpression([term])));
    expect([...inTools]).toEqual([...inTools].sort((a, b) => a - b));
  }
});

test("a frequent word is counted again once the store has grown by a hundredth", () => {
  const [term] = queryTerms("ordinary");
  if (!term) throw new Error("no term");
  const projectKey = world.services.project.keyForWriting();
  const add = (from: number, count: number) =>
    db.transaction(() => {
      for (let n = from; n < from + count; n += 1) {
        const id = `many${n}`;
        world.services.search.put({
          id,
          kind: "reflection",
          projectKey,
          at: NOW,
          body: `ordinary ${n}`,
        });
      }
    })();
  add(0, 2_100);
  const before = store.holders().count(term, 2_500);
  add(2_100, 40);

  expect(before).toBe(2_100);
  expect(store.holders().count(term, 2_520)).toBe(2_100);
  expect(store.holders().count(term, 2_540)).toBe(2_140);
});

test.each([
  ["случай", "случаи"],
  ["バグ", "ハク"],
  ["всё", "все"],
  ["một", "mot"],
  ["ή", "η"],
  ["هندي", "هندئ"],
])("%s is found where it is told, not where %s is", (word, other) => {
  using own = makeWorld();
  const projectKey = own.services.project.keyForWriting();
  for (const [index, said] of [word, other].entries()) {
    const body = `told: ${said}, at noon`;
    own.services.search.put({ id: `${index}`, kind: "reflection", projectKey, at: NOW, body });
  }
  const holders = rankingStore(own.services.ports.db).holders();
  const rowids = (query: string) => queryTerms(query).flatMap((term) => [...holders.of(term).said]);

  expect(new Set(rowids(word))).toEqual(new Set([1]));
  expect(new Set(rowids(other))).toEqual(new Set([2]));
});
