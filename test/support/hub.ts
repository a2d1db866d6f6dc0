import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Pin,
  type PinnedFile,
  SOURCES,
  type Sources,
} from "../../core/embedding/fetch/pins.ts";
import type { PullWorld } from "../../core/embedding/fetch/pull.ts";
import type { Env } from "../../core/kernel/paths.ts";
import { type FileServer, type Reply, serveFiles } from "./file-server.ts";

/** What stands for the exporters' files, which no package registry has. */
export const GRAPH = Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * 7) % 253));
export const TOKENIZER = Buffer.from(JSON.stringify({ model: { type: "WordPiece" } }));

export const GRAPH_PATH = resolvePath("onnx/model_quantized.onnx");
export const TOKENIZER_PATH = resolvePath("tokenizer.json");

function resolvePath(path: string): string {
  const { repository, revision } = SOURCES.huggingFace;
  return `/${repository}/resolve/${revision}/${path}`;
}

/** The real sources, but for the checksums of those two files. */
export const FAKE_SOURCES: Sources = {
  ...SOURCES,
  huggingFace: {
    ...SOURCES.huggingFace,
    graph: pinned("onnx/model_quantized.onnx", GRAPH),
    tokenizer: pinned("tokenizer.json", TOKENIZER),
  },
};

function pinned(path: string, content: Uint8Array): PinnedFile {
  return { path, ...pinOf(content) };
}

export function pinOf(content: Uint8Array): Pin {
  const sha256 = new Bun.CryptoHasher("sha256").update(content).digest("hex");
  return { bytes: content.length, sha256 };
}

/** A Hugging Face of those two files; `otherwise` may answer a request otherwise. */
export function serveHub(
  otherwise: (path: string, count: number) => Reply | undefined = () => undefined,
): FileServer {
  const contents: Record<string, Uint8Array> = {
    [GRAPH_PATH]: GRAPH,
    [TOKENIZER_PATH]: TOKENIZER,
  };
  return serveFiles(({ path }, count) => {
    const body = contents[path];
    const usual: Reply = body ? { body } : { status: 404, body: "no such file" };
    return { ...usual, ...otherwise(path, count) };
  });
}

/** A folder for models of a test's own, and a pull into it: the registry is nowhere. */
export function makeModels(hub: string, env: Env = {}) {
  const home = mkdtempSync(join(Bun.env["HOME"] ?? tmpdir(), "sb-models-"));
  const models = join(home, "models");
  const nowhere = { HOME: home, PATH: home, npm_config_registry: "http://127.0.0.1:1/" };
  let now = Date.parse("2026-01-02T03:04:05Z");
  const world = {
    env: { ...nowhere, HF_ENDPOINT: hub, ...env },
    paths: { models },
    clock: { now: () => now },
    self: { pid: 42, startedAt: 7 },
    sources: FAKE_SOURCES,
    patience: {
      ...{ answerMs: 1_000, pieceMs: 1_000, pausesMs: [1] },
      slowest: { bytes: 1_000, inMs: 200 },
    },
  } satisfies PullWorld;
  return {
    world,
    folder: join(models, "all-MiniLM-L6-v2"),
    /** What `modelState` is to look at, with the process that fetches alive or not. */
    place: (isAlive = true) => ({ ...world, processes: { isAlive: () => isAlive } }),
    pass(ms: number) {
      now += ms;
    },
  };
}
