import { expect, test } from "bun:test";
import { withProgress } from "../../cli/progress.ts";
import type { Embedder } from "../../core/kernel/ports.ts";
import { makeWorld } from "../support/services.ts";
import { wordEmbedder } from "../support/vectors.ts";

/** To the first column, and the line cleared. */
const CLEAR = "\r\u001b[K";

test("embedding shows a bar on one line, rewrites it, and clears it at the end", async () => {
  const words = wordEmbedder();
  const slow: Embedder = {
    ...words,
    async embed(texts, urgency) {
      await Bun.sleep(130);
      return words.embed(texts, urgency);
    },
  };
  using world = makeWorld({ embedder: slow });
  for (let n = 0; n < 32; n += 1) {
    world.services.search.put({
      id: `d${n}`,
      kind: "exchange",
      projectKey: "p",
      at: n,
      body: `${n}`,
    });
  }
  const written: string[] = [];

  const embedded = await withProgress(world.services, (text) => written.push(text)).semantic.run();

  expect(embedded).toBe(32);
  expect(written).toEqual([
    `${CLEAR}${"█".repeat(6)}${"░".repeat(18)} 8 of 32 documents embedded`,
    `${CLEAR}${"█".repeat(12)}${"░".repeat(12)} 16 of 32 documents embedded`,
    `${CLEAR}${"█".repeat(18)}${"░".repeat(6)} 24 of 32 documents embedded`,
    CLEAR,
  ]);
});

test("what fails leaves a clean line behind", async () => {
  using world = makeWorld();
  const written: string[] = [];

  const run = withProgress(world.services, (text) => written.push(text)).semantic.run();

  await expect(run).rejects.toMatchObject({ code: "unavailable" });
  expect(written).toEqual([CLEAR]);
});
