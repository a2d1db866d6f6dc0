import { describe, expect, test } from "bun:test";
import { table, wrap } from "../../cli/render/layout.ts";
import { allCommands } from "../../cli/tree.ts";
import { makeWorld, runCli } from "../support/harness.ts";

const help = async (line: string) => {
  const { stdout, stderr, exitCode } = await runCli(line, makeWorld(), { isTty: true });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return stdout;
};

describe("help", () => {
  test("of a command tells its arguments, options, examples and tool", async () => {
    expect(await help("insight search --help")).toBe(
      `Find captured insights by topic or words; * lists all.

Usage
  sb insight search [QUERY] [options]

Arguments
  QUERY  Words to look for; * lists all, newest first (default *)

Options
  --limit N              Most results a page (default 10)
  --insight-type CHOICE  Only this type (pattern, architecture, best_practice,
                         gotcha, general)
  --topic TEXT           Only this topic
  --project TEXT         Project name or folder; * or left out means all
  --cursor TEXT          Cursor of an earlier page
  --max-tokens N         Most tokens to return (default 1500)
  --json                 Print JSON, as is done in a pipe; --no-json prints text
                         there
  -C DIR                 Work in DIR instead of the current folder
  --help                 Show this

Examples
  $ sb insight search
  $ sb insight search cache --insight-type gotcha

MCP tool: search_insights
`,
    );
  });

  test("of a group lists its commands", async () => {
    expect(await help("insight")).toStartWith(`Usage
  sb insight COMMAND [options]

Commands
  insight search   Find captured insights by topic or words; * lists all.
`);
  });

  test("is the same however it is asked for", async () => {
    const lines = ["insight", "insight --help", "help insight", "insight -h", "--help insight"];
    const texts = await Promise.all(lines.map((line) => help(line)));

    expect(new Set(texts).size).toBe(1);
  });

  test("of sb itself names every command", async () => {
    const text = await help("");
    const unnamed = allCommands()
      .map(({ words }) => words.at(-1) ?? "")
      .filter((word) => !new RegExp(`\\b${word}\\b`).test(text));

    expect(unnamed).toEqual([]);
    expect(await help("--help")).toBe(text);
  });

  test.each(allCommands().map(({ words }) => [words.join(" ")]))(
    "of sb %s fits a terminal of 80 columns and ends with a newline",
    async (words) => {
      const text = await help(`${words} --help`);
      const long = text.split("\n").filter((line) => line.length > 80 && !line.includes("$ "));

      expect(long).toEqual([]);
      expect(text).toEndWith("\n");
      expect(text).not.toContain("\n\n\n");
    },
  );
});

describe("layout", () => {
  test("a table's columns line up, numbers to the right, the last one wrapped", () => {
    const rows = [
      ["a", "1", "one two three four five six"],
      ["界界", "100", ""],
    ];

    expect(table(rows, { width: 30, right: [1] })).toBe(
      `a       1  one two three four
           five six
界界  100
`,
    );
  });

  test("a word wider than the line stays whole", () => {
    const word = "x".repeat(40);

    expect(wrap(`a ${word} b`, 30)).toEqual(["a", word, "b"]);
  });
});
