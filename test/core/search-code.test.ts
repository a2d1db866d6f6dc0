import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { fencesIn, readCode, writtenBlock } from "../../core/search/code.ts";
import { guessLanguage, languageNamed, languageOf } from "../../core/search/code-language.ts";

describe("what code does, and what it defines", () => {
  test.each<[language: string, code: string, kinds: string[], names: string[]]>([
    ["typescript", "export async function fetchUser(id: string) {}", ["function"], ["fetchUser"]],
    ["typescript", "const run = async (a: number): Promise<void> => {}", ["function"], ["run"]],
    [
      "typescript",
      "export abstract class Queue<T> {\n  private push(x: T) {}\n}",
      ["function", "class"],
      ["push", "Queue"],
    ],
    ["typescript", "export interface Row { a: 1 }\ntype Id = string;", ["type"], ["Row", "Id"]],
    ["typescript", 'import { a } from "./a.ts";', ["import"], []],
    ["typescript", 'test("adds", () => {});', ["test"], []],
    ["javascript", "const a = require('a');", ["import"], []],
    ["python", "async def load(self):\n    pass", ["function"], ["load"]],
    [
      "python",
      "class User(Base):\n    pass\n\ndef test_user():\n    pass",
      ["function", "class", "test"],
      ["test_user", "User"],
    ],
    ["python", "from os import path", ["import"], []],
    [
      "rust",
      "pub(crate) fn parse(s: &str) -> u8 { 0 }\n#[test]\nfn ok() {}",
      ["function", "test"],
      ["parse", "ok"],
    ],
    ["rust", "use std::fs;\npub struct Point { x: u8 }", ["class", "import"], ["Point"]],
    [
      "go",
      "func (s *Server) Handle(w Writer) {}\nfunc TestHandle(t *T) {}",
      ["function", "test"],
      ["Handle", "TestHandle"],
    ],
    ["java", "public static void main(String[] args) {", ["function"], ["main"]],
    ["kotlin", "data class User(val id: Int)", ["class"], ["User"]],
    ["sql", "CREATE TABLE IF NOT EXISTS users (id INT);", ["query"], ["users"]],
    ["shell", "npm run build", ["command"], []],
    ["json", '{"function foo": 1}', ["config"], []],
    ["text", "def not_code(", [], []],
  ])("%s: %s", (language, code, kinds, names) => {
    expect(readCode(code, language)).toEqual({ kinds: kinds as never, names });
  });
});

test.each([
  ["ts", "typescript"],
  ["TSX", "typescript"],
  [".py", "python"],
  ["golang", "go"],
  ["bash", "shell"],
  ["brainfuck", "brainfuck"],
])("the language called %s is %s", (name, language) => {
  expect(languageNamed(name)).toBe(language);
});

test.each([
  ["/a/b/Main.cs", "csharp"],
  ["C:\\a\\x.PY", "python"],
  ["Dockerfile", "dockerfile"],
  ["a.unknown", "text"],
  ["", "text"],
])("the file %s is in %s", (path, language) => {
  expect(languageOf(path)).toBe(language);
});

test.each([
  ["$ git status", "shell"],
  ["def a(b):\n  return b", "python"],
  ["fn main() {}", "rust"],
  ["package main", "go"],
  ["const a = 1;", "javascript"],
  ["interface A { b: string }", "typescript"],
  ["SELECT 1", "sql"],
  ['{"a": 1}', "json"],
  ["name: x\non: push", "yaml"],
  ["All is well.", "text"],
])("%s looks like %s", (code, language) => {
  expect(guessLanguage(code)).toBe(language);
});

describe("fences", () => {
  const read = (text: string) =>
    fencesIn(text).map(({ start, stop, language }) => [language, text.slice(start, stop)]);

  test.each<[string, [string, string][]]>([
    ["a\n```ts\nlet a = 1;\n```\nb", [["typescript", "let a = 1;"]]],
    ["```\nfn x() {}\n```", [["rust", "fn x() {}"]]],
    ["~~~python title=a\nx = 1\n~~~", [["python", "x = 1"]]],
    ["````md\n```ts\nx\n```\n````", [["markdown", "```ts\nx\n```"]]],
    ["1. ```sh\n   ls\n   ```\n", [["shell", "   ls"]]],
    ["> ```go\n> x := 1\n> ```", [["go", "> x := 1"]]],
    ["```12:20:src/a.rs\nlet x;\n```", [["rust", "let x;"]]],
    ["```ts:src/a.ts\nlet x;\n```", [["typescript", "let x;"]]],
    ["```{.python}\nx\n```", [["python", "x"]]],
    ["```ts\nnever closed", [["typescript", "never closed"]]],
    [
      "```ts\na\n```\n```py\nb\n```",
      [
        ["typescript", "a"],
        ["python", "b"],
      ],
    ],
    ["```\n\n```", []],
    ["inline ```code``` here", []],
    ["no code", []],
  ])("%j", (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test("whatever the text, blocks lie in it, in order and apart", () => {
    const piece = fc.constantFrom("```", "~~~", "```ts", "\n", "x", " ", "````", "> ", "🙂");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join("");
        let last = 0;
        for (const { start, stop } of fencesIn(text)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(stop).toBeGreaterThan(start);
          expect(stop).toBeLessThanOrEqual(text.length);
          last = stop;
        }
      }),
    );
  });
});

test("a written file's ending tells its language, else its text does", () => {
  const block = (path: string) =>
    writtenBlock("def a():\n  pass", { source: "edit", place: 2, path });

  expect(block("/a/b.ts")).toMatchObject({ language: "typescript", place: 2, source: "edit" });
  expect(block("")).toMatchObject({ language: "python", names: ["a"], stop: 15 });
});

test("a megabyte of any shape is read in linear time", () => {
  const million = 1_000_000;
  const shapes = [
    "```\n",
    "`",
    "a ",
    "function ",
    "public ",
    "const a",
    "(",
    "=",
    "SELECT ",
    "~~~ts\n",
    "> ",
  ];
  const started = performance.now();
  for (const shape of shapes) {
    const text = shape.repeat(million / shape.length);
    fencesIn(text);
    fencesIn(`\`\`\`ts\n${text}`);
    readCode(text, "typescript");
  }

  expect(performance.now() - started).toBeLessThan(3_000);
});
