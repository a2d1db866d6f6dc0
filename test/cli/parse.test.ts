import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Command } from "../../cli/command.ts";
import { parseLine } from "../../cli/parse.ts";
import { SbError } from "../../core/kernel/errors.ts";

/** A command with an input of every kind. */
const command: Command = {
  words: ["sample", "do"],
  summary: "Do it.",
  effect: "write",
  positional: ["query", "count"],
  input: {
    properties: {
      query: { type: "string" },
      count: { type: "integer" },
      min_score: { type: "number" },
      dry_run: { type: "boolean" },
      no_embed: { type: "boolean" },
      scope: { type: "string", enum: ["project", "all"] },
      tags: { type: "array", items: { type: "string" } },
      kinds: { type: "array", items: { type: "string", enum: ["insight", "fix"] } },
      filter: { type: "object" },
      sizes: { type: "array", items: { type: "number" } },
    },
    required: ["query"],
  },
  examples: [],
  run: async () => undefined,
};

const read = (...argv: string[]) => parseLine(command, argv).input;

/** The failure of a line, as `message (hint)`. */
function refusal(...argv: string[]): string {
  try {
    parseLine(command, argv);
  } catch (error) {
    if (error instanceof SbError && error.code === "invalid_input") {
      return error.hint ? `${error.message} (${error.hint})` : error.message;
    }
    throw error;
  }
  return "accepted";
}

describe("what is read", () => {
  test.each<[string[], Record<string, unknown>]>([
    [["a b"], { query: "a b" }],
    [["a", "-3"], { query: "a", count: -3 }],
    [["a", "--min-score", "-.5"], { query: "a", min_score: -0.5 }],
    [["a", "--min_score=1e-2"], { query: "a", min_score: 0.01 }],
    [["--query=-x"], { query: "-x" }],
    [["--query", "a", "5"], { query: "a", count: 5 }],
    [["--", "--scope"], { query: "--scope" }],
    [["a", "--dry-run"], { query: "a", dry_run: true }],
    [["a", "--no-dry-run"], { query: "a", dry_run: false }],
    [["a", "--dry-run=false"], { query: "a", dry_run: false }],
    [["a", "--no-embed"], { query: "a", no_embed: true }],
    [["a", "--scope", "all"], { query: "a", scope: "all" }],
    [["a", "--tags", "x,y", "--tags", "z"], { query: "a", tags: ["x,y", "z"] }],
    [["a", "--filter", '{"k": [1]}'], { query: "a", filter: { k: [1] } }],
    [["a", "--sizes", "[1, 2]"], { query: "a", sizes: [1, 2] }],
    [["a", "--json", "--no-json"], { query: "a" }],
    [["-"], { query: "-" }],
    [[""], { query: "" }],
  ])("%j", (argv, input) => {
    expect(read(...argv)).toEqual(input);
  });

  test("any text comes through whole, however it looks", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.array(fc.string()), (query, tags) => {
        const flags = tags.map((tag) => `--tags=${tag}`);
        const expected = { query, ...(tags.length > 0 ? { tags } : {}) };

        expect(read(...flags, "--", query)).toEqual(expected);
        expect(read(`--query=${query}`, ...flags)).toEqual(expected);
      }),
    );
  });

  test("every number is read as the number it is", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const text = String(number); // of -0 it is "0"
        const expected = { query: "a", min_score: Number(text) };

        expect(read("a", `--min-score=${text}`)).toEqual(expected);
        expect(read("a", "--min-score", text)).toEqual(expected);
      }),
    );
  });

  test("a last place that takes a list takes all words that are left", () => {
    const many: Command = { ...command, positional: ["query", "tags"] };

    expect(parseLine(many, ["a", "x", "y"]).input).toEqual({ query: "a", tags: ["x", "y"] });
  });

  test("--yes is an option only where something cannot be undone", () => {
    const destroying: Command = { ...command, effect: "destroy" };

    expect(parseLine(destroying, ["a", "--yes"])).toEqual({ input: { query: "a" }, yes: true });
    expect(refusal("a", "--yes")).toBe("unknown option --yes (sb sample do --help)");
  });
});

describe("what is refused", () => {
  test.each([
    [["a", "b"], 'COUNT needs a whole number, not "b"'],
    [["a", "5x"], 'COUNT needs a whole number, not "5x"'],
    [["a", "1.5"], 'COUNT needs a whole number, not "1.5"'],
    [["a", "0x10"], 'COUNT needs a whole number, not "0x10"'],
    [["a", "--count="], 'COUNT needs a whole number, not ""'],
    [["a", "--min-score", "Infinity"], '--min-score needs a number, not "Infinity"'],
    [["a", "1", "c"], 'unexpected argument "c" (put a text with spaces in quotes)'],
    [[], "missing QUERY (usage: sb sample do QUERY [COUNT] [options])"],
    [["a", "--limt", "5"], "unknown option --limt (sb sample do --help)"],
    [
      ["a", "--scpe", "all"],
      'unknown option --scpe; did you mean "--scope"? (sb sample do --help)',
    ],
    [["a", "-x"], "unknown option -x (sb sample do --help)"],
    [["a", "--__proto__", "b"], "unknown option --__proto__ (sb sample do --help)"],
    [["a", "--scope"], "--scope needs a value (a value that begins with a dash: --scope=-x)"],
    [
      ["a", "--scope", "--json"],
      "--scope needs a value (a value that begins with a dash: --scope=-x)",
    ],
    [
      ["a", "--scope", "projct"],
      '--scope cannot be "projct"; did you mean "project"? (one of project, all)',
    ],
    [["a", "--kinds", "note"], '--kinds cannot be "note" (one of insight, fix)'],
    [["a", "--scope=all", "--scope=all"], "--scope is given twice (give it once)"],
    [["a", "--dry-run=maybe"], "--dry-run takes no value (write --dry-run or --no-dry-run)"],
    [["a", "--no-dry-run=true"], "--no-dry-run takes no value (write --dry-run or --no-dry-run)"],
    [["a", "--filter", "{k}"], '--filter needs JSON, not "{k}" (put JSON in single quotes)'],
    [["a", "--sizes", "1,2"], '--sizes needs JSON, not "1,2" (put JSON in single quotes)'],
  ])("%j", (argv, message) => {
    expect(refusal(...argv)).toBe(message);
  });

  test("nothing but an SbError comes of any line", () => {
    const word = fc.oneof(
      fc.constantFrom("--", "-", "--tags", "--dry-run", "--no-dry-run", "--count=1", "5", "{"),
      fc.string(),
    );
    fc.assert(fc.property(fc.array(word), (argv) => void refusal(...argv)));
  });
});
