import { expect, test } from "bun:test";
import { parseLine } from "../../core/transcript/lines.ts";

const USER = { type: "user", uuid: "u1", message: { role: "user", content: "Größe — 漢字" } };
const LINK = { type: "pr-link", prNumber: 7, prUrl: "https://example.com/7" };
const STUB = '{"type":"pr-link","prUrl":"https://example.com","prNu';

function parse(line: string | Buffer) {
  const bytes = Buffer.from(line);
  return parseLine({ bytes, start: 0, end: bytes.length, at: 0, scan: undefined });
}

test.each([
  ["plain", JSON.stringify(USER)],
  ["with a carriage return", `${JSON.stringify(USER)}\r`],
  ["with spaces around", `  ${JSON.stringify(USER)}\t `],
])("one object %s is a row, its text decoded from UTF-8", (_case, line) => {
  expect(parse(line)).toEqual({ kind: "row", row: USER });
});

test.each([
  ["nothing", ""],
  ["a carriage return", "\r"],
  ["white space", " \t "],
])("a line of %s is empty", (_case, line) => {
  expect(parse(line)).toEqual({ kind: "empty" });
});

test.each([
  ["null", "null"],
  ["an array", JSON.stringify([USER])],
  ["a text", '"user"'],
  ["a number", "12"],
  ["true", "true"],
  ["a row cut off in a text", JSON.stringify(USER).slice(0, -12)],
  ["a row cut off after a key", '{"type":"user","uuid":'],
  ["a raw control character in a text", '{"type":"user","uuid":"a\u0001"}'],
  ["no JSON", "hello"],
  ["a stub that ends like a record", '{"type":"user","message":{"role":"user"}'],
  ["NULs", "\0\0\0"],
])("a line of %s is bad and holds no record", (_case, line) => {
  expect(parse(line)).toEqual({ kind: "bad", salvaged: [] });
});

test.each([
  ["a NUL run before it", `\0\0\0${JSON.stringify(USER)}`],
  ["a NUL run behind it", `${JSON.stringify(USER)}\0\0`],
  ["a byte order mark", `\ufeff${JSON.stringify(USER)}`],
  ["a stub before it", STUB + JSON.stringify(USER)],
  ["a stub and a NUL run before it", `${STUB}\0\0${JSON.stringify(USER)}`],
  ["a comma before it", `,${JSON.stringify(USER)}`],
])("a record with %s is salvaged from a bad line", (_case, line) => {
  expect(parse(line)).toEqual({ kind: "bad", salvaged: [USER] });
});

test("two whole records on one line are both salvaged", () => {
  const line = JSON.stringify(LINK) + JSON.stringify(USER);

  expect(parse(line)).toEqual({ kind: "bad", salvaged: [LINK, USER] });
});

test("a whole record before a stub is salvaged", () => {
  expect(parse(JSON.stringify(USER) + STUB)).toEqual({ kind: "bad", salvaged: [USER] });
});

test("escapes that JSON does not know are read as the characters they are", () => {
  const line = String.raw`{"type":"user","uuid":"u","text":"key=\[REDACTED\] \"q\" \\ \u00e9 \u00"}`;

  expect(parse(line)).toEqual({
    kind: "bad",
    salvaged: [{ type: "user", uuid: "u", text: 'key=\\[REDACTED\\] "q" \\ é \\u00' }],
  });
});

test("a record nested in a line that was cut off is not taken for a row", () => {
  const nested = { type: "user", uuid: "inner", message: { content: "x" } };
  const line = JSON.stringify({ type: "progress", data: { message: nested }, more: 1 });

  expect(parse(line.slice(0, -3))).toEqual({ kind: "bad", salvaged: [] });
});

test("bytes that are no UTF-8 leave a row a row", () => {
  const line = Buffer.concat([
    Buffer.from('{"type":"user","uuid":"'),
    Buffer.from([0xff, 0xc3]),
    Buffer.from('"}'),
  ]);

  expect(parse(line)).toMatchObject({ kind: "row", row: { type: "user" } });
});

test("only the given span of the bytes is read", () => {
  const bytes = Buffer.from('xx{"type":"mode"}yy');

  expect(parseLine({ bytes, start: 2, end: 17, at: 2, scan: undefined })).toEqual({
    kind: "row",
    row: { type: "mode" },
  });
});

test("nesting deeper than the parser's stack does not throw", () => {
  const depth = 200_000;

  expect(["row", "bad"]).toContain(parse(`{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`).kind);
});
