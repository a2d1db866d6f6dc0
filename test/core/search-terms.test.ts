import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  hiddenWords,
  matchExpression,
  namesAmong,
  queryTerms,
  stem,
} from "../../core/search/terms.ts";

function words(query: string): string[] {
  return queryTerms(query).map((term) => term.words.join(" ") + (term.prefix ? "*" : ""));
}

test.each([
  ["how do I close the pool", ["close", "pool"]],
  ["what is it", ["what", "is", "it"]],
  ['the "connection pool" leak', ["connection pool", "connection", "pool", "leak"]],
  ["getUserName", ["getusername", "get", "user", "name"]],
  ["parseHTTPResponse", ["parsehttpresponse", "parse", "http", "response"]],
  ["JSONDecoder", ["jsondecoder", "json", "decoder"]],
  ["XMLHttpRequest", ["xmlhttprequest", "xml", "http", "request"]],
  ["IDs", ["ids"]],
  ["parseURLs", ["parseurls", "parse", "urls"]],
  ["HTTP", ["http"]],
  ["max_retry_count", ["max retry count", "max", "retry", "count"]],
  ["src/auth/token.ts", ["src auth token ts", "src", "auth", "token", "ts"]],
  ["on 2026-03-17, or in 2026-04?", ["2026 03 17", "2026 04"]],
  ["log-2026-03.txt", ["log 2026 03 txt", "log", "2026", "03", "txt"]],
  ["日本語", ["日本", "本語"]],
  ["字", ["字*"]],
  ["サーバー", ["サー", "ーバ", "バー"]],
  ["ｻｰﾊﾞ", ["ｻｰ", "ｰﾊ", "ﾊﾞ"]],
  ["「日本」", ["日本"]],
  ["x̅ ạ", ["x̅", "ạ"]],
  ["", []],
  ["?!… — 🙂", []],
])("%p asks for %p", (query, expected) => {
  expect(words(query)).toEqual(expected);
});

test.each([
  ["When did Ann meet J. Doe in May", ["ann", "j", "doe", "may"]],
  ["Ann met doe", []],
  ["where is the SQLite pool of getUserName", ["sqlite"]],
])("%p names %p", (query, expected) => {
  const terms = queryTerms(query);

  const names = [...namesAmong(terms, query)].map((term) => terms[term]?.words.join(" "));

  expect(names).toEqual(expected);
});

test("hidden words are the parts of names and the pairs of CJK characters, each once", () => {
  expect(hiddenWords("getUserName calls getUserName, 日本語 and plain words")).toBe(
    "get User Name 日本 本語 語",
  );
});

test("a name too long to be one is left alone", () => {
  expect(hiddenWords(`a${"bC".repeat(40)}`)).toBe("");
});

test("no query reaches FTS5 as syntax", () => {
  const db = new Database(":memory:");
  db.run("CREATE VIRTUAL TABLE t USING fts5(body, tokenize = 'porter unicode61')");
  const match = db.query("SELECT count(*) FROM t WHERE t MATCH ?");

  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (query) => {
      const terms = queryTerms(query);
      if (terms.length > 0) match.all(matchExpression(terms));
    }),
    { numRuns: 300 },
  );
  for (const hostile of ["NEAR(", '"', "a-b*", "col:x", "a AND", "NOT", "^x", "{a b}: c", "\0x"]) {
    const terms = queryTerms(hostile);
    if (terms.length > 0) expect(() => match.all(matchExpression(terms))).not.toThrow();
  }
});

test("stems are spelt as the index spells them", () => {
  const db = new Database(":memory:");
  db.run("CREATE VIRTUAL TABLE t USING fts5(body, tokenize = 'porter unicode61')");
  db.run("CREATE VIRTUAL TABLE v USING fts5vocab(t, 'row')");
  const said = ["connections", "retries", "databases", "caching", "café", "naïve", "日本", "ing"];
  said.push("случай", "случаи", "バグ", "ハク", "всё", "ή", "가방");
  for (const word of said) db.run("INSERT INTO t VALUES (?)", [word]);

  const spelt = db.query<{ term: string }, []>("SELECT term FROM v ORDER BY 1").all();

  expect(said.map(stem).toSorted()).toEqual(spelt.map(({ term }) => term).toSorted());
});
