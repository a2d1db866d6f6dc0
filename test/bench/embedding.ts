import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEmbedder } from "../../core/embedding/embedder.ts";
import { locateModel, MAX_PIECES, type Precision } from "../../core/embedding/model.ts";
import { modelGraph } from "../../core/embedding/onnx-writer.ts";
import type { Embedder } from "../../core/kernel/ports.ts";
import {
  exportedGraph,
  preparedModels,
  publishedWeights,
  WEIGHTS,
  writeGraph,
} from "../support/model.ts";
import type { PeerRequest } from "./embedding-peer.ts";
import {
  atLeast,
  atMost,
  type Figure,
  type GroupReport,
  megabytes,
  milliseconds,
  times,
  told,
} from "./figure.ts";
import { inTurn, median, type Program, run } from "./measure.ts";
import { type Place, ROOT } from "./place.ts";

/** The peer, of the version that uses the same ONNX Runtime. It weighs 474 MB: fetched on request. */
const PEER = "@huggingface/transformers@4.3.1";

const ROUNDS = 5;
const STARTS = 20;
const SHORT_TEXTS = 96;
const CHUNKS = 24;
const CHUNK_CHARACTERS = 1_000;
/** Texts at once, as a caller of the peer would give them. */
const PEER_BATCH = 32;

/** The peer's names of the same two precisions. */
const DTYPES = { fp32: "fp32", int8: "q8" } as const;

/** Vectors a second beside transformers.js over the same weights; start and memory in a binary. */
export async function embedding(place: Place): Promise<GroupReport> {
  const models = await preparedModels();
  const peer = await startPeer(place);
  try {
    const figures = [
      ...(await throughput(place, { models, peer })),
      ...(await binary(place, models)),
    ];
    return {
      group: "embedding",
      notes: [
        `${SHORT_TEXTS} sentences; ${CHUNKS} pieces of ${CHUNK_CHARACTERS} characters; medians of ${ROUNDS} rounds in turn`,
        `one thread each, by processor time, which a busy machine does not stretch`,
        `${PEER} over the same computation with the usual inputs, ${PEER_BATCH} texts a call`,
      ],
      figures,
    };
  } finally {
    await peer.close();
  }
}

type Peer = Awaited<ReturnType<typeof startPeer>>;

async function throughput(
  place: Place,
  { models, peer }: { models: string; peer: Peer },
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const texts = realTexts();
  const ours = Object.fromEntries(
    (["int8", "fp32"] as const).map((precision) => [
      precision,
      openEmbedder(place, models, precision),
    ]),
  ) as Record<Precision, Embedder>;
  for (const [kind, list] of Object.entries(texts)) {
    const timed = (embedder: Embedder) => async () => {
      const before = process.cpuUsage();
      await embedder.embed(list, "document");
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    const asked = (precision: Precision) => () =>
      peer.ask({ dtype: DTYPES[precision], texts: list, batch: PEER_BATCH });
    const runs = [timed(ours.int8), timed(ours.fp32), asked("int8"), asked("fp32")];
    const [int8 = 0, fp32 = 0, peerInt8 = 0, peerFp32 = 0] = (await inTurn(ROUNDS, runs)).map(
      median,
    );
    const each = (ms: number) => `${(list.length / (ms / 1000)).toFixed(0)} a second`;
    figures.push(
      told(`${kind}: sb int8, fp32`, `${each(int8)}, ${each(fp32)}`),
      told(`${kind}: transformers.js int8, fp32`, `${each(peerInt8)}, ${each(peerFp32)}`),
      atLeast(`${kind}: as both come (int8 / fp32)`, { value: peerFp32 / int8, bar: 1.5 }, times),
      told(
        `${kind}: int8 beside int8, fp32 beside fp32`,
        `${times(peerInt8 / int8)}, ${times(peerFp32 / fp32)}`,
      ),
    );
  }
  for (const embedder of Object.values(ours)) embedder.release();
  return figures;
}

function openEmbedder(place: Place, models: string, precision: Precision): Embedder {
  const model = locateModel(models, precision);
  if (!model) throw new Error(`no ${precision} model in ${models}`);
  return createEmbedder({ model, native: join(place.folder, "native-source"), threads: 1 });
}

/** From the start of a process to its first vector, and memory before and after a release. */
async function binary(place: Place, models: string): Promise<Figure[]> {
  const command = await place.compile("embedding-program", ["core/embedding/worker.ts"]);
  const native = join(place.folder, "native");
  const program = (task: string) => ({
    command: [command, models, native, task],
    cwd: place.folder,
    env: place.env(place.folder),
  });
  const cold = await run(program("first"));
  const walls: number[] = [];
  const [first = []] = await inTurn(STARTS, [
    async () => {
      const { wallMs, cpuMs } = await start(program("first"));
      walls.push(wallMs);
      return cpuMs;
    },
  ]);
  const memory = JSON.parse((await run(program("memory"))).stdout) as Record<string, number>;
  const shown = (name: string) => megabytes(memory[name] ?? 0);
  return [
    told("binary: start to vector, libraries to be unpacked", milliseconds(cold.wallMs)),
    atMost(
      "binary: start to vector, processor time",
      { value: median(first), bar: 250 },
      milliseconds,
    ),
    told("binary: start to vector, wall time", milliseconds(median(walls))),
    told(
      "binary: resident before, in use, released",
      `${shown("before")}, ${shown("used")}, ${shown("released")}`,
    ),
  ];
}

/** Runs a program and says what it took of the clock and of the processor, in milliseconds. */
async function start({ command, cwd, env }: Program) {
  const started = performance.now();
  const child = Bun.spawn([...command], { cwd, env, stdout: "ignore", stderr: "inherit" });
  if ((await child.exited) !== 0) throw new Error(`${command[0]} failed`);
  const wallMs = performance.now() - started;
  return { wallMs, cpuMs: Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1000 };
}

/** Sentences, and pieces of the length that conversations are cut into, from packages' texts. */
function realTexts(): { sentences: string[]; chunks: string[] } {
  const modules = join(ROOT, "node_modules");
  const sentences = new Set<string>();
  const chunks: string[] = [];
  for (const path of [...new Bun.Glob("*/{README,readme}.md").scanSync(modules)].sort()) {
    const text = readFileSync(join(modules, path), "utf8");
    for (const [found] of text.matchAll(/[A-Z][^.!?\n|<>]{20,120}[.!?](?=\s)/gu))
      sentences.add(found);
    for (let at = 0; at + CHUNK_CHARACTERS < text.length; at += 4 * CHUNK_CHARACTERS) {
      chunks.push(text.slice(at, at + CHUNK_CHARACTERS));
    }
  }
  return { sentences: [...sentences].slice(0, SHORT_TEXTS), chunks: chunks.slice(0, CHUNKS) };
}

/** Fetches the peer, lays the model out for it, and starts it. */
async function startPeer(place: Place) {
  const folder = join(ROOT, "dist/.cache/peer");
  const module = join(folder, "node_modules/@huggingface/transformers/dist/transformers.node.mjs");
  if (!existsSync(module)) await fetchPeer(folder);
  const models = join(place.folder, "peer-models");
  await layOut(join(models, "peer"));
  const script = join(ROOT, "test/bench/embedding-peer.ts");
  const child = Bun.spawn([process.execPath, script, module, models], {
    cwd: folder,
    env: { ...Bun.env, ORT_DISABLE_TELEMETRY: "1" }, // as sb has it
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = linesOf(child.stdout);
  return {
    /** Milliseconds of processor time that the request took in the peer. */
    async ask(request: PeerRequest): Promise<number> {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      await child.stdin.flush();
      const { value } = await lines.next();
      if (value === undefined) throw new Error(`${PEER} ended without an answer`);
      return Number(value);
    },
    async close(): Promise<void> {
      child.kill();
      await child.exited;
    },
  };
}

async function fetchPeer(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const child = Bun.spawn([process.execPath, "add", "--exact", "--ignore-scripts", PEER], {
    cwd: folder,
    env: Bun.env,
    stdout: "ignore",
    stderr: "inherit",
  });
  if ((await child.exited) !== 0) throw new Error(`${PEER} could not be fetched`);
}

/** The model as the peer looks for it: in the usual export's form and names. */
async function layOut(folder: string): Promise<void> {
  const weights = await publishedWeights();
  writeGraph(join(folder, "onnx/model.onnx"), exportedGraph(modelGraph(weights, "fp32")));
  writeGraph(join(folder, "onnx/model_quantized.onnx"), exportedGraph(modelGraph(weights, "int8")));
  for (const name of ["tokenizer.json", "config.json"]) {
    copyFileSync(join(WEIGHTS, name), join(folder, name));
  }
  const settings = {
    tokenizer_class: "BertTokenizer",
    model_max_length: MAX_PIECES,
    do_lower_case: true,
    ...{ unk_token: "[UNK]", sep_token: "[SEP]", pad_token: "[PAD]", cls_token: "[CLS]" },
  };
  writeFileSync(join(folder, "tokenizer_config.json"), JSON.stringify(settings));
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of stream) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
