// Embeds as sb does, in a binary of its own: `embedding-program MODELS NATIVE TASK`.
import { readFileSync } from "node:fs";
import { createEmbedder } from "../../core/embedding/embedder.ts";
import { locateModel } from "../../core/embedding/model.ts";
import { SbError } from "../../core/kernel/errors.ts";

const [models = "", native = "", task = ""] = process.argv.slice(2);
const model = locateModel(models, "int8");
if (!model) throw new Error(`no model in ${models}`);
const embedder = createEmbedder({ model, native });
const CHUNK = "Readers and one writer work at once. ".repeat(40);

const TASKS: Record<string, () => Promise<unknown>> = {
  /** One vector, as a search needs it. */
  async first() {
    await embedder.embed(["why did the token refresh fail"], "query");
  },
  /** Resident bytes before the first use, after a few long texts, and after the release. */
  async memory() {
    const before = resident();
    await embedder.embed(Array(8).fill(CHUNK), "document");
    const used = resident();
    embedder.release();
    await Bun.sleep(500);
    Bun.gc(true);
    return { before, used, released: resident() };
  },
  /** The cosine of two sentences of the model's card. */
  async similarity() {
    const texts = ["That is a happy person", "That is a happy dog"];
    const [a, b] = await embedder.embed(texts, "query");
    return a?.reduce((sum, value, at) => sum + value * (b?.[at] ?? 0), 0).toFixed(4);
  },
  /** Gives the model back while it computes, again and again. */
  async cut() {
    for (let round = 0; round < 8; round++) {
      await embedder.embed(["warm"], "query");
      embedder.embed(Array(1000).fill(CHUNK), "document").catch(() => {});
      await Bun.sleep(20 + 3 * round);
      embedder.release();
    }
    await Bun.sleep(200);
    return "whole";
  },
  /** Ends the process while its thread computes, and says when that was. */
  async leave() {
    await embedder.embed(["warm"], "query");
    void embedder.embed(Array(1000).fill(CHUNK), "document");
    await Bun.sleep(100);
    await Bun.write(Bun.stdout, String(Date.now()));
    process.exit(0);
  },
};

try {
  const result = await TASKS[task]?.();
  await Bun.write(Bun.stdout, JSON.stringify(result ?? null));
} catch (error) {
  if (!(error instanceof SbError)) throw error;
  const { code, message, hint } = error;
  await Bun.write(Bun.stdout, JSON.stringify({ code, message, hint }));
}

/** Resident memory of this process in bytes; 0 where there is no /proc. */
function resident(): number {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
