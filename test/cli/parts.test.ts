import { describe, expect, test } from "bun:test";
import { platform } from "node:os";
import { Writable } from "node:stream";
import fc from "fast-check";
import { confirm } from "../../cli/confirm.ts";
import { describeFailure, EXIT_CODES } from "../../cli/errors.ts";
import { streamLogger } from "../../cli/logger.ts";
import { systemProcesses } from "../../cli/processes.ts";
import { printable } from "../../cli/render/printable.ts";
import { SbError, type SbErrorCode } from "../../core/kernel/errors.ts";
import { editDistance, nearest } from "../../core/kernel/suggest.ts";

describe("what cannot be undone", () => {
  const ask = async ({ yes = false, canAsk = false, answer = "" }) => {
    let shown = "";
    const io = {
      canAsk,
      err(text: string) {
        shown += text;
      },
      readLine: async () => answer,
    };
    return { agreed: await confirm("Forget it.", { yes, io }), shown };
  };

  test.each([
    ["y", true],
    ["YES ", true],
    ["n", false],
    ["", false],
    ["yesterday", false],
  ])("is asked for on a terminal; %p means %p", async (answer, agreed) => {
    expect(await ask({ canAsk: true, answer })).toEqual({
      agreed,
      shown: "Forget it. This cannot be undone. Go on? [y/N] ",
    });
  });

  test("is done without a question with --yes, and refused where nobody can be asked", async () => {
    expect(await ask({ yes: true })).toEqual({ agreed: true, shown: "" });
    expect(ask({})).rejects.toMatchObject({
      code: "invalid_input",
      hint: "add --yes to do it all the same",
    });
  });
});

describe("a failure", () => {
  test.each(Object.entries(EXIT_CODES))("%s has exit code %d", (code, exitCode) => {
    const error = new SbError(code as SbErrorCode, "No.", { hint: "Do this." });

    expect(describeFailure(error, { json: false })).toEqual({
      text: "sb: No.\n  hint: Do this.\n",
      exitCode,
    });
  });

  test("that is ours is exit 1 and shows where it happened", () => {
    const bug = new TypeError("x is not a function");

    const text = describeFailure(bug, { json: false });
    const json = describeFailure(bug, { json: true });

    expect(text.exitCode).toBe(1);
    expect(text.text).toStartWith("sb: internal error: x is not a function\nTypeError: x is");
    expect(JSON.parse(json.text).error).toMatchObject({
      code: "bug",
      message: "internal error: x is not a function",
    });
  });
});

describe("the log", () => {
  const logged = async (SB_LOG?: string) => {
    let written = "";
    const stream = new Writable({
      write(chunk, _encoding, done) {
        written += String(chunk);
        done();
      },
    });
    const log = streamLogger({ SB_LOG }, () => stream);
    log.debug("one");
    log.warn("two");
    log.error("three");
    await Bun.sleep(0); // the lines wait for the library, which an earlier line has loaded
    return written.split("\n").filter(Boolean);
  };

  test.each([
    [undefined, ["two", "three"]],
    ["nonsense", ["two", "three"]],
    ["debug", ["one", "two", "three"]],
    ["error", ["three"]],
    ["silent", []],
  ])("with SB_LOG %p holds %j, in order", async (level, words) => {
    await import("consola/basic");

    const lines = await logged(level);

    expect(lines.map((line) => line.split(" ").at(-1) ?? "")).toEqual(words);
  });
});

describe("processes", () => {
  const facts = { pid: process.pid, parentPid: () => process.ppid, exists: isThere };

  test("this one lives, as itself and not as another that had its number", () => {
    const processes = systemProcesses(facts, {});
    const self = processes.self();

    expect(self.pid).toBe(process.pid);
    expect(processes.isAlive(self)).toBe(true);
    if (platform() === "win32") return;
    expect(self.startedAt).toBeGreaterThan(0);
    expect(processes.isAlive({ pid: self.pid, startedAt: self.startedAt - 1 })).toBe(false);
  });

  test("one that has ended is dead", async () => {
    const child = Bun.spawn(["true"], { env: { PATH: Bun.env["PATH"] } });
    const processes = systemProcesses({ ...facts, pid: child.pid }, {});
    const ref = processes.self();
    await child.exited;

    expect(processes.isAlive(ref)).toBe(false);
  });

  test("the owner is Claude Code where it says who it is, else the parent", () => {
    const owner = (CLAUDE_PID?: string) => systemProcesses(facts, { CLAUDE_PID }).owner().pid;

    expect(owner()).toBe(process.ppid);
    expect(owner(String(process.pid))).toBe(process.pid);
    expect(owner("nonsense")).toBe(process.ppid);
    expect(owner("0")).toBe(process.ppid);
  });

  function isThere(pid: number): boolean {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  }
});

describe("a slip of the finger", () => {
  const names = ["search", "start", "status", "completion"];

  test.each([
    ["serch", "search"],
    ["saerch", "search"],
    ["STATUS", "status"],
    ["comp", "completion"],
    ["sta", undefined],
    ["memory", undefined],
    ["", undefined],
  ])("%s is taken for %p", (word, name) => {
    expect(nearest(word, names)).toBe(name);
  });

  test("is one letter dropped, doubled, changed or swapped, wherever it is", () => {
    const word = fc.string({ minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(word, fc.nat(), (text, seed) => {
        const at = seed % (text.length - 1);
        const [before, here, after] = [text.slice(0, at), text[at] ?? "", text[at + 1] ?? ""];
        const swapped = `${before}${after}${here}${text.slice(at + 2)}`;

        expect(editDistance(before + text.slice(at + 1), text)).toBe(1);
        expect(editDistance(before + here + text.slice(at), text)).toBe(1);
        expect(editDistance(swapped, text)).toBeLessThanOrEqual(1);
        expect(editDistance(text, text)).toBe(0);
      }),
    );
  });
});

test("what is printed on a terminal holds no control characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const shown = JSON.stringify(printable({ [text]: [text, { text }] }));

      expect(shown).not.toMatch(/\\u00[01]|[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
  expect(printable("a\tb\nc")).toBe("a\tb\nc");
  expect(printable({ n: 1, none: null })).toEqual({ n: 1, none: null });
});
