import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fetchDue } from "../../core/embedding/fetch/background.ts";
import { tryLock } from "../../core/embedding/fetch/lock.ts";
import { type PullEvent, pullModel } from "../../core/embedding/fetch/pull.ts";
import { removeModel } from "../../core/embedding/fetch/remove.ts";
import { modelState, writeNote } from "../../core/embedding/state.ts";
import { serveFiles } from "../support/file-server.ts";
import {
  GRAPH,
  GRAPH_PATH,
  makeModels,
  serveHub,
  TOKENIZER,
  TOKENIZER_PATH,
} from "../support/hub.ts";

const HUB = { source: "huggingface", wait: true } as const;
const READY = {
  state: "ready",
  precision: "int8",
  source: "huggingface",
  bytes: GRAPH.length + TOKENIZER.length,
} as const;
const WHOLE = ["checked.json", "int8.onnx", "lock", "manifest.json", "tokenizer.json"];

test("the exporters' files are fetched from the pinned revision and put in place", async () => {
  using hub = serveHub();
  const { world, folder, place } = makeModels(hub.url);

  const pulled = await pullModel(world, HUB);

  expect(pulled.kind).toBe("fetched");
  expect(hub.asked.map(({ path }) => path)).toEqual([TOKENIZER_PATH, GRAPH_PATH]);
  expect(readFileSync(join(folder, "int8.onnx"))).toEqual(GRAPH);
  expect(readFileSync(join(folder, "tokenizer.json"))).toEqual(TOKENIZER);
  expect(readdirSync(folder).sort()).toEqual(WHOLE);
  expect(modelState(place())).toEqual(READY);
});

test("a mirror with a path, and a redirect to where the bytes lie, are followed", async () => {
  using hub = serveHub();
  using mirror = serveFiles(({ path }) => ({
    status: 302,
    body: "",
    headers: { location: `${hub.url}${path.replace("/mirror", "")}` },
  }));
  const { world, place } = makeModels(`${mirror.url}/mirror/`);

  await pullModel(world, HUB);

  expect(modelState(place())).toEqual(READY);
});

test("a model that is there and whole is not fetched again, one that is damaged is", async () => {
  using hub = serveHub();
  const { world, folder, place } = makeModels(hub.url);
  await pullModel(world, HUB);

  const again = await pullModel(world, HUB);
  const asked = hub.asked.length;
  writeFileSync(join(folder, "int8.onnx"), Buffer.alloc(GRAPH.length));
  const repaired = await pullModel(world, HUB);

  expect([again.kind, asked, repaired.kind]).toEqual(["already", 2, "fetched"]);
  expect(readFileSync(join(folder, "int8.onnx"))).toEqual(GRAPH);
  expect(modelState(place())).toEqual(READY);
});

test.each([
  ["cut off", (path: string) => writeFileSync(path, "half"), "int8.onnx has 4 bytes, not 200000"],
  ["gone", (path: string) => rmSync(path), "int8.onnx is missing"],
])(
  "a model whose file is %s is no model, and the state says what to do",
  async (_case, harm, why) => {
    using hub = serveHub();
    const { world, folder, place } = makeModels(hub.url);
    await pullModel(world, HUB);

    harm(join(folder, "int8.onnx"));

    const hint = "sb model pull brings it anew";
    expect(modelState(place())).toEqual({ state: "failed", why, hint });
    expect(fetchDue({ ...world, processes: processes() })).toBe(0);
  },
);

test("what another pull left half is gone on with, and rubbish is swept away", async () => {
  using hub = serveHub();
  const { world, folder } = makeModels(hub.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "graph.part"), GRAPH.subarray(0, 150_000));
  writeFileSync(join(folder, "int8.onnx.0f.new"), "left by a crash");
  writeFileSync(join(folder, "package.part"), "of the other source");
  writeFileSync(join(folder, "fp32.onnx"), "of the other precision");

  await pullModel(world, HUB);

  expect(hub.asked.at(-1)?.headers["range"]).toBe("bytes=150000-");
  expect(readdirSync(folder).sort()).toEqual(WHOLE);
});

test("without the package the exporters' files are taken", async () => {
  using hub = serveHub();
  const { world, place } = makeModels(hub.url);
  const events: PullEvent[] = [];

  await pullModel({ ...world, onEvent: (event) => events.push(event) }, { wait: true });

  expect(events.flatMap((e) => (e.kind === "asking" ? [e.source] : []))).toEqual([
    "npm",
    "huggingface",
  ]);
  expect(modelState(place())).toEqual(READY);
});

test("where no source has it, each one's reason is told", async () => {
  using hub = serveHub(() => ({ status: 404, body: "" }));
  const { world, place } = makeModels(hub.url);

  const failure = await pullModel(world, { wait: true }).catch((error: unknown) => error);

  const why = /^no source has the model: 127\.0\.0\.1:1: .+; 127\.0\.0\.1:\d+ answered 404$/;
  expect(failure).toMatchObject({ code: "unavailable", message: expect.stringMatching(why) });
  expect(modelState(place())).toMatchObject({ state: "failed", why: expect.stringMatching(why) });
});

test("a registry that sends next to nothing is left for the exporters' files", async () => {
  using hub = serveHub();
  using registry = serveFiles(() => ({
    body: "{}".repeat(500),
    trickle: { bytes: 1, everyMs: 20 },
  }));
  const { world, place } = makeModels(hub.url, { npm_config_registry: registry.url });
  const began = performance.now();

  await pullModel(world, { wait: true });

  expect(performance.now() - began).toBeLessThan(3_000);
  expect([registry.asked.length, modelState(place())]).toEqual([1, READY]);
});

describe("a failure", () => {
  test("is remembered with the time of the next try, which moves away", async () => {
    using hub = serveHub(() => ({ body: "wrong" }));
    const { world, place, pass } = makeModels(hub.url);
    const pauses: number[] = [];

    for (let round = 0; round < 5; round += 1) {
      await pullModel(world, HUB).catch(() => {});
      pauses.push((fetchDue({ ...world, processes: processes() }) ?? 0) / 60_000);
      pass(1_000);
    }

    expect(pauses).toEqual([10, 60, 360, 1440, 1440]);
    expect(modelState(place())).toMatchObject({
      state: "failed",
      why: expect.stringContaining("5 bytes, not"),
      at: "2026-01-02T03:04:09.000Z",
      retry_at: "2026-01-03T03:04:09.000Z",
    });
  });

  test("leaves nothing but its note, and the next pull mends it", async () => {
    let isBroken = true;
    using hub = serveHub(() => (isBroken ? { body: Buffer.alloc(GRAPH.length) } : undefined));
    const { world, folder, place } = makeModels(hub.url);

    const failure = await pullModel(world, HUB).catch((error: unknown) => error);
    const left = readdirSync(folder).sort();
    isBroken = false;
    await pullModel(world, HUB);

    expect(failure).toMatchObject({ code: "corrupt" });
    expect(left).toEqual(["fetch.json", "lock"]);
    expect(modelState(place())).toEqual(READY);
  });

  test("is shared by those who waited for it", async () => {
    using hub = serveHub(() => ({ status: 404, body: "", delayMs: 300 }));
    const { world } = makeModels(hub.url);

    const ends = await Promise.allSettled([1, 2, 3, 4].map(() => pullModel(world, HUB)));

    expect(ends.map(({ status }) => status)).toEqual(Array(4).fill("rejected"));
    expect(hub.asked).toHaveLength(1);
  });
});

test("of many who ask at once one fetches, the others wait for it", async () => {
  using hub = serveHub(() => ({ delayMs: 200 }));
  const { world } = makeModels(hub.url);

  const pulled = await Promise.all([1, 2, 3, 4].map(() => pullModel(world, HUB)));
  const late = await pullModel(world, { ...HUB, wait: false });

  expect(pulled.map(({ kind }) => kind).sort()).toEqual([
    "already",
    "already",
    "already",
    "fetched",
  ]);
  expect(late.kind).toBe("already");
  expect(hub.asked).toHaveLength(2);
});

test("while another fetches, who is not to wait goes, and removing is refused", async () => {
  using hub = serveHub();
  const { world, folder, place } = makeModels(hub.url);
  mkdirSync(folder, { recursive: true });
  const lock = tryLock(folder);

  const pulled = await pullModel(world, { ...HUB, wait: false });
  const removal = () => removeModel(place());

  expect(pulled).toEqual({ kind: "busy" });
  expect(removal).toThrow(expect.objectContaining({ code: "conflict" }));
  lock?.release();
  expect(removeModel(place())).toBe(0);
});

test("a fetch is told by its process, and is none when that has died", () => {
  const { folder, place } = makeModels("");
  mkdirSync(folder, { recursive: true });
  const far = { source: "npm", bytes: 5, total: 10 } as const;
  writeNote(folder, { kind: "fetching", pid: 42, started_at: 7, ...far });

  expect(modelState(place(true))).toEqual({ state: "fetching", pid: 42, ...far });
  expect(modelState(place(false))).toEqual({ state: "absent" });
});

test.each([
  "not JSON",
  "null",
  '{"kind":"fetching"}',
  '{"kind":"fetching","pid":"1","started_at":0,"source":"npm","bytes":0,"total":1}',
  '{"kind":"failed","why":1}',
  '{"kind":"failed","why":"x","at":"x","retry_at":"never","failures":1}',
  '{"precision":"int8","source":"npm","files":{"int8.onnx":null}}',
  '{"precision":"int8","source":"npm","files":{}}',
  '{"precision":"int4","source":"npm","files":{"int8.onnx":{"bytes":1,"sha256":""}}}',
])("a file beside the model that says %p says nothing, and is fetched over", async (text) => {
  using hub = serveHub();
  const { world, folder, place } = makeModels(hub.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "manifest.json"), text);
  writeFileSync(join(folder, "fetch.json"), text);

  const state = modelState(place());
  await pullModel(world, HUB);

  expect(state).toEqual({ state: "absent" });
  expect(modelState(place())).toEqual(READY);
});

test("a model that someone put there by hand, whole, is ready as it is", () => {
  const { folder, place } = makeModels("");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "fp32.onnx"), GRAPH);
  writeFileSync(join(folder, "tokenizer.json"), TOKENIZER);

  expect(modelState(place())).toEqual({ ...READY, precision: "fp32" });
});

describe("a file brought by hand", () => {
  /** A pull from files of these names, beside a hub that nothing may ask. */
  function bring(files: Record<string, Uint8Array>) {
    const made = makeModels("http://127.0.0.1:1");
    const home = made.world.env.HOME;
    mkdirSync(join(home, "in/onnx"), { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(home, "in", name), content);
    }
    return { ...made, file: (name: string) => join(home, "in", name) };
  }

  test.each(["tokenizer.json", "onnx/tokenizer.json"])("is taken with its %s", async (name) => {
    const { world, place, file, folder } = bring({ "onnx/any.name": GRAPH, [name]: TOKENIZER });

    await pullModel(world, { file: file("onnx/any.name"), wait: true });

    expect(modelState(place())).toEqual(READY);
    expect(readdirSync(folder).sort()).toEqual(WHOLE);
    expect(readFileSync(file("onnx/any.name"))).toEqual(GRAPH);
  });

  test.each([
    ["of another length", { g: Buffer.from("x") }, "invalid_input", "no file of the model"],
    ["damaged", { g: Buffer.alloc(GRAPH.length) }, "invalid_input", "wrong checksum"],
    ["without a tokenizer", { g: GRAPH }, "not_found", "no tokenizer.json"],
    [
      "with a foreign tokenizer",
      { g: GRAPH, "tokenizer.json": Buffer.from("{}") },
      "invalid_input",
      "is not the tokenizer",
    ],
    ["not there", {}, "not_found", "no file"],
  ])("%s is refused, and leaves nothing", async (_case, files, code, text) => {
    const { world, place, file, folder } = bring(files as Record<string, Uint8Array>);

    const failure = await pullModel(world, { file: file("g"), wait: true }).catch(
      (e: unknown) => e,
    );

    expect(failure).toMatchObject({ code, message: expect.stringContaining(text) });
    expect(modelState(place())).toEqual({ state: "absent" });
    expect(readdirSync(folder)).toEqual(["lock"]);
  });

  test("holds int8 alone, when it is the exporters'", async () => {
    const { world, file } = bring({ g: GRAPH, "tokenizer.json": TOKENIZER });
    const request = { file: file("g"), precision: "fp32", wait: true } as const;

    await expect(pullModel(world, request)).rejects.toMatchObject({ code: "invalid_input" });
  });
});

test.each<[string, Record<string, string>, number | undefined]>([
  ["nothing is there", {}, 0],
  ["it is switched off", { SB_MODEL: "off" }, undefined],
  ["a CI runs", { CI: "true" }, undefined],
  ["CI says no", { CI: "false" }, 0],
])("a server fetches by itself when %s", (_case, env, due) => {
  const { world } = makeModels("", env);

  expect(fetchDue({ ...world, processes: processes() })).toBe(due);
});

function processes() {
  const self = () => ({ pid: 42, startedAt: 7 });
  return { self, owner: self, isAlive: () => true };
}
