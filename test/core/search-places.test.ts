import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dateReader } from "../../core/search/dates.ts";
import { finder } from "../../core/search/places.ts";
import { indexedWords, queryTerms, stem, type Term } from "../../core/search/terms.ts";
import { NOW } from "../support/services.ts";

const piece = fc.constantFrom(
  ...["user", "userName", "HTTPServer", "went", "going", "Zürich", "zurich", "日本語", "字", "x1"],
  ...["snake_case", "it’s", "—", "👍🏽", " ", "\n", "naïve", "RUNNING", "runs", "2023"],
);
const text = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(" "));

test("a text's places are the words that the index would answer with", () => {
  fc.assert(
    fc.property(text, fc.string(), (body, noise) => {
      const terms = queryTerms("userName goes running zürich 日本 字 http x1 case");
      const alone = terms.map((term, index) => ({ term, index })).filter(isOneWord);
      const whole = `${body} ${noise}`;

      const found = finder(terms)(whole).filter(({ term }) => isOneWord({ term: terms[term] }));

      const wanted = alone.map(({ term }) => answeredBy(term));
      const expected = [...indexedWords(whole)].flatMap(({ at, word }) =>
        alone.flatMap(({ index }, n) => (wanted[n]?.(word) ? [`${at}:${index}`] : [])),
      );
      expect(found.map(({ at, term }) => `${at}:${term}`).sort()).toEqual(expected.sort());
    }),
    { numRuns: 300 },
  );
});

function answeredBy({ words, prefix, forms = [] }: Term): (word: string) => boolean {
  const stems = [...words, ...forms].map(stem);
  return (word) => stems.some((one) => (prefix ? word.startsWith(one) : word === one));
}

function isOneWord({ term }: { term?: { words: readonly string[] } | undefined }): boolean {
  return term?.words.length === 1;
}

test("a phrase is where its words stand one behind the other", () => {
  const terms = queryTerms('"connection pool size"');
  const find = (body: string) => finder(terms)(body).filter(({ term }) => term === 0);

  expect(find("pool size of a connection, connection pools sizes")).toEqual([
    { term: 0, at: 44, word: 7 },
  ]);
  expect(find("a connection pool of some size")).toEqual([]);
});

test("a long text costs no more than its first hundred thousand characters", () => {
  const find = finder(queryTerms("needle"));

  expect(find(`needle ${"hay ".repeat(25_000)}needle`)).toEqual([{ term: 0, at: 0, word: 0 }]);
});

describe("the words of a date", () => {
  const said = (query: string, date: [number, number, number]) => {
    const terms = queryTerms(query);
    const named =
      dateReader(terms, { query, now: NOW })?.namedAt(new Date(...date).getTime()) ?? [];
    return named.map((term) => terms[term]?.words[0]);
  };

  test.each([
    ["What did we fix on 8 May 2023?", [2023, 4, 8], ["8", "may", "2023"]],
    ["What did we fix on 8 May 2023?", [2022, 4, 9], ["may"]],
    ["the outage in may", [2023, 4, 1], ["may"]],
    ["what was done on Tuesday", [2023, 4, 9], ["tuesday"]],
    ["the 3rd of November", [2024, 10, 3], ["3rd", "november"]],
    ["cache decision of 2026-03-17", [2026, 2, 17], ["2026"]],
    ["cache decision of 2026-03-17", [2026, 2, 18], []],
    ["cache decision of 2026-03", [2026, 2, 2], ["2026"]],
    ["what broke last week", [2025, 11, 31], ["last", "week"]],
    ["what broke 3 days ago", [2026, 0, 7], ["3", "days", "ago"]],
  ] as const)("%s", (query, date, expected) => {
    expect(said(query, [...date])).toEqual([...expected]);
  });

  test.each([
    ["a number without a month", "retry 8 times", [2023, 4, 8]],
    ["may as a verb", "What may cause the time-out", [2023, 4, 8]],
    ["May as the first word", "May the cache be stale", [2023, 4, 8]],
    ["a number that is no year", "port 8080", [2023, 4, 8]],
    ["a date of another day", "2026-03-17", [2025, 4, 8]],
    ["another week", "what broke last week", [2026, 0, 8]],
    ["a name that objects have", "the constructor throws", [2026, 0, 8]],
  ] as const)("%s says nothing of one", (_case, query, date) => {
    expect(said(query, [...date])).toEqual([]);
  });
});

test("a stem keeps the first three letters of its word, if it has more, else all but its last", () => {
  const ending = fc.constantFrom(
    ...["", "s", "es", "ies", "y", "ed", "ing", "ational", "biliti", "iviti", "eli", "ization"],
  );
  const word = fc.tuple(fc.stringMatching(/^[a-z]{1,9}$/), ending).map((parts) => parts.join(""));
  fc.assert(
    fc.property(word, (whole) => {
      const kept = Math.max(1, Math.min(3, stem(whole).length - 1));
      expect(stem(whole).slice(0, kept)).toBe(whole.slice(0, kept));
    }),
    { numRuns: 2_000 },
  );
});

test("a part of a name is found by its capital letter, each name once", () => {
  expect(finder(queryTerms("token"))("the parseToken call")).toHaveLength(1);
  expect(finder(queryTerms("token"))("tokenTokenizer")).toEqual([
    { term: 0, at: 0, word: 0 },
    { term: 0, at: 0, word: 0 },
  ]);
});

test("a word is found though its stem ends otherwise than it goes on", () => {
  expect(finder(queryTerms("eyed tried"))("who eyed it, and tried")).toHaveLength(2);
});

describe("the days that a query names", () => {
  const day = (...[year, month, date]: [number, number, number]) =>
    new Date(year, month, date).getTime();
  const days = (query: string) => {
    const reader = dateReader(queryTerms(query), { query, now: NOW });
    return reader?.daysBetween(day(2025, 0, 10), day(2026, 0, 10));
  };

  test("are told with the words that name them, neighbours as one range, the latest first", () => {
    const ranges = (query: string) =>
      days(query)?.ranges.map(({ from, to, terms }) => [from, to, terms.length]);
    const march = [day(2025, 2, 1), day(2025, 3, 1), 1];

    expect(ranges("what broke in March")).toEqual([march]);
    expect(ranges("what broke in March 2031")).toEqual([march]);
    expect(ranges("what broke on March 17")?.filter(([, , count]) => count === 2)).toEqual([
      [day(2025, 2, 17), day(2025, 2, 18), 2],
    ]);
    expect(ranges("what broke on March 17")).toHaveLength(2 + 12);
    expect(ranges("every Tuesday")).toHaveLength(52);
  });

  test("may be none, and each word has its own share of all", () => {
    const found = days("since May 2031");

    expect(days("what broke in 2031")?.ranges).toEqual([]);
    expect(found?.shares.get(0)).toBeUndefined();
    expect([...(found?.shares.values() ?? [])]).toEqual([31 / 366]);
  });
});
