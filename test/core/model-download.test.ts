import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { download } from "../../core/embedding/fetch/download.ts";
import { ask, textOf } from "../../core/embedding/fetch/http.ts";
import type { Pin } from "../../core/embedding/fetch/pins.ts";
import { type Reply, serveFiles } from "../support/file-server.ts";

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * 31) % 251));
const PIN: Pin = {
  bytes: CONTENT.length,
  sha256: new Bun.CryptoHasher("sha256").update(CONTENT).digest("hex"),
};
const PATIENCE = {
  ...{ answerMs: 400, pieceMs: 400, pausesMs: [1, 1, 1] },
  slowest: { bytes: 1_000, inMs: 200 },
};

/** A download of `CONTENT` from a server that answers its n-th request by the n-th reply, then the last. */
function setUp(...replies: Reply[]) {
  const server = serveFiles((_asked, count) => ({
    body: CONTENT,
    ...replies[Math.min(count, replies.length) - 1],
  }));
  const path = join(mkdtempSync(join(Bun.env["HOME"] ?? tmpdir(), "sb-part-")), "graph.part");
  const file = { url: `${server.url}/graph`, pin: PIN, path, patience: PATIENCE };
  const ranges = () => server.asked.map(({ headers }) => headers["range"]);
  return { server, path, file, ranges, [Symbol.dispose]: () => server[Symbol.dispose]() };
}

test("a file comes whole, with progress, and nothing is sent but the request", async () => {
  using world = setUp({});
  const seen: number[] = [];

  await download(world.file, (bytes) => seen.push(bytes));

  expect(readFileSync(world.path)).toEqual(CONTENT);
  expect(seen.at(-1)).toBe(CONTENT.length);
  const { host, ...headers } = world.server.asked[0]?.headers ?? {};
  expect(host).toStartWith("127.0.0.1");
  expect(headers).toEqual({
    "user-agent": "session-buddy",
    "accept-encoding": "identity",
    accept: "*/*",
    connection: "keep-alive",
  });
});

test("a cut download goes on where it was cut, if it is the same file", async () => {
  using world = setUp(
    { cutAfter: 100_000, headers: { etag: '"one"' } },
    { cutAfter: 50_000, headers: { etag: '"one"' } },
    {},
  );

  await download(world.file);

  expect(readFileSync(world.path)).toEqual(CONTENT);
  expect(world.ranges()).toEqual([undefined, "bytes=100000-", "bytes=150000-"]);
  expect(world.server.asked[1]?.headers["if-range"]).toBe('"one"');
  expect(existsSync(`${world.path}.etag`)).toBe(false);
});

test("a server that sends the whole in place of the rest is taken from the start", async () => {
  using world = setUp({ cutAfter: 100_000 }, { ignoresRange: true });

  await download(world.file);

  expect(readFileSync(world.path)).toEqual(CONTENT);
  expect(world.ranges()).toEqual([undefined, "bytes=100000-"]);
});

test("what an earlier process left is gone on with", async () => {
  using world = setUp({});
  writeFileSync(world.path, CONTENT.subarray(0, 250_000));

  await download(world.file);

  expect(readFileSync(world.path)).toEqual(CONTENT);
  expect(world.ranges()).toEqual(["bytes=250000-"]);
});

test.each([
  ["a piece of another file", Buffer.alloc(1000, 7)],
  ["another file of the same length", Buffer.alloc(CONTENT.length, 7)],
  ["a longer file", Buffer.alloc(CONTENT.length + 1, 7)],
])("%s in its place is noticed and fetched anew", async (_case, left) => {
  using world = setUp({});
  writeFileSync(world.path, left);

  await download(world.file);

  expect(readFileSync(world.path)).toEqual(CONTENT);
  expect(world.ranges().at(-1)).toBeUndefined();
});

test.each<[string, Reply]>([
  ["503", { status: 503, body: "" }],
  ["429", { status: 429, body: "" }],
  ["416", { status: 416, body: "" }],
  [
    "another part than was asked for",
    { status: 206, headers: { "content-range": "bytes 7-9/300000" } },
  ],
])("%s is tried again", async (_case, first) => {
  using world = setUp(first, {});

  await download(world.file);

  expect(readFileSync(world.path)).toEqual(CONTENT);
  expect(world.server.asked).toHaveLength(2);
});

test.each<[string, Reply, string, string]>([
  ["404", { status: 404, body: "" }, "unavailable", "answered 404"],
  ["403", { status: 403, body: "" }, "unavailable", "answered 403"],
  ["a wrong checksum", { body: Buffer.alloc(CONTENT.length) }, "corrupt", "wrong checksum"],
  ["a wrong length", { body: "short" }, "corrupt", "a file of 5 bytes, not of 300000"],
  [
    "more than there should be, untold",
    { body: Buffer.alloc(400_000), length: null },
    "corrupt",
    "of more bytes",
  ],
  ["no answer in time", { delayMs: 2_000 }, "unavailable", "no answer in 0.4 s"],
])(
  "%s is a failure with a line that says so, and leaves nothing",
  async (_case, reply, code, text) => {
    using world = setUp(reply);

    const failure = await download(world.file).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code, message: expect.stringContaining(text) });
    expect((failure as { hint?: string }).hint).toBeString();
    expect(existsSync(world.path)).toBe(false);
    expect(world.server.asked).toHaveLength(1);
  },
);

test("a server that stops sending is left, and what came is kept for the next time", async () => {
  using world = setUp({ stallAfter: 120_000 }, { stallAfter: 0 });

  const failure = await download(world.file).catch((error: unknown) => error);

  expect(failure).toMatchObject({ code: "unavailable", message: "nothing came for 0.4 s" });
  expect(readFileSync(world.path)).toEqual(CONTENT.subarray(0, 120_000));
});

test("an address that nobody listens at fails at once", async () => {
  using world = setUp({});
  world.server[Symbol.dispose]();
  const began = performance.now();

  const failure = await download(world.file).catch((error: unknown) => error);

  expect(failure).toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("127.0.0.1"),
  });
  expect(performance.now() - began).toBeLessThan(450);
});

test("a redirect is followed, and credentials stay with their origin", async () => {
  using away = serveFiles(() => ({ body: CONTENT }));
  using world = setUp({ status: 302, headers: { location: `${away.url}/cdn` }, body: "" });

  await download({ ...world.file, authorization: "Bearer secret" });

  expect(readFileSync(world.path)).toEqual(CONTENT);
  expect(world.server.asked[0]?.headers["authorization"]).toBe("Bearer secret");
  expect(away.asked.map(({ path }) => path)).toEqual(["/cdn"]);
  expect(away.asked[0]?.headers["authorization"]).toBeUndefined();
});

test("a redirect within the origin keeps them", async () => {
  using world = setUp({ status: 307, headers: { location: "/moved" }, body: "" }, {});

  await download({ ...world.file, authorization: "Bearer secret" });

  expect(world.server.asked.map(({ path, headers }) => [path, headers["authorization"]])).toEqual([
    ["/graph", "Bearer secret"],
    ["/moved", "Bearer secret"],
  ]);
});

test.each([
  ["in a circle", "/graph", "redirects without end"],
  ["to a file", "file:///etc/passwd", "no address to fetch from"],
])("a redirect %s ends", async (_case, location, text) => {
  using world = setUp({ status: 302, headers: { location }, body: "" });

  const failure = await download(world.file).catch((error: unknown) => error);

  expect(failure).toMatchObject({ code: "unavailable", message: expect.stringContaining(text) });
});

test("a folder that cannot be written is said to be so", async () => {
  using world = setUp({});
  const file = { ...world.file, path: "/dev/null/graph.part" };

  const failure = await download(file).catch((error: unknown) => error);

  expect(failure).toMatchObject({
    code: "unavailable",
    message: "the model's folder cannot be written: /dev/null",
    hint: "make it writable, or name another one in SB_MODEL_DIR",
  });
});

test("a text that is longer than it may be is not read to its end", async () => {
  using server = serveFiles(() => ({ body: "x".repeat(1_000_000) }));
  const answer = await ask({ url: server.url, patience: PATIENCE });

  await expect(textOf(answer, PATIENCE, 1_000)).rejects.toMatchObject({ code: "unavailable" });
});

test("a server that sends next to nothing is left, and what came is kept", async () => {
  using world = setUp({ trickle: { bytes: 1, everyMs: 20 } });
  const began = performance.now();

  const failure = await download(world.file).catch((error: unknown) => error);

  expect(failure).toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/^127\.0\.0\.1:\d+ is too slow: \d+ bytes in 0\.\d s/),
    hint: expect.stringContaining("goes on from there"),
  });
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(world.server.asked).toHaveLength(1);
  expect(existsSync(world.path)).toBe(true);
});

test("a server that is slow, and not that slow, is heard to its end", async () => {
  using world = setUp({ trickle: { bytes: 10_000, everyMs: 30 } });

  await download(world.file);

  expect(readFileSync(world.path)).toEqual(CONTENT);
  expect(world.server.asked).toHaveLength(1);
});

test("a server that ends each answer after a byte is left after a few", async () => {
  using world = setUp({ cutAfter: 1 });

  const failure = await download(world.file).catch((error: unknown) => error);

  expect(failure).toMatchObject({ code: "unavailable" });
  expect(world.server.asked).toHaveLength(4);
});

test("a text that comes next to not at all is given up too", async () => {
  using world = setUp({ trickle: { bytes: 1, everyMs: 20 } });
  const answer = await ask({ url: world.server.url, patience: PATIENCE });

  const failure = await textOf(answer, PATIENCE, 1_000_000).catch((error: unknown) => error);

  expect(failure).toMatchObject({ message: expect.stringContaining("is too slow") });
});
