import { expect, test } from "bun:test";
import { redact } from "../../core/kernel/redact.ts";
import { readAll, spoken } from "../support/read-transcript.ts";
import { Transcript } from "../support/transcript.ts";

const MB = 1024 * 1024;

test("a row of 20 MB made of short texts keeps its words, its id and its time", () => {
  const t = new Transcript();
  const uuid = t.prompt("What does the build print?");
  const lines = Array.from({ length: 20 * 1024 }, (_, index) => `${index}`.padEnd(1_000, " out"));
  t.chain("user", {
    message: { content: "All of this:" },
    attached: { first: "kept", lines, nested: lines.map((line) => ({ line })) },
    last: true,
  });
  t.answer("A log.");

  const { exchanges, pass } = readAll(t);

  expect(spoken(exchanges)).toEqual([
    ["user: What does the build print?"],
    ["user: All of this:", "assistant: A log."],
  ]);
  expect(exchanges[0]?.id).toBe(uuid);
  expect((exchanges[1]?.startedAt ?? 0) - (exchanges[0]?.startedAt ?? 0)).toBe(1_000);
  expect(pass.counts).toEqual({ rows: 3, badRows: 0, unknownRows: 0 });
});

test("a message of 20 MB in short blocks keeps the first of them", () => {
  const t = new Transcript();
  const blocks = Array.from({ length: 20 * 1024 }, (_, index) => ({
    type: "text",
    text: `${index} ${"word ".repeat(200)}`,
  }));
  t.prompt(blocks);
  t.answer("Many words.");

  const { exchanges, pass } = readAll(t);

  expect(exchanges).toHaveLength(1);
  expect(exchanges[0]?.passages[0]?.text).toStartWith("0 word word");
  expect(exchanges[0]?.passages[1]?.text).toBe("Many words.");
  expect(pass.counts.badRows).toBe(0);
});

test.each([
  ["a short line", 1_000],
  ["a line of 5 MB", 5 * MB],
])("what is escaped wrongly in %s is used, and the line is counted as bad", (_case, bytes) => {
  for (const wrong of ["[x] \\x", "\\u12 words", "C:\\dev"]) {
    const t = new Transcript();
    t.prompt("Question");
    t.prompt(`PLACE ${"and words ".repeat(bytes / 10)}`);
    t.answer("Answer");
    t.lines[1] = t.lines[1]?.replace("PLACE", wrong) ?? "";

    const { exchanges, pass } = readAll(t);

    expect(exchanges).toHaveLength(2);
    expect(exchanges[1]?.passages[0]?.text).toStartWith(`${wrong} and words`);
    expect(exchanges[1]?.passages[1]?.text).toBe("Answer");
    expect(pass.counts).toEqual({ rows: 2, badRows: 1, unknownRows: 0 });
  }
});

test("a wrong escape where a long text is dropped counts the line as bad, and its head is used", () => {
  const t = new Transcript();
  t.prompt(`The head ${"of it ".repeat(MB)}PLACE${"and more ".repeat(MB)}`);
  t.lines[0] = t.lines[0]?.replace("PLACE", "\\x") ?? "";

  const { exchanges, pass } = readAll(t);

  expect(exchanges[0]?.passages[0]?.text).toStartWith("The head of it");
  expect(pass.counts).toEqual({ rows: 0, badRows: 1, unknownRows: 0 });
});

const KEY = `ghp_${"A1b2".repeat(9)}`;
const JWT = `eyJhbGciOiJIUzI1NiJ9.${"QWJjZA".repeat(1_500)}.${"c2lnbg".repeat(8)}`;
const PEM = `-----BEGIN RSA PRIVATE KEY-----\n${`${"kK3Yc9Lq".repeat(8)}\n`.repeat(60)}-----END RSA PRIVATE KEY-----\n`;

/** Where one long text is cut: at the end of its head, or well before where it has no space. */
const HEADS = [32 * 1024, 28 * 1024];

test.each([
  ["in a log", "a line of log\n", KEY, " end", "A1b2A1b2"],
  ["in prose", "some words ", KEY, " end", "A1b2A1b2"],
  ["in a text without a space", "log,", KEY, ",log", "A1b2A1b2"],
  ["in a text without a space behind it", "some words ", KEY, ",log", "A1b2A1b2"],
  ["a long token", "some words ", JWT, " end", "QWJjZAQWJjZA"],
  ["a private key", "a line of log\n", PEM, " end", "kK3Yc9LqkK3Yc9Lq"],
])(
  "wherever a cut falls in a credential, none of it is left: %s",
  (...[, filler, secret, after, part]) => {
    const step = Math.ceil(secret.length / 10);
    for (const head of HEADS) {
      for (let inside = 9; inside < secret.length; inside += step) {
        const before = filler.repeat(Math.floor((head - inside) / filler.length));
        const t = new Transcript();
        t.prompt(
          `${" ".repeat(head - inside - before.length)}${before}${secret}${after.repeat(MB)}`,
        );
        t.answer("Answer");

        const { exchanges } = readAll(t);

        expect(redact(exchanges[0]?.passages[0]?.text ?? "").text).not.toContain(part);
      }
    }
  },
);
