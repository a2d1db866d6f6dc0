import { beforeAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modelFolder, modelState, usableModel } from "../../core/embedding/state.ts";
import { preparedModels } from "../support/model.ts";
import { makeWorld, NOW, type World } from "../support/services.ts";

const NAMES = ["int8.onnx", "tokenizer.json"];

let prepared: string;
beforeAll(async () => {
  prepared = await preparedModels();
});

/** A world with a model of its own, as a pull leaves it, and a note that is embedded. */
async function withModel(): Promise<World & { graph: string }> {
  const models = join(Bun.env["HOME"] ?? tmpdir(), `models-${crypto.randomUUID()}`);
  const folder = modelFolder({ models });
  mkdirSync(folder, { recursive: true });
  const sums = NAMES.map((name) => {
    cpSync(join(modelFolder({ models: prepared }), name), join(folder, name));
    const bytes = readFileSync(join(folder, name));
    return [name, { bytes: bytes.length, sha256: Bun.SHA256.hash(bytes, "hex") }] as const;
  });
  const manifest = { precision: "int8", source: "npm", installed_at: "2026-01-01T00:00:00Z" };
  const files = Object.fromEntries(sums);
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ ...manifest, files }));
  const world = makeWorld({ env: { SB_MODEL_DIR: models } });
  const { search, project, semantic } = world.services;
  const projectKey = project.keyForWriting();
  search.put({ id: "n", kind: "reflection", projectKey, at: NOW, body: "The cat is fed at noon" });
  await semantic.run();
  return Object.assign(world, { graph: join(folder, "int8.onnx") });
}

function overwrite(graph: string, byte: number): void {
  const bytes = readFileSync(graph);
  bytes.fill(byte, 5_000_000, 5_004_000);
  writeFileSync(graph, bytes);
}

const recall = ({ services }: World) =>
  services.search.recall({ query: "when is the cat fed", limit: 5, maxTokens: 2_000 });

test("weights that were overwritten at the same length are used for nothing, and searches say so", async () => {
  using world = await withModel();
  const { ports } = world.services;
  const whole = readFileSync(world.graph);
  const before = await recall(world);

  overwrite(world.graph, 0xff);
  const [state, damaged] = [modelState(ports), await recall(world)];
  const model = usableModel(ports.paths);
  writeFileSync(world.graph, whole);
  const [mended, after] = [modelState(ports), await recall(world)];
  ports.embedder?.release();

  expect([before.mode, before.note]).toEqual(["hybrid", undefined]);
  const why = "int8.onnx has the wrong checksum";
  expect(state).toMatchObject({ state: "failed", why, hint: "sb model pull brings it anew" });
  expect([model, damaged.mode]).toEqual([undefined, "text"]);
  expect(damaged.note).toBe(`the model failed (${why}): found by words alone`);
  expect([mended.state, after.mode, after.note]).toEqual(["ready", "hybrid", undefined]);
});

test("a file is read whole once, and again when it was written to", async () => {
  using world = await withModel();
  const { ports } = world.services;
  const { atimeMs, mtimeMs } = statSync(world.graph);
  utimesSync(world.graph, atimeMs / 1_000, Math.floor(mtimeMs / 1_000)); // a time that can be set again
  const first = modelState(ports);

  overwrite(world.graph, 0xff);
  utimesSync(world.graph, atimeMs / 1_000, Math.floor(mtimeMs / 1_000));
  const unnoticed = modelState(ports);
  utimesSync(world.graph, atimeMs / 1_000, Math.floor(mtimeMs / 1_000) + 60);
  const noticed = modelState(ports);
  ports.embedder?.release();

  expect([first.state, unnoticed.state, noticed.state]).toEqual(["ready", "ready", "failed"]);
});
