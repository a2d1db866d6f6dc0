// The peer's side of `embedding`: `embedding-peer.ts MODULE MODELS`. Each line of input is a
// request, each line of output the milliseconds of processor time that it took.
import { createInterface } from "node:readline";

/** What is embedded: all of `texts`, `batch` at a time, by the model's file of type `dtype`. */
export interface PeerRequest {
  readonly dtype: "fp32" | "q8";
  readonly texts: readonly string[];
  readonly batch: number;
}

const [module = "", models = ""] = process.argv.slice(2);
const { env, pipeline } = await import(module);
env.localModelPath = models;
env.allowRemoteModels = false;
const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
const extractors = new Map<string, (texts: string[], options: object) => Promise<unknown>>();

for await (const line of createInterface({ input: process.stdin })) {
  const { dtype, texts, batch } = JSON.parse(line) as PeerRequest;
  const extract =
    extractors.get(dtype) ??
    (await pipeline("feature-extraction", "peer", { dtype, session_options: options }));
  extractors.set(dtype, extract);
  const before = process.cpuUsage();
  for (let at = 0; at < texts.length; at += batch) {
    await extract(texts.slice(at, at + batch), { pooling: "mean", normalize: true });
  }
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${(user + system) / 1000}\n`);
}
