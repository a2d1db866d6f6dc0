import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { findFixes } from "../../core/error/find-fixes.ts";
import {
  certainty,
  commandKey,
  mainError,
  type Observed,
  type ObservedCall,
  programOf,
} from "../../core/error/model.ts";

const FAILURE =
  "1 failing\nTypeError: pool.close is not a function\n    at stop (src/pool.ts:12:8)";

function run(command: string, output?: string): ObservedCall {
  return { name: "Bash", command, failed: output !== undefined, output: output ?? "ok" };
}

function edit(path: string, input = "await pool.end();"): ObservedCall {
  return { name: "Edit", files: [{ path, action: "edit" }], input, failed: false };
}

function exchange(at: number, ...calls: ObservedCall[]): Observed {
  return { documentId: `d-${at}`, at, calls, answer: "The driver calls it end." };
}

test("an edit between a failure and the success of the same command is its fix", () => {
  const fixes = findFixes([
    exchange(1, run("npm test", FAILURE)),
    exchange(2, edit("src/pool.ts"), run("npm test 2>&1 | tail -20")),
  ]);

  expect(fixes).toEqual([
    {
      error: {
        signature: expect.stringContaining("typeerror: pool.close is not a function"),
        type: "TypeError",
        line: "TypeError: pool.close is not a function",
      },
      command: "npm test",
      edits: [{ path: "src/pool.ts", text: "await pool.end();" }],
      commands: [],
      explanation: "The driver calls it end.",
      attempts: [{ at: 1, line: "TypeError: pool.close is not a function" }],
      failedAt: 1,
      fixedAt: 2,
      failedIn: "d-1",
      fixedIn: "d-2",
    },
  ]);
});

test("a command that installs what was missing is a fix, one that only looks is none", () => {
  const missing = "Error: Cannot find module 'left-pad'";

  const fixes = findFixes([
    exchange(1, run("npm test", missing), run("ls node_modules"), run("npm install left-pad")),
    exchange(2, run("npm test")),
  ]);

  expect(fixes.map(({ commands, edits }) => [commands, edits])).toEqual([
    [["npm install left-pad"], []],
  ]);
});

test.each([
  ["nothing was done in between", [exchange(1, run("npm test", FAILURE), run("npm test"))]],
  ["another command succeeded", [exchange(1, run("npm test", FAILURE), edit("a.ts"), run("ls"))]],
  [
    "the error became another one",
    [
      exchange(1, run("npm test", FAILURE), edit("a.ts")),
      exchange(2, run("npm test", "RangeError: invalid array length of buffer"), run("npm test")),
    ],
  ],
  [
    "the output names no error",
    [exchange(1, run("npm test", "something is not right"), edit("a.ts"), run("npm test"))],
  ],
  [
    "only the exit code is told",
    [exchange(1, run("make", "exited with code 2"), edit("a.ts"), run("make"))],
  ],
  [
    "the edit itself failed",
    [exchange(1, run("npm test", FAILURE), { ...edit("a.ts"), failed: true }, run("npm test"))],
  ],
  [
    "half of the project was changed",
    [
      exchange(1, run("npm test", FAILURE)),
      exchange(2, ...Array.from({ length: 9 }, (_, n) => edit(`${n}.ts`)), run("npm test")),
    ],
  ],
])("it is no fix when %s", (_case, exchanges) => {
  expect(findFixes(exchanges)).toEqual([]);
});

test("every failed run is an attempt, and what was changed before each of them counts", () => {
  const [fix] = findFixes([
    exchange(1, run("npm test", FAILURE), edit("a.ts")),
    exchange(2, run("npm test", FAILURE), edit("b.ts")),
    exchange(3, run("npm test")),
  ]);

  expect(fix?.attempts.map(({ at }) => at)).toEqual([1, 2]);
  expect(fix?.edits.map(({ path }) => path)).toEqual(["a.ts", "b.ts"]);
});

test("fixes of a part of a conversation are fixes of the whole", () => {
  const call = fc.constantFrom(
    run("npm test", FAILURE),
    run("npm test"),
    run("make", "error: unknown type name uint"),
    run("make"),
    edit("a.ts"),
    edit("b.ts"),
    run("ls"),
  );
  fc.assert(
    fc.property(fc.array(fc.array(call, { maxLength: 4 }), { maxLength: 8 }), (turns) => {
      const exchanges = turns.map((calls, at) => exchange(at + 1, ...calls));
      const whole = findFixes(exchanges);

      for (let cut = 0; cut <= exchanges.length; cut += 1) {
        const part = findFixes(exchanges.slice(0, cut));
        expect(whole.slice(0, part.length)).toEqual(part);
      }
      for (const fix of whole) {
        expect(fix.edits.length + fix.commands.length).toBeGreaterThan(0);
        expect(fix.fixedAt).toBeGreaterThanOrEqual(fix.failedAt);
      }
    }),
  );
});

describe("commands", () => {
  test.each([
    ["cd /home/x && CI=1 npm test 2>&1 | tail -5", "npm test"],
    ["  npm   test ", "npm test"],
    ['cd "/a b/c"; timeout 60 cargo build', "cargo build"],
    ["npm test > /dev/null", "npm test"],
  ])("%p runs %p", (command, key) => {
    expect(commandKey(command)).toBe(key);
  });

  test.each([
    ["npm test -- --watch", "npm test"],
    ["/usr/bin/python3 -m pytest", "python3"],
    ["./gradlew build", "gradlew build"],
  ])("the program of %p is %p", (command, program) => {
    expect(programOf(command)).toBe(program);
  });
});

describe("certainty", () => {
  const before = { line: "TypeError: pool.close is not a function", command: "npm test" };

  test("the same line of the same program is certain", () => {
    expect(certainty({ line: before.line, command: "npm test -- --bail" }, before)).toBe(1);
  });

  test("another program and other words are worth half", () => {
    const now = { line: "TypeError: x", command: "go vet" };

    expect(certainty(now, before)).toBeLessThan(0.6);
  });

  test.each([
    ["TypeError: Cannot read properties of undefined (reading 'amount')", "'amount'", "'name'"],
    ["error TS2304: Cannot find name 'Foo'.", "'Foo'", "'Bar'"],
    ["ModuleNotFoundError: No module named 'yaml'", "'yaml'", "'requests'"],
    ['ERROR: relation "users" does not exist at character 15', '"users"', '"orders"'],
  ])("%s is another error where it names another thing", (line, name, other) => {
    const known = { line, command: "npm test" };

    expect(certainty({ ...known, line: line.replace(name, other) }, known)).toBeLessThan(0.7);
    expect(certainty(known, known)).toBe(1);
  });

  test("numbers, paths and sentences in quotes may differ", () => {
    const known = {
      line: "ENOENT: no such file, open '/a/b.json' (code '7')",
      command: "npm test",
    };
    const line = "ENOENT: no such file, open '/tmp/x/c.json' (code '12')";

    expect(certainty({ ...known, line }, known)).toBeGreaterThan(0.7);
  });
});

test.each([
  [
    "a class before a mere line",
    "error: build failed for web\nTypeError: x.y is not a function",
    "TypeError",
  ],
  [
    "a code of the system",
    "Error: listen EADDRINUSE: address already in use :::3000",
    "EADDRINUSE",
  ],
])("the error that an output is about: %s", (_case, output, type) => {
  expect(mainError(output)?.type).toBe(type);
});

test.each(["", "all is well", "exited with code 1", "Error: 42"])(
  "%p is about no error",
  (output) => {
    expect(mainError(output)).toBeUndefined();
  },
);
