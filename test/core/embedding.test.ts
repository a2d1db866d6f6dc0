import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createEmbedder, localEmbedder } from "../../core/embedding/embedder.ts";
import {
  DIMENSIONS,
  type LocatedModel,
  locateModel,
  modelFiles,
} from "../../core/embedding/model.ts";
import { resolvePaths } from "../../core/kernel/paths.ts";
import type { Embedder } from "../../core/kernel/ports.ts";
import { cosine, preparedModels } from "../support/model.ts";

const models = await preparedModels();
const model = locateModel(models) as LocatedModel;

// Inference takes its time where ten others share two cores.
setDefaultTimeout(30_000);

const SOURCES = join(import.meta.dir, "../../core/embedding");

let dir: string;
let native: string;
let embedder: Embedder;
beforeEach(() => {
  dir = mkdtempSync(join(Bun.env["HOME"] ?? "", "sb-embedder-"));
  native = join(dirname(dir), "sb-embedder-native"); // one for all: unpacking is tested elsewhere
  embedder = createEmbedder({ model, native });
});
afterEach(() => {
  embedder.release();
  rmSync(dir, { recursive: true, force: true });
});

test("each text gets a vector of unit length, in their order, whatever the company", async () => {
  const texts = ["a dog barks", "", "WAL keeps readers from waiting", "x".repeat(20_000)];

  const together = await embedder.embed(texts, "document");
  const alone = await Promise.all(texts.map((text) => embedder.embed([text], "query")));

  expect(together.map(({ length }) => length)).toEqual(texts.map(() => DIMENSIONS));
  for (const vector of together) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  expect(alone.flat()).toEqual(together);
});

test("texts near in meaning are near, others far", async () => {
  const [question, answer, other] = await embedder.embed(
    [
      "why was the user logged out after an hour",
      "The session token expired because refresh was never called.",
      "Grid columns collapse below 600 pixels.",
    ],
    "document",
  );

  expect(cosine(question, answer)).toBeGreaterThan(0.3);
  expect(cosine(question, other)).toBeLessThan(0.15);
});

test("no text, no vector", async () => {
  expect(await embedder.embed([], "query")).toEqual([]);
});

test("a query is answered while documents wait", async () => {
  const order: string[] = [];
  const text = "Readers and one writer work at once. ".repeat(20);
  await embedder.embed(["warm"], "query");

  const documents = embedder
    .embed(Array(30).fill(text), "document")
    .then(() => order.push("documents"));
  await Bun.sleep(30);
  await embedder.embed(["how do readers work"], "query").then(() => order.push("query"));
  await documents;

  expect(order).toEqual(["query", "documents"]);
});

test("inference does not hold up the thread that asked", async () => {
  await embedder.embed(["warm"], "query");
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);

  await embedder.embed(
    Array(10).fill("Readers and one writer work at once. ".repeat(30)),
    "document",
  );

  clearInterval(timer);
  expect(longest).toBeLessThan(50);
});

describe("release", () => {
  test("rejects what waits, and the next text begins anew with the same result", async () => {
    const [before] = await embedder.embed(["the same"], "query");
    const waiting = embedder.embed(Array(50).fill("word ".repeat(250)), "document");

    embedder.release();

    expect(waiting).rejects.toMatchObject({
      code: "unavailable",
      message: "the embedding was ended",
    });
    expect(await embedder.embed(["the same"], "query")).toEqual([before ?? new Float32Array()]);
  });

  test("comes by itself when nothing was asked for a while, and memory falls", async () => {
    const script = `
      import { createEmbedder } from ${JSON.stringify(join(SOURCES, "embedder.ts"))};
      const embedder = createEmbedder(${JSON.stringify({ model, native, idleMs: 200 })});
      await embedder.embed(["word ".repeat(250)], "document");
      const used = process.memoryUsage().rss;
      await Bun.sleep(1000);
      Bun.gc(true);
      const left = process.memoryUsage().rss;
      await embedder.embed(["again"], "query");
      await Bun.write(Bun.stdout, JSON.stringify({ used, left }));
    `;

    const child = Bun.spawn([process.execPath, "-e", script], { env: Bun.env, stderr: "inherit" });
    const { used, left } = JSON.parse(await child.stdout.text());

    expect(used).toBeLessThan(260e6);
    expect(used - left).toBeGreaterThan(30e6);
  });
});

describe("what cannot be had", () => {
  test("a damaged graph is corrupt, for every text asked", async () => {
    const graph = join(dir, "int8.onnx");
    writeFileSync(graph, "nothing");
    const broken = createEmbedder({ model: { ...model, graph }, native });

    const failures = await Promise.allSettled([
      broken.embed(["a"], "query"),
      broken.embed(["b"], "document"),
    ]);

    for (const failure of failures) {
      expect(failure).toMatchObject({
        status: "rejected",
        reason: { name: "SbError", code: "corrupt", hint: "fetch it again: sb model pull" },
      });
    }
    broken.release();
  });

  test("a folder that takes no library is unavailable, with what to do", async () => {
    const blocked = join(dir, "file");
    writeFileSync(blocked, "");
    const hindered = createEmbedder({ model, native: blocked });

    expect(hindered.embed(["a"], "query")).rejects.toMatchObject({
      code: "unavailable",
      hint: "make that folder writable, or name one that is in SB_DATA_DIR",
    });
  });
});

describe("the model on this disk", () => {
  test("is there once it lies there, is another one when it is replaced, and can be switched off", () => {
    const env = { SB_DATA_DIR: dir };
    const paths = resolvePaths(env);
    const local = localEmbedder(env, paths);
    const off = localEmbedder({ ...env, SB_MODEL: "off" }, paths);
    const before = local.current();
    place("fp32");
    const full = local.current();
    place("int8");
    const small = local.current();

    expect(before).toBeUndefined();
    expect(full?.modelId).toBe("all-MiniLM-L6-v2/fp32/sb");
    expect(small?.modelId).toBe("all-MiniLM-L6-v2/int8/sb");
    expect(local.current()).toBe(small);
    expect(off.current()).toBeUndefined();
  });

  function place(precision: "int8" | "fp32"): void {
    const from = modelFiles(models, precision);
    const to = modelFiles(join(dir, "models"), precision);
    mkdirSync(to.folder, { recursive: true });
    symlinkSync(from.graph, to.graph);
    rmSync(to.tokenizer, { force: true });
    symlinkSync(from.tokenizer, to.tokenizer);
  }
});
