import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Line, parseLine } from "../../core/transcript/lines.ts";
import { readBuffer } from "../../core/transcript/read-buffer.ts";
import { skim } from "../../core/transcript/skim.ts";

const memory = readBuffer(4 * 1024 * 1024);

/** The line as it lies in a reader's memory: at byte `at`, with others round it. */
function lineAt(line: string | Buffer, at = 0): Line {
  const { bytes, scan } = memory;
  bytes.fill('"', 0, at);
  const end = at + (typeof line === "string" ? bytes.write(line, at) : line.copy(bytes, at));
  bytes.write("\n{}\n", end);
  return { bytes, start: at, end, at: 0, scan };
}

const skimmed = (line: string | Buffer, at?: number) => skim(lineAt(line, at));

/** What the parser finds in the same line; undefined where it is not one object. */
function parsed(line: Buffer): { type: unknown; attachment: { type: unknown } } | undefined {
  try {
    const row = JSON.parse(line.toString("latin1"));
    if (typeof row !== "object" || row === null || Array.isArray(row)) return undefined;
    return { type: row.type, attachment: { type: row.attachment?.type } };
  } catch {
    return undefined;
  }
}

const word = fc.oneof(
  fc.constantFrom("attachment", "user", 'a "quote"', "C:\\dir\\", "\u0000\u001f\n", "漢字", ""),
  fc.string({ unit: "binary", maxLength: 40 }),
);

/** Rows of the client's kind: `type` and `attachment` anywhere among other keys. */
const row = fc
  .array(
    fc.oneof(
      fc.record({ key: fc.constant("type"), value: word }),
      fc.record({ key: fc.constant("attachment"), value: fc.record({ a: word, type: word }) }),
      fc.record({ key: word, value: fc.jsonValue({ maxDepth: 4 }) }),
    ),
    { maxLength: 8 },
  )
  .map((pairs) => Object.fromEntries(pairs.map(({ key, value }) => [key, value])));

test("what is found in a row is what parsing it finds, wherever it lies in memory", () => {
  fc.assert(
    fc.property(row, fc.integer({ min: 0, max: 7 }), (value, at) => {
      const line = Buffer.from(JSON.stringify(value));

      const found = skimmed(line, at);

      if (found) expect(found).toEqual(parsed(line) as typeof found);
    }),
    { numRuns: 2_000 },
  );
});

/** A row with everything that JSON has. */
const EVERYTHING = [
  '{"type":"mode","a":[-12.5e+3,0,[],{},true,{"b":false}],"c":null,',
  String.raw`"text":"plain words \"\\\/\b\u00e9 – more words","attachment":{"type":"date"}}`,
].join("");

/** What may come in place of a byte: every one of ASCII, one beyond it, and nothing. */
const OTHERS = [
  "",
  "\u0080",
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
];

test("whatever byte of a row is changed, lost or doubled, nothing is found that parsing does not find", () => {
  expect(skimmed(EVERYTHING)).toEqual({ type: "mode", attachment: { type: "date" } });

  for (let at = 0; at < EVERYTHING.length; at += 1) {
    for (const other of OTHERS) {
      for (const behind of [at, at + 1]) {
        const line = Buffer.from(EVERYTHING.slice(0, at) + other + EVERYTHING.slice(behind));
        const found = skimmed(line);
        if (found)
          expect([line.toString(), found]).toEqual([line.toString(), parsed(line) as never]);
      }
    }
  }
});

test("every beginning of a row, alone or with a whole row behind it, is left to the parser", () => {
  const nested = {
    type: "user",
    message: { content: [{ type: "text", text: 'a {"b": 1}, [c]' }] },
  };
  const line = JSON.stringify({
    type: "progress",
    data: { list: [nested, 1.5e-3, null] },
    end: {},
  });

  for (let end = 0; end < line.length; end += 1) {
    const stub = line.slice(0, end);

    expect([stub, skimmed(stub)]).toEqual([stub, undefined]);
    if (end > 0) expect([stub, skimmed(stub + line)]).toEqual([stub, undefined]);
    expect([stub, skim({ ...lineAt(line), end })]).toEqual([stub, undefined]);
  }
  expect(skimmed(line)).toEqual({ type: "progress", attachment: { type: undefined } });
});

test.each([
  ["a queued prompt's kind", '{"attachment":{"type":"queued_command"},"type":"attachment"}'],
  [
    "a row's type behind its texts",
    '{"data":{"type":"x"},"list":[{"type":"y"}],"type":"attachment"}',
  ],
  ["the last of two types", '{"type":"mode","type":"attachment"}'],
  ["a type before the end of a line of Windows", '{"type":"attachment"}\r'],
])("finds %s", (_case, line) => {
  expect(skimmed(line)?.type).toBe("attachment");
  expect(skimmed(line)).toEqual(parsed(Buffer.from(line)) as never);
});

test("a type that comes again a hundred thousand times is read once more", () => {
  const line = `{${'"type":"mode",'.repeat(100_000)}"type":"tag"}`;

  expect(skimmed(line)?.type).toBe("tag");
});

test.each([
  ["a type spelt with escapes", String.raw`{"type":"mode","\u0074ype":"user"}`],
  ["a type's value spelt with escapes", String.raw`{"type":"\u0075ser"}`],
  ["a type that is no text", '{"type":["user"]}'],
  ["an object without a type", '{"uuid":"u"}'],
  ["an array", '[{"type":"mode"}]'],
  ["nesting beyond its reach", `{"type":"mode","a":${"[".repeat(100)}${"]".repeat(100)}}`],
])("leaves %s to the parser", (_case, line) => {
  expect(skimmed(line)).toBeUndefined();
});

const PADDING = "word ".repeat(1_000);

test.each(["attachment", "api-request-blob", "progress", "never-heard-of"])(
  "of a long row of type %s nothing but its type is read, and it counts as a row",
  (type) => {
    const line = parseLine(lineAt(JSON.stringify({ uuid: "u", type, padding: PADDING })));

    expect(line).toEqual({ kind: "row", row: { type, attachment: { type: undefined } } });
  },
);

test.each([
  ["user", { type: "user", padding: PADDING, uuid: "u" }],
  ["a user behind its texts", { padding: PADDING, uuid: "u", type: "user" }],
  [
    "a queued prompt",
    { attachment: { type: "queued_command", prompt: PADDING }, type: "attachment" },
  ],
  [
    "a queued prompt behind its text",
    { attachment: { a: PADDING, type: "queued_command" }, type: "attachment" },
  ],
  ["a title", { padding: PADDING, customTitle: "x", type: "custom-title" }],
])("a long row of %s is read whole", (_case, row) => {
  expect(parseLine(lineAt(JSON.stringify(row)))).toEqual({ kind: "row", row });
});

test("a record glued to a long stub is salvaged, and the line is bad", () => {
  const whole = { type: "user", uuid: "u", message: { content: "hello" } };
  const stub = JSON.stringify({ type: "api-request-blob", message: PADDING });

  const line = parseLine(lineAt(stub.slice(0, -20) + JSON.stringify(whole)));

  expect(line).toEqual({ kind: "bad", salvaged: [whole] });
});
