import { resolve } from "node:path";
import { type PullRequest, pullModel } from "../../core/embedding/fetch/pull.ts";
import { removeModel } from "../../core/embedding/fetch/remove.ts";
import {
  deepDamageOf,
  type ModelState,
  modelFolder,
  modelState,
  readManifest,
  readyState,
} from "../../core/embedding/state.ts";
import type { Invocation } from "../command.ts";
import { bytesText } from "../render/layout.ts";
import { modelText } from "../render/model.ts";
import { pullProgress } from "./model-progress.ts";

/** `sb model pull`: brings the model, or says that it is there. */
export async function pull(invocation: Invocation): Promise<undefined> {
  const { input, cwd, json, host } = invocation;
  const { env, paths, clock, processes } = (await invocation.open("read")).ports;
  const began = performance.now();
  const progress = pullProgress(host.io, { silent: json });
  try {
    const pulled = await pullModel(
      { env, paths, clock, self: processes.self(), onEvent: progress.show },
      { ...requestOf(input, cwd), wait: true },
    );
    if (pulled.kind === "busy") throw new Error("a pull that waits is never busy");
    const ms = Math.round(performance.now() - began);
    const state = readyState(pulled.manifest);
    const path = modelFolder(paths);
    progress.clear();
    if (json)
      host.io.out(
        `${JSON.stringify({ ...state, path, fetched: pulled.kind === "fetched", ms })}\n`,
      );
    else {
      const when =
        pulled.kind === "fetched" ? `; it took ${(ms / 1000).toFixed(1)} s` : ", as before";
      host.io.out(`Model ${modelText(state)}${when}.\n`);
    }
  } finally {
    progress.clear();
  }
  return undefined;
}

function requestOf(input: Invocation["input"], cwd: string): Omit<PullRequest, "wait"> {
  const { source, precision, from_file: file } = input;
  return {
    source: source === "huggingface" || source === "npm" ? source : undefined,
    precision: precision === "int8" || precision === "fp32" ? precision : undefined,
    file: typeof file === "string" ? resolve(cwd, file) : undefined,
  };
}

/** `sb model status`: how it stands, the files read whole. */
export async function status(invocation: Invocation): Promise<undefined> {
  const { ports } = await invocation.open("read");
  const path = modelFolder(ports.paths);
  const state = checked(modelState(ports), path);
  const { io } = invocation.host;
  if (invocation.json) io.out(`${JSON.stringify({ ...state, path })}\n`);
  else io.out(`Model ${modelText(state)}.\n  ${path}\n`);
  return undefined;
}

/** A model that is ready by its sizes, by its content too. */
function checked(state: ModelState, folder: string): ModelState {
  const manifest = state.state === "ready" ? readManifest(folder) : undefined;
  const why = manifest && deepDamageOf(folder, manifest);
  return why ? { state: "failed", why, hint: "sb model pull brings it anew" } : state;
}

/** `sb model remove`: search goes on by text. */
export async function remove(invocation: Invocation): Promise<undefined> {
  const { ports } = await invocation.open("read");
  const bytes = removeModel(ports);
  const { io } = invocation.host;
  if (invocation.json) io.out(`${JSON.stringify({ removed: bytes > 0, bytes })}\n`);
  else io.out(bytes > 0 ? `Removed, ${bytesText(bytes)} freed.\n` : "Nothing to remove.\n");
  return undefined;
}
