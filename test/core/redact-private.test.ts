import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { redact } from "../../core/kernel/redact.ts";
import { leftPrivate } from "../../core/kernel/redact-private.ts";
import { readAll, spoken } from "../support/read-transcript.ts";
import { makeWorld, type World } from "../support/services.ts";
import { Transcript } from "../support/transcript.ts";

const TEXT = (text: string) => ({ type: "text", text });

test("the tags of open blocks are told, and of closed ones nothing", () => {
  expect(leftPrivate("a <private>x")).toBe("<private>");
  expect(leftPrivate("a <private>x<PRIVATE y>")).toBe("<private><private>");
  expect(leftPrivate("a <private>x</private> b")).toBe("");
  expect(leftPrivate("</private> a")).toBe("");
});

test("wherever a text is cut, its second part goes on inside the blocks that the first left open", () => {
  const piece = fc.constantFrom("<private>", "</private>", "\\u003cprivate\\u003e", "word");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(12), (pieces, cut) => {
      const words = pieces.map((each, i) => (each === "word" ? `word${i}.` : each));
      const first = words.slice(0, cut).join(" ");
      const second = words.slice(cut).join(" ");

      const whole = redact(words.join(" ")).text;
      const parts = redact(first).text + redact(leftPrivate(first) + second).text;

      const seen = (text: string) =>
        words.filter((word) => /^word/.test(word) && text.includes(word));
      expect(seen(parts)).toEqual(seen(whole));
    }),
  );
});

test("a private block goes on in the later rows of its message, past a call, and no further", () => {
  const talk = new Transcript();
  talk.prompt("Why?");
  talk.message([
    TEXT("Seen. <private>one"),
    { type: "tool_use", id: "toolu_1", name: "Bash", input: { command: "ls" } },
    TEXT("two"),
    TEXT("three</private> Told."),
    TEXT("Said."),
  ]);
  talk.answer("Next.");

  const said = spoken(readAll(talk).exchanges)
    .flat()
    .map((words) => redact(words).text);

  expect(said).toEqual([
    "user: Why?",
    "assistant: Seen. [private]",
    "assistant: [private]",
    "assistant: [private] Told.",
    "assistant: Said.",
    "assistant: Next.",
  ]);
});

test("a message that was written as it grew stays one inside a private block", () => {
  const talk = new Transcript();
  talk.prompt("Why?");
  const grown = (words: string) => ({
    message: { id: "msg_1", role: "assistant", content: [TEXT(words)] },
  });
  talk.chain("assistant", grown("Seen. <private>one"));
  talk.chain("assistant", grown("Seen. <private>one two</private> Told."));
  talk.chain("assistant", grown("Also. <private>three"));
  talk.chain("assistant", grown("four"));
  talk.chain("assistant", grown("four</private> Told."));
  talk.chain("assistant", grown("Said."));
  talk.chain("assistant", grown("Said. All."));

  const said = spoken(readAll(talk).exchanges)
    .flat()
    .map((words) => redact(words).text);

  expect(said).toEqual([
    "user: Why?",
    "assistant: Seen. [private] Told.",
    "assistant: Also. [private]",
    "assistant: [private] Told.",
    "assistant: Said. All.",
  ]);
});

test("no byte of a private block of several rows is in the store", () => {
  using world = makeWorld();
  const talk = new Transcript({ cwd: world.home });
  talk.prompt([TEXT("What is hidden? <private>quokka"), TEXT("numbat</private> Nothing.")]);
  talk.message([
    TEXT("Before. <private>wombat"),
    TEXT("★ Insight: bilby"),
    TEXT("potoroo</private> bandicoot"),
  ]);
  talk.writeTo(join(world.claude, "projects"));

  world.services.ingest.run({ kind: "all" });

  const bytes = storeBytes(world);
  const words = ["quokka", "numbat", "wombat", "bilby", "potoroo", "bandicoot"];
  expect(words.filter((word) => bytes.includes(word))).toEqual(["bandicoot"]);
});

/** Everything under the data folder, the write-ahead log too. */
function storeBytes(world: World): string {
  const folder = join(world.claude, "data");
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("");
}
