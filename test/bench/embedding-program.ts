// Embeds as sb does, in a binary of its own: `embedding-program MODELS NATIVE first|memory`.
import { readFileSync } from "node:fs";
import { createEmbedder } from "../../core/embedding/embedder.ts";
import { locateModel } from "../../core/embedding/model.ts";

const [models = "", native = "", task] = process.argv.slice(2);
const model = locateModel(models, "int8");
if (!model) throw new Error(`no model in ${models}`);
const embedder = createEmbedder({ model, native });
if (task === "first") {
  await embedder.embed(["why did the token refresh fail"], "query");
} else {
  const before = resident();
  await embedder.embed(
    Array(8).fill("Readers and one writer work at once. ".repeat(40)),
    "document",
  );
  const used = resident();
  embedder.release();
  await Bun.sleep(500);
  Bun.gc(true);
  await Bun.write(Bun.stdout, JSON.stringify({ before, used, released: resident() }));
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
