import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileBinary, HOST } from "../../cli/build.ts";
import { version } from "../../package.json";
import { binary } from "../support/binary.ts";
import { preparedModels } from "../support/model.ts";

const ROOT = join(import.meta.dir, "../..");
const models = await preparedModels();
binary(); // its build packs the libraries, once

/** Embeds in a binary as sb does. In the tree of the sources, so that the worker lies as in sb. */
const PROGRAM = `
  import { createEmbedder } from "../../../core/embedding/embedder.ts";
  import { locateModel } from "../../../core/embedding/model.ts";
  const [models, native, task] = process.argv.slice(2);
  const embedder = createEmbedder({ model: locateModel(models), native });
  const texts = ["That is a happy person", "That is a happy dog"];
  try {
    const [a, b] = await embedder.embed(texts, "query");
    if (task === "leave") {
      void embedder.embed(Array(1000).fill("word ".repeat(300)), "document");
      await Bun.sleep(100);
      await Bun.write(Bun.stdout, String(Date.now()));
      process.exit(0);
    }
    await Bun.write(Bun.stdout, a.reduce((sum, value, at) => sum + value * b[at], 0).toFixed(4));
  } catch ({ code, message, hint }) {
    await Bun.write(Bun.stdout, JSON.stringify({ code, message, hint }));
  }
`;

let sources: string;
let dir: string;
let program: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sb-embed-"));
  mkdirSync(join(ROOT, "dist/.cache"), { recursive: true });
  sources = mkdtempSync(join(ROOT, "dist/.cache/program-"));
  program = await compile("embed", ROOT);
}, 60_000);
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
  rmSync(sources, { recursive: true, force: true });
});

describe("in a compiled binary", () => {
  test("a thread computes what the sources compute, over libraries it has unpacked", async () => {
    const native = join(dir, "native");

    const first = await run(program, [models, native]);
    const again = await run(program, [models, native]);

    expect(first).toBe("0.7169");
    expect(again).toBe(first);
    expect(readdirSync(join(native, version)).sort()).toEqual(
      HOST.platform === "linux"
        ? ["libonnxruntime.so.1", "onnxruntime_binding.node"]
        : expect.any(Array),
    );
  }, 30_000);

  test("the process ends at once though the thread is computing", async () => {
    const leftAt = Number(await run(program, [models, join(dir, "native"), "leave"]));

    expect(Date.now() - leftAt).toBeLessThan(100);
  }, 30_000);

  test("a library that was damaged is put in place anew", async () => {
    const native = join(dir, "broken");
    await run(program, [models, native]);
    const library =
      readdirSync(join(native, version)).find((name) => !name.endsWith(".node")) ?? "";
    writeFileSync(join(native, version, library), readFileSync(import.meta.path));

    expect(await run(program, [models, native])).toBe("0.7169");
  }, 30_000);

  test("without the runtime for its machine it says so", async () => {
    const without = await compile("without", dir);

    const failure = JSON.parse(await run(without, [models, join(dir, "none")]));

    expect(failure).toEqual({
      code: "unavailable",
      message: `the embedding model does not run on ${HOST.platform}-${HOST.arch}`,
      hint: "search works on text alone; with SB_MODEL=off it does not try",
    });
  }, 30_000);
});

/** Compiles the program with the native packages that are found from `packages`. */
async function compile(name: string, packages: string): Promise<string> {
  const entry = join(sources, `${name}.ts`);
  writeFileSync(entry, PROGRAM);
  const outfile = join(dir, HOST.platform === "win32" ? `${name}.exe` : name);
  const worker = join(ROOT, "core/embedding/worker.ts");
  await compileBinary({ entrypoints: [entry, worker], outfile, machine: HOST, packages });
  return outfile;
}

async function run(path: string, args: string[]): Promise<string> {
  const child = Bun.spawn([path, ...args], { cwd: dir, env: Bun.env, stderr: "inherit" });
  const [text] = await Promise.all([child.stdout.text(), child.exited]);
  return text;
}
