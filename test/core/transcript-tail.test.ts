import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";
import type { Exchange, FileCursor, ReadCounts } from "../../core/transcript/model.ts";
import {
  type Pass,
  READ_LIMITS,
  type ReadLimits,
  readInSteps,
  readTranscript,
} from "../../core/transcript/tail.ts";
import { readAll, spoken, transcriptFile } from "../support/read-transcript.ts";
import { Transcript } from "../support/transcript.ts";

/** Limits so small that lines are shrunk, parts cut and chunks crossed all the time. */
const SMALL: ReadLimits = {
  chunkBytes: 512,
  longLineBytes: 3_000,
  shrink: { headBytes: 400, tailBytes: 100, lineBytes: 20_000 },
  partChars: 600,
  partBytes: 30_000,
};

/** One pass; throws unless it could read. */
function pass(
  path: string,
  cursor?: FileCursor,
  { maxBytes, ...limits }: ReadLimits & { maxBytes?: number } = READ_LIMITS,
) {
  const exchanges: Exchange[] = [];
  const onExchange = (exchange: Exchange) => void exchanges.push(exchange);
  const request = { file: path, cursor, onExchange };
  const steps = readInSteps(maxBytes === undefined ? request : { ...request, maxBytes }, limits);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return { exchanges, outcome: step.value };
}

function read(outcome: Pass): Extract<Pass, { kind: "read" }> {
  if (outcome.kind !== "read") throw new Error(`the pass was ${JSON.stringify(outcome)}`);
  return outcome;
}

/** What a store that keeps the last word on each id holds after passes over growing prefixes. */
function readGrowing(bytes: Buffer, ends: readonly number[], limits: ReadLimits) {
  const path = transcriptFile("");
  const held = new Map<string, Exchange>();
  const sum = { rows: 0, badRows: 0, unknownRows: 0, compactions: 0 };
  let cursor: FileCursor | undefined;
  let from = 0;
  for (const end of [...ends, bytes.length]) {
    appendFileSync(path, bytes.subarray(from, end));
    from = end;
    const { exchanges, outcome } = pass(path, cursor, limits);
    for (const exchange of exchanges) held.set(exchange.id, exchange);
    if (outcome.kind !== "read") continue;
    cursor = outcome.cursor;
    add(sum, outcome.counts);
    sum.compactions += outcome.facts.compactions;
  }
  return { exchanges: byId(held), sum };
}

function byId(held: ReadonlyMap<string, Exchange>): Exchange[] {
  return [...held.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function add(
  sum: { rows: number; badRows: number; unknownRows: number },
  counts: ReadCounts,
): void {
  sum.rows += counts.rows;
  sum.badRows += counts.badRows;
  sum.unknownRows += counts.unknownRows;
}

const words = fc.oneof(
  fc.constantFrom("Why?", "Größe 漢字", 'a \\ b "c"', "<system-reminder>x</system-reminder>y"),
  fc.integer({ min: 1, max: 5_000 }).map((length) => "word — ".repeat(length).slice(0, length)),
);

/** A row of one and the same API message, which so comes again in later exchanges. */
function again(t: Transcript, text: string): void {
  const message = {
    id: "msg_again",
    content: [{ type: "text", text }],
    usage: { output_tokens: 7 },
  };
  t.chain("assistant", { message });
}

/** One thing that happens in a session. */
const event = fc.oneof(
  words.map((text) => (t: Transcript) => void t.prompt(text)),
  words.map((text) => (t: Transcript) => void t.answer(text)),
  words.map(
    (output) => (t: Transcript) => void t.tool({ name: "Bash", input: { command: "ls" }, output }),
  ),
  words.map(
    (text) => (t: Transcript) =>
      void t.message([{ type: "text", text }], {}, { isSidechain: true, agentId: "a1" }),
  ),
  words.map(
    (content) => (t: Transcript) =>
      void t.chain("user", { isSidechain: true, message: { content } }),
  ),
  words.map((text) => (t: Transcript) => void t.queued(text)),
  words.map((text) => (t: Transcript) => again(t, text)),
  fc.constant((t: Transcript) => t.compact()),
  fc.constantFrom<((t: Transcript) => void)[]>(
    (t) => void t.raw(t.lines[0] ?? ""),
    (t) => void t.result("never-answered", { output: "An answer after all" }),
    (t) => t.command("review", "all"),
    (t) => void t.attachment("prompt_snapshot", { systemPrompt: "x".repeat(4_000) }),
    (t) => void t.raw(t.lines.at(-1) ?? ""),
    (t) => void t.raw(""),
    (t) => void t.raw("\r"),
    (t) => void t.raw("null"),
    (t) => void t.raw('{"type":"never-heard-of"}'),
    (t) => void t.raw(`{"type":"pr-link","prNu${t.lines.at(-1) ?? ""}`),
    (t) => void t.raw(`\0\0${t.lines.at(-1) ?? ""}`),
    (t) => void t.message([{ type: "tool_use", id: "never-answered", name: "Read", input: {} }]),
  ),
);

const session = fc.array(event, { minLength: 1, maxLength: 25 }).map((events) => {
  const t = new Transcript();
  for (const happen of events) happen(t);
  return Buffer.from(t.text());
});

describe("laws", () => {
  test("reading a growing file in any steps gives what reading it at once gives", () => {
    fc.assert(
      fc.property(
        session,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
        (bytes, at) => {
          const ends = at.map((part) => Math.floor(part * bytes.length)).sort((a, b) => a - b);

          const inSteps = readGrowing(bytes, ends, SMALL);

          expect(inSteps).toEqual(readGrowing(bytes, [], SMALL));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("reading a file in passes of few bytes ends, and gives what reading it at once gives", () => {
    fc.assert(
      fc.property(session, fc.constantFrom(0, 1, 700, 5_000), (bytes, maxBytes) => {
        const path = transcriptFile(bytes);
        const held = new Map<string, Exchange>();
        const sum = { rows: 0, badRows: 0, unknownRows: 0 };
        let last: Extract<Pass, { kind: "read" }> | undefined;
        do {
          const { exchanges, outcome } = pass(path, last?.cursor, { ...SMALL, maxBytes });
          for (const exchange of exchanges) held.set(exchange.id, exchange);
          last = read(outcome);
          add(sum, last.counts);
        } while (last.more);

        const whole = readGrowing(bytes, [], SMALL);
        expect(byId(held)).toEqual(whole.exchanges);
        expect({ ...sum, compactions: whole.sum.compactions }).toEqual(whole.sum);
        expect(pass(path, last.cursor).outcome.kind).toBe("unchanged");
      }),
      { numRuns: 60 },
    );
  });

  test("how much is read at a time changes nothing", () => {
    fc.assert(
      fc.property(session, fc.integer({ min: 1, max: 5_000 }), (bytes, chunkBytes) => {
        expect(readGrowing(bytes, [], { ...SMALL, chunkBytes })).toEqual(
          readGrowing(bytes, [], SMALL),
        );
      }),
      { numRuns: 60 },
    );
  });

  test("an exchange cut into parts loses no word, no usage and no result", () => {
    fc.assert(
      fc.property(fc.array(words, { minLength: 1, maxLength: 12 }), (answers) => {
        const t = new Transcript();
        t.prompt("Question");
        for (const answer of answers) t.tool({ name: "Bash", input: {}, output: answer }, answer);

        const whole = readAll(t).exchanges;
        const parts = pass(transcriptFile(t.text()), undefined, {
          ...SMALL,
          longLineBytes: 100_000,
        }).exchanges;

        expect(parts.flatMap((part) => part.passages)).toEqual(
          whole.flatMap((each) => each.passages),
        );
        expect(parts.flatMap((part) => part.tools)).toEqual(whole.flatMap((each) => each.tools));
        expect(billed(parts)).toBe(billed(whole));
      }),
      { numRuns: 40 },
    );
  });
});

test("a part does not end while a result is awaited", () => {
  const t = new Transcript();
  t.prompt("Question");
  t.message([{ type: "tool_use", id: "slow", name: "Task", input: {} }]);
  t.answer("x".repeat(SMALL.partChars));
  t.answer("Still waiting");
  t.result("slow", { output: "Done at last" });
  t.answer("Next part");

  const { exchanges } = pass(transcriptFile(t.text()), undefined, SMALL);

  expect(spoken(exchanges).map((said) => said.at(-1))).toEqual([
    "assistant: Still waiting",
    "assistant: Next part",
  ]);
  expect(exchanges[0]?.tools).toMatchObject([{ output: "Done at last" }]);
});

function billed(exchanges: readonly Exchange[]): number {
  return exchanges.reduce((sum, { usage }) => sum + usage.output, 0);
}

describe("a file that grows", () => {
  test("is not read again while it stays as it is", () => {
    const path = transcriptFile(conversation().text());
    const { cursor } = read(pass(path).outcome);

    expect(pass(path, cursor)).toEqual({ exchanges: [], outcome: { kind: "unchanged" } });
  });

  test("is read from its open exchange on, and only what is new is counted", () => {
    const t = conversation();
    const path = transcriptFile(t.text());
    const { cursor } = read(pass(path).outcome);
    const before = t.lines.length;
    t.answer("One more thing.");
    appendFileSync(path, `${t.lines.slice(before).join("\n")}\n`);

    const { exchanges, outcome } = pass(path, cursor);

    expect(spoken(exchanges)).toEqual([
      ["user: Second", "assistant: Answer to second", "assistant: One more thing."],
    ]);
    expect(outcome).toMatchObject({
      counts: { rows: t.lines.length - before },
      rescanned: false,
    });
    expect(cursor.resumeAt).toBeGreaterThan(0);
  });

  test("hands out no exchange again to which nothing was added", () => {
    const path = transcriptFile(conversation().text());
    const { cursor } = read(pass(path).outcome);
    appendFileSync(path, '{"type":"mode","mode":"normal"}\n');

    expect(pass(path, cursor)).toMatchObject({ exchanges: [], outcome: { counts: { rows: 1 } } });
  });

  test("is read to its last newline; a row still being written is left for the next pass", () => {
    const t = conversation();
    const text = t.text();
    const half = text.length - 40;
    const path = transcriptFile(text.slice(0, half));

    const first = read(pass(path).outcome);
    appendFileSync(path, text.slice(half));
    const second = read(pass(path, first.cursor).outcome);

    expect([first.counts, second.counts]).toEqual([
      { rows: t.lines.length - 1, badRows: 0, unknownRows: 0 },
      { rows: 1, badRows: 0, unknownRows: 0 },
    ]);
  });
});

describe("a file that is not the one it was is read again from its start", () => {
  test.each<[string, (path: string) => void]>([
    ["shorter", (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ["replaced by another", (path) => replace(path, "another")],
    ["rewritten in place, longer", (path) => writeFileSync(path, other("in place").repeat(20))],
    ["changed only at its start", (path) => rewriteStart(path)],
    ["changed only where reading stopped", (path) => rewriteEnd(path)],
  ])("%s", (_case, change) => {
    const path = transcriptFile(conversation().text());
    const { cursor } = read(pass(path).outcome);
    change(path);

    const outcome = read(pass(path, cursor).outcome);

    expect(outcome.rescanned).toBe(true);
    expect(outcome.counts).toEqual(read(pass(path).outcome).counts);
  });
});

function conversation(): Transcript {
  const t = new Transcript({ noise: "small" });
  for (const which of ["First", "Second"]) {
    t.prompt(which);
    t.answer(`Answer to ${which.toLowerCase()}`);
  }
  return t;
}

function other(prompt: string): string {
  const t = new Transcript({ sessionId: "0d6f1f6a-0000-4000-8000-000000000009" });
  t.prompt(prompt);
  return t.text();
}

function replace(path: string, prompt: string): void {
  writeFileSync(`${path}.compact.tmp.1`, other(prompt));
  renameSync(`${path}.compact.tmp.1`, path);
}

function rewriteStart(path: string): void {
  writeFileSync(path, `${readFileSync(path, "utf8").replace("enqueue", "ENQUEUE")}{}\n`);
}

function rewriteEnd(path: string): void {
  const { size } = statSync(path);
  truncateSync(path, size - 60);
  appendFileSync(path, `${"x".repeat(200)}\n`);
}

describe("a file that cannot be read is an outcome, never an exception", () => {
  test("missing", () => {
    expect(pass("/none/of/this.jsonl").outcome).toEqual({ kind: "gone" });
  });

  test("gone since the last pass", () => {
    const path = transcriptFile(conversation().text());
    const { cursor } = read(pass(path).outcome);
    rmSync(path);

    expect(pass(path, cursor).outcome).toEqual({ kind: "gone" });
  });

  test("a folder", () => {
    const path = `${transcriptFile("")}.jsonl`;
    mkdirSync(path);

    expect(pass(path).outcome).toEqual({ kind: "unreadable", reason: "ENOTFILE" });
  });

  test("empty", () => {
    const { outcome, exchanges } = pass(transcriptFile(""));

    expect(exchanges).toEqual([]);
    expect(outcome).toMatchObject({
      kind: "read",
      counts: { rows: 0, badRows: 0, unknownRows: 0 },
      cursor: { offset: 0, resumeAt: 0 },
    });
  });

  test("cut short while it is read: what was there is used, and the next pass starts anew", () => {
    const t = conversation();
    const path = transcriptFile(t.text());
    const steps = readInSteps({ file: path, onExchange: () => {} }, { ...SMALL, chunkBytes: 100 });
    for (let reads = 0; reads < 30; reads += 1) steps.next();
    truncateSync(path, 50);
    let step = steps.next();
    while (!step.done) step = steps.next();
    appendFileSync(path, other("later").repeat(3));

    expect(read(pass(path, read(step.value).cursor).outcome).rescanned).toBe(true);
  });
});

test("what the caller throws is not taken for a fault of the file", () => {
  const path = transcriptFile(conversation().text());

  expect(() =>
    readTranscript({
      file: path,
      onExchange() {
        throw new Error("the store is full");
      },
    }),
  ).toThrow("the store is full");
});

test("a pass can be left after any step", () => {
  const path = transcriptFile(conversation().text());
  const steps = readInSteps({ file: path, onExchange: () => {} }, SMALL);

  expect(steps.next()).toEqual({ done: false, value: 512 });
  expect(steps.return({ kind: "unchanged" }).done).toBe(true);
});

describe("irregular files", () => {
  test("bad lines, unknown types and blank lines are counted as what they are", () => {
    const t = new Transcript();
    t.prompt("Question");
    const record = t.lines[0] ?? "";
    t.raw("").raw("\r").raw("null").raw("[]").raw('"text"').raw("12");
    t.raw(record.slice(0, 80)).raw(`\0\0\0${'{"type":"mode"}'}`);
    t.raw('{"type":"never-heard-of"}').raw('{"no":"type"}').raw('{"type":7}');
    t.raw('{"type":"host-row"}\r').raw('{"type":"api-request-blob"}');

    expect(readAll(t).pass.counts).toEqual({ rows: 6, badRows: 6, unknownRows: 3 });
  });

  test("a record glued to a stub is used though its line is bad", () => {
    const t = new Transcript();
    t.prompt("Question");
    t.answer("Answer");
    t.lines[1] = `{"type":"pr-link","prNu${t.lines[1]}`;

    const { exchanges, pass: outcome } = readAll(t);

    expect(spoken(exchanges)).toEqual([["user: Question", "assistant: Answer"]]);
    expect(outcome.counts).toEqual({ rows: 1, badRows: 1, unknownRows: 0 });
  });

  test("lone surrogates become U+FFFD", () => {
    const t = new Transcript();
    t.raw('{"type":"user","uuid":"u","message":{"content":"cut \\ud83c here"}}');

    expect(spoken(readAll(t).exchanges)).toEqual([["user: cut \ufffd here"]]);
  });

  test("parents that form a circle or point at themselves change nothing", () => {
    const t = new Transcript();
    t.chain("user", { uuid: "a", parentUuid: "b", message: { content: "Question" } });
    t.chain("assistant", { uuid: "b", parentUuid: "b", message: { content: "Answer" } });

    expect(spoken(readAll(t).exchanges)).toEqual([["user: Question", "assistant: Answer"]]);
  });

  test("rows that come twice are used once", () => {
    const t = new Transcript();
    t.prompt("Question");
    t.tool({ name: "Bash", input: { command: "ls" }, output: "a.ts" });
    t.answer("Answer");
    for (const line of [...t.lines]) t.raw(line);

    const { exchanges } = readAll(t);

    expect(spoken(exchanges)).toEqual([["user: Question", "assistant: Answer"]]);
    expect(exchanges[0]?.tools).toMatchObject([{ command: "ls", output: "a.ts" }]);
    expect(exchanges[0]?.tools).toHaveLength(1);
  });

  test("a row without a uuid gets one from its content", () => {
    const row = '{"type":"user","message":{"content":"Question"}}\n';

    const ids = [row, row].map((text) => readAll(text).exchanges[0]?.id);

    expect(ids[0]).toMatch(/^row-[0-9a-f]{32}$/);
    expect(ids[1]).toBe(ids[0]);
  });

  test("a line of 20 MB is read with the head of its text", () => {
    const t = new Transcript();
    t.prompt(`Look at this: ${"x ".repeat(10 * 1024 * 1024)}What is it?`);
    t.answer("A long text.");

    const { exchanges, pass: outcome } = readAll(t);

    const [asked, answered] = exchanges[0]?.passages ?? [];
    expect(asked?.text).toMatch(/^Look at this: (?:x )+\[\.\.\. \d+ bytes left out \.\.\.\]$/);
    expect(asked?.text.length).toBeLessThan(50_000);
    expect(answered?.text).toBe("A long text.");
    expect(outcome.counts).toEqual({ rows: 2, badRows: 0, unknownRows: 0 });
  });

  test("a line of 20 MB whose text does not end is bad, and what follows is read", () => {
    const t = new Transcript();
    t.raw(`{"type":"user","uuid":"u","message":{"content":"${"x".repeat(20 * 1024 * 1024)}`);
    t.prompt("Question");

    const { exchanges, pass: outcome } = readAll(t);

    expect(spoken(exchanges)).toEqual([["user: Question"]]);
    expect(outcome.counts).toEqual({ rows: 1, badRows: 1, unknownRows: 0 });
  });

  test.each([
    "uuid",
    "sessionId",
    "timestamp",
    "cwd",
    "gitBranch",
    "message",
    "isSidechain",
    "agentId",
    "origin",
  ])("any type of value under %s is survived", (key) => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const t = new Transcript();
        t.prompt("Question", { [key]: value });
        t.chain("assistant", {
          message: { content: [{ type: "text", text: "Answer" }] },
          [key]: value,
        });
        t.chain("attachment", { attachment: value, [key]: value });

        expect(readAll(t).pass.counts).toEqual({ rows: 3, badRows: 0, unknownRows: 0 });
      }),
      { numRuns: 20 },
    );
  });
});

test("touching a file without changing it gives nothing new", () => {
  const path = transcriptFile(conversation().text());
  const { cursor } = read(pass(path).outcome);
  utimesSync(path, 2_000_000_000, 2_000_000_000);

  expect(pass(path, cursor)).toMatchObject({
    exchanges: [],
    outcome: { kind: "read", counts: { rows: 0, badRows: 0, unknownRows: 0 }, rescanned: false },
  });
});
