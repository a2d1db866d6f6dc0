import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  beginnings,
  errorsIn,
  generalised,
  isSameMessage,
  signatureWord,
} from "../../core/search/error-signature.ts";

/** Signatures of the errors in `text`. */
function signatures(text: string): string[] {
  return errorsIn(text).map(({ signature }) => signature);
}

describe("an error is known by what is the same in every case of it", () => {
  test.each([
    [
      "JavaScript, with other names and places",
      "TypeError: Cannot read properties of undefined (reading 'name')\n    at f (/home/a/src/x.ts:10:5)",
      "Uncaught TypeError: Cannot read properties of undefined (reading 'id')",
      "typeerror: cannot read properties of undefined (reading <q>)",
    ],
    [
      "Python, below its traceback",
      "Traceback (most recent call last):\n  File \"/a/b.py\", line 3, in <module>\nKeyError: 'user_1'",
      "KeyError: 'account'",
      "keyerror: <q>",
    ],
    [
      "pytest",
      "E       AssertionError: assert 3 == 4",
      "AssertionError: assert 17 == 12",
      "assertionerror: assert <n> == <n>",
    ],
    [
      "tsc, in both forms",
      "src/a.ts(12,5): error TS2322: Type 'string' is not assignable to type 'number'.",
      "src/b/c.ts:1:9 - error TS2322: Type 'Date' is not assignable to type 'string'.",
      "ts2322: type <q> is not assignable to type <q>",
    ],
    [
      "rustc",
      "error[E0308]: mismatched types",
      "  error[E0308]: mismatched types",
      "e0308: mismatched types",
    ],
    [
      "a Rust panic, old and new",
      "thread 'main' panicked at src/main.rs:4:5:\nindex out of bounds: the len is 3 but the index is 7",
      "thread 'main' panicked at 'index out of bounds: the len is 1 but the index is 99', src/lib.rs:8:1",
      "panic: index out of bounds: the len is <n> but the index is <n>",
    ],
    [
      "a Go panic",
      "panic: runtime error: index out of range [5] with length 3",
      "panic: runtime error: index out of range [9] with length 2",
      "panic: runtime error: index out of range [<n>] with length <n>",
    ],
    [
      "go build",
      "./main.go:9:2: undefined: fetchUser",
      "cmd/x/run.go:10:14: undefined: fetchUser",
      "go: undefined: fetchuser",
    ],
    [
      "Java, with or without its package",
      'Exception in thread "main" java.lang.IllegalStateException: pool 7 is closed',
      "Caused by: IllegalStateException: pool 12 is closed",
      "illegalstateexception: pool <n> is closed",
    ],
    [
      "gcc",
      "a.c:10:5: error: expected ';' before '}' token",
      "lib/b.c:1:1: error: expected ')' before '{' token",
      "error: expected <q> before <q> token",
    ],
    [
      "mypy",
      'a.py:3: error: Module "x" has no attribute "y"',
      'b.py:9: error: Module "k" has no attribute "z"',
      "error: module <q> has no attribute <q>",
    ],
    [
      "eslint",
      "  10:5  error  'x' is defined but never used  no-unused-vars",
      "  3:17  error  'y' is defined but never used  no-unused-vars",
      "no-unused-vars: <q> is defined but never used",
    ],
    [
      "ruff",
      "a.py:1:8: F401 `os` imported but unused",
      "pkg/b.py:2:8: F401 `sys` imported but unused",
      "f401: <q> imported but unused",
    ],
    [
      "shells",
      "bash: line 1: jqq: command not found",
      "zsh: command not found: jqq",
      "command not found: jqq",
    ],
    ["dash", "sh: 1: jqq: not found", "/bin/sh: 1: jqq: not found", "command not found: jqq"],
    [
      "Node's codes",
      "Error: connect ECONNREFUSED 127.0.0.1:5432",
      "connect ECONNREFUSED 10.0.0.8:6379",
      "econnrefused: <address>",
    ],
    [
      "a missing file",
      "Error: ENOENT: no such file or directory, open '/a/b.json'",
      "ENOENT: no such file or directory, open '/tmp/x'",
      "enoent: no such file or directory, open <q>",
    ],
    [
      "git",
      "fatal: not a git repository (or any of the parent directories): .git",
      "fatal: not a git repository (or any of the parent directories): .git",
      "error: not a git repository (or any of the parent directories): .git",
    ],
    ["exit codes", "Exit code 137", "Command exited with code 1", "exit code: <n>"],
    ["jest", "FAIL src/a.test.ts", "FAIL lib/b.test.ts", "test failed: <path>"],
    [
      "cargo test",
      "test auth::refreshes ... FAILED",
      "test auth::refreshes ... FAILED",
      "test failed: auth::refreshes",
    ],
    [
      "a log",
      "2026-01-02T03:04:05Z ERROR db - query 7 timed out after 30s",
      "[ERROR] db: query 12 timed out after 5s",
      "error: query <n> timed out after <n>",
    ],
    [
      "colours",
      '\u001b[31merror\u001b[0m: script "build" exited',
      'error: script "x" exited',
      "error: script <q> exited",
    ],
    [
      "SQL",
      'ERROR:  relation "users" does not exist',
      'ERROR:  relation "orders" does not exist',
      "error: relation <q> does not exist",
    ],
  ])("%s", (_what, one, other, signature) => {
    expect(signatures(one)).toContain(signature);
    expect(signatures(other)).toContain(signature);
  });
});

test("the type is kept as it is written, without its package", () => {
  expect(errorsIn("java.util.NoSuchElementException: none").map(({ type }) => type)).toEqual([
    "NoSuchElementException",
  ]);
  expect(errorsIn("Error: it broke").map(({ type }) => type)).toEqual([undefined]);
});

test("what speaks of no error has none", () => {
  expect(
    signatures("All 12 tests pass.\nThe error handling is in src/errors.ts, see there."),
  ).toEqual([]);
});

test("each error once, in order, at its place", () => {
  const text = "building\nValueError: bad 1\nValueError: bad 2\nKeyError: 'x'\n";

  const found = errorsIn(text);

  expect(found.map(({ signature }) => signature)).toEqual(["valueerror: bad <n>", "keyerror: <q>"]);
  expect(found.map(({ at, line }) => text.slice(at, at + line.length))).toEqual(
    found.map(({ line }) => line),
  );
});

test("a generalised message is generalised, and hostile text costs no time to speak of", () => {
  const piece = fc.constantFrom(
    "'a'",
    "/x/y.ts:3:4",
    "12ms",
    "0xff",
    "word",
    "2026-01-02",
    '"',
    "<n>",
    " ",
    "deadbeef9",
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(" ")),
      (message) => {
        const once = generalised(message);
        expect(generalised(once)).toBe(once);
        expect(signatureWord(once)).toMatch(/^sig[0-9a-f]{20}$/);
      },
    ),
  );
  for (const hostile of [
    "Error: ".repeat(50_000),
    `error ${"a/".repeat(100_000)}`,
    "'".repeat(200_000),
    "E".repeat(200_000),
    `${"a.".repeat(100_000)}Error: x`,
  ]) {
    expect(errorsIn(hostile).length).toBeLessThan(3);
  }
});

test.each([
  ["x is not a function", "x is not a function", true],
  [
    "cannot read properties of undefined",
    "cannot read properties of undefined since the update",
    true,
  ],
  ["cannot read properties", "cannot read propertiesque", false],
  ["timed out", "timed out again and again", false],
  ["x is not a function", "x is not a number", false],
])("%j and %j tell the same error: %p", (one, other, isSame) => {
  expect([isSameMessage(one, other), isSameMessage(other, one)]).toEqual([isSame, isSame]);
});

test("a message is also looked for by what it begins with, as far as that tells", () => {
  expect(beginnings("cannot read properties of undefined")).toEqual([
    "cannot read properties of undefined",
    "cannot read properties",
    "cannot read properties of",
  ]);
  expect(beginnings("timed out now")).toEqual(["timed out now"]);
});
