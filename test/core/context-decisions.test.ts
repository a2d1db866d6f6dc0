import { expect, test } from "bun:test";
import fc from "fast-check";
import { decisionsIn, questionsIn } from "../../core/context/decisions.ts";

test.each([
  "We decided to keep SQLite for the store.",
  "Let's go with the WAL mode for now.",
  "I'll use a worker thread because the loop must stay free.",
  "Use `end` instead of `close` on the pool.",
  "The API must never return a null cursor.",
  "- Decision: one file per domain",
])("%p tells a choice", (sentence) => {
  expect(decisionsIn([`Some context here first.\n${sentence}\nAnd then more.`], 5)).toHaveLength(1);
});

test.each([
  "I will look at the file now.",
  "Should we use SQLite instead of files?",
  "The tests pass.",
  "```\nwe decided to fail // in code\n```",
  "| we decided | on a table |",
  "# We decided on a heading",
])("%p tells none", (text) => {
  expect(decisionsIn([text], 5)).toEqual([]);
});

test("a choice told again is told once, in its last place, and only the newest are kept", () => {
  const [a, b, c] = ["alpha", "beta", "gamma"].map((name) => `We decided to use ${name} for it.`);

  expect(decisionsIn([a ?? "", b ?? "", a ?? "", c ?? ""], 2)).toEqual([a, c] as string[]);
});

test("the questions of an answer's end are open", () => {
  const answer =
    "Is this a test?\n\nI looked at both.\n\nTwo ways are left. Shall I drop the old table?";

  expect(questionsIn(answer, 3)).toEqual(["Shall I drop the old table?"]);
});

test("any text gives short lines of what it holds, and takes no time", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary", maxLength: 400 })), (texts) => {
      for (const line of decisionsIn(texts, 8)) expect(line.length).toBeLessThanOrEqual(240);
      expect(questionsIn(texts.join("\n"), 3).length).toBeLessThanOrEqual(3);
    }),
  );
});
