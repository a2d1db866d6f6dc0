import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileBinary, HOST } from "../../cli/build.ts";
import { version } from "../../package.json";
import { binary } from "../support/binary.ts";
import { preparedModels } from "../support/model.ts";

// It compiles, and computes where others share the machine.
setDefaultTimeout(60_000);

const ROOT = join(import.meta.dir, "../..");
const models = await preparedModels();
binary(); // its build packs the libraries, once

let dir: string;
let program: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sb-embed-"));
  program = await compile("embed", ROOT);
}, 60_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test("a thread of the binary computes what the sources compute, over libraries it unpacked", async () => {
  const first = await run(program, ["native", "similarity"]);
  const again = await run(program, ["native", "similarity"]);

  expect(first).toBe('"0.7169"');
  expect(again).toBe(first);
  expect(libraries("native")).toEqual(
    HOST.platform === "linux"
      ? ["libonnxruntime.so.1", "onnxruntime_binding.node"]
      : expect.arrayContaining(["onnxruntime_binding.node"]),
  );
});

test("the process ends at once though its thread is computing", async () => {
  const leftAt = Number(await run(program, ["native", "leave"]));

  expect(Date.now() - leftAt).toBeLessThan(100);
});

test("the model may be given back while it computes", async () => {
  expect(await run(program, ["native", "cut"])).toBe('"whole"');
});

test("a library that was damaged is put in place anew", async () => {
  await run(program, ["damaged", "similarity"]);
  for (const name of libraries("damaged")) writeFileSync(join(dir, "damaged", version, name), "");

  expect(await run(program, ["damaged", "similarity"])).toBe('"0.7169"');
});

test("without the runtime for its machine it says so", async () => {
  const without = await compile("without", dir);

  const failure = JSON.parse(await run(without, ["none", "similarity"]));

  expect(failure).toEqual({
    code: "unavailable",
    message: `the embedding model does not run on ${HOST.platform}-${HOST.arch}`,
    hint: "search works on text alone; with SB_MODEL=off it does not try",
  });
});

function libraries(native: string): string[] {
  return readdirSync(join(dir, native, version)).sort();
}

/** Compiles the program of the benchmark with the native packages that are found from `packages`. */
async function compile(name: string, packages: string): Promise<string> {
  const sources = ["test/bench/embedding-program.ts", "core/embedding/worker.ts"];
  const entrypoints = sources.map((path) => join(ROOT, path));
  const outfile = join(dir, HOST.platform === "win32" ? `${name}.exe` : name);
  await compileBinary({ entrypoints, outfile, machine: HOST, packages });
  return outfile;
}

async function run(path: string, [native = "", task = ""]: string[]): Promise<string> {
  const command = [path, models, join(dir, native), task];
  const child = Bun.spawn(command, { cwd: dir, env: Bun.env, stderr: "inherit" });
  const [text] = await Promise.all([child.stdout.text(), child.exited]);
  return text;
}
