import { expect, test } from "bun:test";
import { appendFileSync } from "node:fs";
import fc from "fast-check";
import type { Exchange, FileCursor } from "../../core/transcript/model.ts";
import { READ_LIMITS, readInSteps } from "../../core/transcript/tail.ts";
import { FILE_MODIFIED_AT, readAll, transcriptFile } from "../support/read-transcript.ts";
import { TRANSCRIPT_START, Transcript } from "../support/transcript.ts";

const LATER = { timestamp: "2026-01-02T03:30:00.000Z" };
const LATER_MS = Date.parse(LATER.timestamp);

test.each([
  ["missing", undefined],
  ["no time", "yesterday"],
  ["before any client", "1970-01-01T00:00:00.000Z"],
  ["far in the future", "2999-01-01T00:00:00.000Z"],
  ["of a wrong type", {}],
])("a row whose time is %s stands at the last time before it in the file", (_case, timestamp) => {
  const t = new Transcript();
  t.prompt("First", LATER);
  t.prompt("Second", { timestamp });
  t.prompt("Third", { timestamp });

  const times = readAll(t).exchanges.map(({ startedAt, endedAt }) => [startedAt, endedAt]);

  expect(times).toEqual(Array(3).fill([LATER_MS, LATER_MS]));
});

test("any row that is read tells the time, one of a type that is not read does not", () => {
  const t = new Transcript();
  t.prompt("First");
  t.chain("system", { subtype: "informational", ...LATER });
  t.chain("progress", { timestamp: "2026-01-02T03:40:00.000Z" });
  t.prompt("Second", { timestamp: undefined });

  expect(readAll(t).exchanges[1]?.startedAt).toBe(LATER_MS);
});

test("an exchange with a time of its own stands there, though its prompt has none", () => {
  const t = new Transcript();
  t.prompt("First");
  t.prompt("Second", { timestamp: undefined });
  t.answer("Answer");

  expect(readAll(t).exchanges[1]?.startedAt).toBe(TRANSCRIPT_START + 2_000);
});

test("rows before the first time stand where the file was last changed", () => {
  const t = new Transcript();
  t.prompt("First", { timestamp: undefined });
  t.prompt("Second");

  const times = readAll(t).exchanges.map(({ startedAt }) => startedAt);

  expect(times).toEqual([FILE_MODIFIED_AT, TRANSCRIPT_START + 1_000]);
});

/** A chunk holds less than a row, so that a pass of few bytes ends wherever a line does. */
const LIMITS = { ...READ_LIMITS, chunkBytes: 300 };

/** The start of each exchange by its id, as a store knows it that reads the file as it grows. */
function startsOf(bytes: Buffer, ends: readonly number[], maxBytes?: number) {
  const path = transcriptFile("");
  const starts = new Map<string, number>();
  const onExchange = ({ id, startedAt }: Exchange) => void starts.set(id, startedAt);
  let cursor: FileCursor | undefined;
  let from = 0;
  for (const end of [...ends, bytes.length]) {
    appendFileSync(path, bytes.subarray(from, end));
    from = end;
    for (let more = true; more; ) {
      const request = { file: path, cursor, onExchange };
      const steps = readInSteps(
        maxBytes === undefined ? request : { ...request, maxBytes },
        LIMITS,
      );
      let step = steps.next();
      while (!step.done) step = steps.next();
      more = step.value.kind === "read" && step.value.more;
      // Through JSON, as a store keeps it.
      if (step.value.kind === "read") cursor = JSON.parse(JSON.stringify(step.value.cursor));
    }
  }
  return Object.fromEntries(starts);
}

interface Happening {
  readonly kind: "prompt" | "answer" | "system" | "glue";
  readonly timestamp: string | undefined;
}

const row: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constantFrom<Happening["kind"][]>("prompt", "answer", "system", "glue"),
  timestamp: fc.option(fc.constantFrom(LATER.timestamp, "2026-01-02T03:20:00.000Z"), {
    nil: undefined,
    freq: 1,
  }),
});

/** A row without a time, read again together with a later time that is not its own. */
const TIME_BEHIND_THE_CUT: Happening[] = [
  { kind: "prompt", timestamp: undefined },
  { kind: "system", timestamp: LATER.timestamp },
  { kind: "answer", timestamp: undefined },
];

test("reading a file as it grows, or a few bytes a pass, gives the times of reading it at once", () => {
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 12 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }),
      fc.constantFrom(undefined, 0, 900),
      (rows, at, maxBytes) => {
        const t = new Transcript();
        t.prompt("The first row has a time");
        for (const { kind, timestamp } of rows) {
          if (kind === "prompt") t.prompt("Question", { timestamp });
          else if (kind === "system") t.chain("system", { timestamp });
          else if (kind === "answer") {
            t.chain("assistant", { message: { content: "Answer" }, timestamp });
          } else if (t.lines.length > 2) t.raw(`${t.lines.pop()}${t.lines.pop()}`);
        }
        const bytes = Buffer.from(t.text());
        const ends = at.map((part) => Math.floor(part * bytes.length)).sort((a, b) => a - b);

        expect(startsOf(bytes, ends, maxBytes)).toEqual(startsOf(bytes, []));
      },
    ),
    { examples: [[TIME_BEHIND_THE_CUT, [], 0]] },
  );
});
