import { describe, expect, test } from "bun:test";
import { flagOf, kindOf } from "../../cli/command.ts";
import { staleFiles } from "../../cli/docs.ts";
import { parseLine } from "../../cli/parse.ts";
import { render } from "../../cli/render/index.ts";
import { definitionTokens, TOOLS } from "../../cli/tools.ts";
import { allCommands, locate } from "../../cli/tree.ts";
import { CAPABILITIES } from "../../core/capabilities.ts";
import { PROFILES } from "../../core/kernel/config.ts";
import { wordsOf } from "../support/harness.ts";

/** Options that every command has: an input called so could not be given. */
const COMMON = ["--json", "--no-json", "--help", "--yes", "-C"];

const commands = allCommands();

test("what is generated is what the registry says", async () => {
  expect((await staleFiles()).map(({ path }) => path)).toEqual([]);
});

test.each([...CAPABILITIES])(
  "$name loads, and is named and described as it must be",
  async (entry) => {
    const { name, summary, profile } = entry;
    const capability = await entry.load();

    expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(summary).toMatch(/^[A-Z].*\.$/);
    expect(summary.length).toBeLessThan(160);
    expect(PROFILES).toContain(profile);
    expect(Object.keys(capability.input._zod.def.shape)).toEqual(
      expect.arrayContaining([...capability.positional]),
    );
  },
);

describe("the command tree", () => {
  test("has each name and each place once, and no word that is both command and group", () => {
    const names = CAPABILITIES.map(({ name }) => name);
    const places = commands.map(({ words }) => words.join(" "));
    const groups = new Set(commands.flatMap(({ words }) => (words[1] ? [words[0]] : [])));

    expect(names).toEqual([...new Set(names)]);
    expect(places).toEqual([...new Set(places)]);
    expect(places.filter((place) => groups.has(place))).toEqual([]);
  });

  test("holds every capability, in order", () => {
    expect(commands.flatMap(({ tool }) => tool ?? [])).toEqual(
      CAPABILITIES.map(({ name }) => name),
    );
  });

  test.each(commands.map((command) => [command.words.join(" "), command] as const))(
    "sb %s is found by its words, and no option of it hides another",
    (title, command) => {
      const place = locate(wordsOf(`${title} --help`), commands);
      const properties = Object.entries(command.input.properties ?? {});
      const flags = properties.flatMap(([key, property]) =>
        kindOf(property) === "flag" ? [flagOf(key), flagOf(`no_${key}`)] : [flagOf(key)],
      );

      expect(place).toMatchObject({ kind: "command", command: { words: command.words } });
      expect([...flags, ...COMMON]).toEqual([...new Set([...flags, ...COMMON])]);
    },
  );

  const examples = commands.flatMap(({ examples: lines }) => lines);
  test.each(examples.filter((line) => line.startsWith("sb ")))("the example reads: %s", (line) => {
    const argv = wordsOf(line.replace(/ > .*/, "").replace(/^sb (-C \S+ )?/, ""));
    const place = locate(argv, commands);

    expect(place.kind).toBe("command");
    if (place.kind === "command") parseLine(place.command, place.rest);
  });
});

test("an answer without a text of its own is printed as indented JSON", async () => {
  const text = await render("no_such_tool", { a: [1] }, { color: false, columns: 80 });

  expect(text).toBe('{\n  "a": [\n    1\n  ]\n}\n');
});

test("no schema carries what tells a model nothing", () => {
  const schemas = TOOLS.map(({ inputSchema }) => JSON.stringify(inputSchema));

  expect(schemas.filter((schema) => /\$schema|9007199254740991/.test(schema))).toEqual([]);
});

test.each([
  ["core", 12, 2200],
  ["standard", Number.POSITIVE_INFINITY, 5500],
  ["full", Number.POSITIVE_INFINITY, 18_000],
] as const)("profile %s keeps to its budget of %d tools and %d tokens", (profile, most, tokens) => {
  const offered = TOOLS.filter(
    (tool) => PROFILES.indexOf(tool.profile) <= PROFILES.indexOf(profile),
  );
  const cost = offered.reduce((sum, tool) => sum + definitionTokens(tool), 0);

  expect(offered.length).toBeLessThanOrEqual(most);
  expect(cost).toBeLessThanOrEqual(tokens);
});
