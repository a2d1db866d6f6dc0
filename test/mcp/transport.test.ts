import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import fc from "fast-check";
import { lineTransport, MAX_LINE_BYTES } from "../../mcp/transport.ts";
import { recordingLogger } from "../support/mcp.ts";

/** A transport between two streams in memory, with what it took in and gave out. */
async function makeTransport() {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const log = recordingLogger();
  const transport = lineTransport({ stdin, stdout, log });
  const received: JSONRPCMessage[] = [];
  const ends: string[] = [];
  transport.onmessage = (message) => void received.push(message);
  transport.onend = (side) => void ends.push(side);
  await transport.start();
  const written = () => String(stdout.read() ?? "");
  return { stdin, stdout, log, transport, received, ends, written };
}

/** Lets everything that is due happen. */
const settle = () => Bun.sleep(0);

const ping = (id: number | string): JSONRPCMessage => ({ jsonrpc: "2.0", id, method: "ping" });
const answer = (id: number | string): JSONRPCMessage => ({ jsonrpc: "2.0", id, result: {} });

test("messages arrive whole and in order, however the bytes are cut", async () => {
  const text = fc.string({ unit: "binary", maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.array(text), fc.infiniteStream(fc.nat(7)), async (texts, cuts) => {
      const { stdin, received } = await makeTransport();
      const sent = texts.map((word) => ({ ...ping(word), params: { word } }));
      const bytes = Buffer.from(sent.map((message) => `${JSON.stringify(message)}\n`).join(""));

      for (let from = 0; from < bytes.length; ) {
        const size = (cuts.next().value ?? 0) + 1;
        stdin.write(bytes.subarray(from, from + size));
        from += size;
      }
      await settle();

      expect(received).toEqual(JSON.parse(JSON.stringify(sent)));
    }),
    { numRuns: 50 },
  );
});

test("a last line without a newline is read", async () => {
  const { stdin, received, ends } = await makeTransport();

  stdin.end(JSON.stringify(ping(1)));
  await settle();

  expect(received).toEqual([ping(1)]);
  expect(ends[0]).toBe("input");
});

test.each([
  ["words", "hello"],
  ["a blank line", "   \r"],
  ["broken JSON", '{"jsonrpc":"2.0","id":1,'],
  ["a NUL", '\u0000{"jsonrpc":"2.0"}\u0000'],
  ["bytes that are no UTF-8", Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28])],
  ["a batch", JSON.stringify([ping(1), ping(2)])],
  ["a number", "42"],
  ["null", "null"],
  ["JSON nested beyond any stack", "[".repeat(100_000)],
  ["a broken answer", '{"jsonrpc":"2.0","id":1,"result":5}'],
])("%s is ignored without an answer", async (_case, line) => {
  const { stdin, received, written } = await makeTransport();

  stdin.write(line);
  stdin.write(`\n${JSON.stringify(ping(9))}\n`);
  await settle();

  expect(received).toEqual([ping(9)]);
  expect(written()).toBe("");
});

test.each([
  ["no method", { jsonrpc: "2.0", id: 7 }],
  ["no version", { id: 7, method: "ping" }],
  ["parameters in a list", { jsonrpc: "2.0", id: 7, method: "ping", params: [1] }],
])("a request with %s is refused by its id", async (_case, request) => {
  const { stdin, received, written } = await makeTransport();

  stdin.write(`${JSON.stringify(request)}\n`);
  await settle();

  expect(received).toEqual([]);
  expect(JSON.parse(written())).toEqual({
    jsonrpc: "2.0",
    id: 7,
    error: { code: -32600, message: "Invalid Request" },
  });
});

test("a line beyond the limit is skipped, and the next one is read", async () => {
  const { stdin, received, log } = await makeTransport();

  const chunk = Buffer.alloc(1024 * 1024, "x");
  for (let sent = 0; sent <= MAX_LINE_BYTES; sent += chunk.length) stdin.write(chunk);
  stdin.write(`\n${JSON.stringify(ping(1))}\n`);
  await settle();

  expect(received).toEqual([ping(1)]);
  expect(log.lines).toEqual([`warn skipped a line of more than ${MAX_LINE_BYTES} bytes`]);
});

test("no line of the log holds what was sent", async () => {
  const { stdin, log } = await makeTransport();

  stdin.write('my secret words\n{"id":1,"method":"my secret words"}\n');
  await settle();

  expect(log.lines.join("\n")).not.toContain("secret");
  expect(log.lines).not.toEqual([]);
});

test("an answer longer than a pipe holds is one whole line", async () => {
  const { stdout, transport } = await makeTransport();
  const long = { ...answer(1), result: { text: "ä".repeat(300_000) } };

  const sending = transport.send(long);
  const chunks: Buffer[] = [];
  for await (const chunk of stdout) {
    chunks.push(chunk as Buffer);
    if ((chunk as Buffer).at(-1) === 0x0a) break;
  }
  await sending;

  expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual(long);
});

/** Whether `promise` is resolved when everything due has happened. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  const state = { done: false };
  void promise.then(() => {
    state.done = true;
  });
  await settle();
  await settle();
  return state.done;
}

test("finishing waits for what is unanswered, and for a cancelled request no longer", async () => {
  const { stdin, stdout, transport } = await makeTransport();
  stdout.resume();
  stdin.write(`${JSON.stringify(ping("a"))}\n${JSON.stringify(ping("b"))}\n`);
  await settle();

  const finishing = transport.finish(60_000);
  expect(await isDone(finishing)).toBe(false);
  await transport.send(answer("a"));
  expect(await isDone(finishing)).toBe(false);
  const params = { requestId: "b" };
  stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params })}\n`);

  expect(await isDone(finishing)).toBe(true);
});

test("finishing gives up where nothing moves", async () => {
  const { stdin, transport } = await makeTransport();
  stdin.write(`${JSON.stringify(ping(1))}\n`);
  await settle();

  await transport.finish(1);
  await transport.finishWithin(1);
});

test("finishing goes on while answers are still going out", async () => {
  const { stdin, stdout, transport } = await makeTransport();
  stdout.resume();
  const ids = [1, 2, 3, 4, 5, 6];
  stdin.write(ids.map((id) => `${JSON.stringify(ping(id))}\n`).join(""));
  await settle();
  let sent = 0;

  // Each answer is well within the patience; all of them together are beyond it.
  const sending = (async () => {
    for (const id of ids) {
      await Bun.sleep(60);
      sent += 1;
      await transport.send(answer(id));
    }
  })();
  await transport.finish(300);

  expect(sent).toBe(ids.length);
  await sending;
});

test.each(["end", "close", "error"])("%s of the input is its end", async (event) => {
  const { stdin, ends } = await makeTransport();

  if (event === "end") stdin.end();
  else stdin.destroy(event === "error" ? new Error("gone") : undefined);
  await settle();

  expect(ends).toContain("input");
});

test("a reader that is gone is the end of the output", async () => {
  const { stdout, ends } = await makeTransport();

  stdout.destroy(Object.assign(new Error("gone"), { code: "EPIPE" }));
  await settle();

  expect(ends).toContain("output");
});
