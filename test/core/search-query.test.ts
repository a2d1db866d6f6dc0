import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SbError } from "../../core/kernel/errors.ts";
import { isNarrowed, readQuery } from "../../core/search/query.ts";

/** Saturday, 10 January 2026, a quarter past three in the afternoon, local time. */
const NOW = new Date(2026, 0, 10, 15, 15).getTime();
const day = (year: number, month: number, date: number) =>
  new Date(year, month - 1, date).getTime();

describe("a prefix narrows the search and is not searched for", () => {
  test.each<[string, object]>([
    ["token project:auth-service", { text: "token", projects: ["auth-service"] }],
    ['token project:"my app"', { text: "token", projects: ["my app"] }],
    ["PROJECT:auth token", { text: "token", projects: ["auth"] }],
    ["project:a project:b x", { text: "x", projects: ["a", "b"] }],
    ["kind:insight x", { text: "x", kinds: ["insight"] }],
    ["kind:insights,note,conversations x", { kinds: ["insight", "reflection", "exchange"] }],
    ["tag:auth tag:jwt x", { text: "x", tags: ["auth", "jwt"] }],
    ["file:src/a.ts, x", { text: "x", files: ["src/a.ts"] }],
    ["branch:feature/login x", { text: "x", branches: ["feature/login"] }],
    ["since:yesterday x", { text: "x", since: day(2026, 1, 9) }],
    ["since:last-week x", { since: day(2025, 12, 29) }],
    ['since:"last week" x', { since: day(2025, 12, 29) }],
    ["since:7d x", { since: day(2026, 1, 3) }],
    ["since:2w x", { since: day(2025, 12, 22) }],
    ["since:2025-11-03 x", { since: day(2025, 11, 3) }],
    ["since:2025-11 before:2025-12 x", { since: day(2025, 11, 1), before: day(2025, 12, 1) }],
    ["before:March x", { before: day(2025, 3, 1) }],
    ["since:7d since:yesterday x", { since: day(2026, 1, 9) }],
  ])("%s", (query, expected) => {
    const read = readQuery(query, NOW);

    expect(read).toMatchObject(expected);
    expect(isNarrowed(read)).toBe(true);
  });
});

describe("what is no prefix of ours is text", () => {
  test.each([
    "level:debug",
    "std::vector",
    "kind::of",
    "file://etc/hosts",
    "https://a.example/project:x",
    'the words "project:auth" in quotes',
    "project: auth",
    "subproject:auth",
    "12:30",
    ":",
    'tag:""',
  ])("%s", (query) => {
    const read = readQuery(query, NOW);

    expect(read.text).toBe(query);
    expect(isNarrowed(read)).toBe(false);
  });
});

test.each([
  ["kind:xyzzy", /kind:xyzzy is no kind/, /kinds are exchange, reflection/],
  ["since:xyzzy", /since:xyzzy is not understood as a time/, /since:yesterday, since:7d/],
  ["before:soon", /before:soon is not understood as a time/, /before:2025-11-03/],
  ["since:2025-02-30", /not understood/, /in double quotes it is searched for as text/],
  [`kind:${"x".repeat(5000)}`, /^kind:x{39}… is no kind/, /kinds are/],
])("%s is refused, and the hint names what works", (query, message, hint) => {
  expect(() => readQuery(query, NOW)).toThrow(
    expect.objectContaining({
      code: "invalid_input",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    }),
  );
});

test("phrases, paths, names and errors are seen in the words", () => {
  const read = readQuery(
    'why did "token refresh" fail in src/auth/token.ts:12 (fetchUserProfile) with MAX_RETRIES',
    NOW,
  );

  expect(read.phrases).toEqual(["token refresh"]);
  expect(read.paths).toEqual(["src/auth/token.ts"]);
  expect(read.names).toEqual(["fetchUserProfile", "MAX_RETRIES"]);
  expect(readQuery("project:a TypeError: x is not a function", NOW).errors).toMatchObject([
    { type: "TypeError", message: "x is not a function" },
  ]);
});

test.each([
  "and/or",
  "don't",
  "Hello, world.",
  "1.5",
  "e.g. this",
  "日本語 🙂 عربى",
  "(.*)+$",
  "^[a-z]+",
])("plain words hold no path and no name: %s", (query) => {
  const { names, errors, phrases } = readQuery(query, NOW);

  expect({ names, errors, phrases }).toEqual({ names: [], errors: [], phrases: [] });
});

test("any text is read or refused with an error of ours, and no word is lost", () => {
  const pieces = fc.constantFrom(
    ...'project:a kind:insight kind:x tag: since:7d since: " a"b : :: 🙂 \0 a/b'.split(" "),
  );
  const said = fc.oneof(
    fc.array(pieces, { maxLength: 10 }).map((list) => list.join(" ")),
    fc.string(),
  );
  fc.assert(
    fc.property(said, (query) => {
      try {
        const { text } = readQuery(query, NOW);
        const kept = new Set(text.split(/\s+/));
        const words = query
          .toWellFormed()
          .split(/\s+/)
          .filter((word) => word !== "" && !/[:"]/.test(word));
        for (const word of words) if (!query.includes('"')) expect(kept).toContain(word);
      } catch (error) {
        expect(error).toBeInstanceOf(SbError);
      }
    }),
    { numRuns: 500 },
  );
});

test("ten thousand characters of any shape are read at once", () => {
  const started = performance.now();
  for (const piece of ["a", '"', "a/", "a.", "a:", "A_", "project:", "since:7d ", "::", "(("]) {
    readQuery(piece.repeat(10_000 / piece.length), NOW);
  }

  expect(performance.now() - started).toBeLessThan(500);
});
