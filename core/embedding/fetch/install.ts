import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isoTime } from "../../kernel/text.ts";
import { PRECISIONS } from "../model.ts";
import { CHECKED, damageOf, type Manifest, manifestPath, sha256Of, sweep } from "../state.ts";
import { LOCK } from "./lock.ts";
import { placeBytes, placeFailure, placeFile } from "./place.ts";
import { type Content, type Materials, PIECE } from "./sources.ts";

const TOKENIZER = "tokenizer.json";

/** What belongs into the model's folder; pieces stay, since a download goes on from them. */
export function isKnown(name: string): boolean {
  const graphs = PRECISIONS.map((precision) => `${precision}.onnx`);
  const own = ["manifest.json", "fetch.json", CHECKED, LOCK, TOKENIZER, ...graphs];
  return own.includes(name) || PIECE.test(name);
}

/**
 * Puts the checked files in place, the manifest last: until then there is no model, and a crash
 * leaves none that is half one, half another.
 */
export async function install(
  folder: string,
  materials: Materials,
  now: number,
): Promise<Manifest> {
  const { source, precision, graph, tokenizer } = materials;
  const contents = { [`${precision}.onnx`]: graph, [TOKENIZER]: tokenizer };
  const files: Record<string, Manifest["files"][string]> = {};
  try {
    for (const [name, content] of Object.entries(contents)) {
      const staged = await stage(folder, name, content);
      files[name] = { bytes: Bun.file(staged).size, sha256: sha256Of(staged) };
    }
    await rm(manifestPath(folder), { force: true });
    for (const [name, content] of Object.entries(contents)) {
      await placeFile(stagedPath(folder, name, content), join(folder, name));
    }
  } catch (error) {
    sweep(folder, isKnown);
    throw placeFailure(error, join(folder, TOKENIZER));
  }
  const manifest: Manifest = { precision, source, installed_at: isoTime(now), files };
  await placeBytes(manifestPath(folder), [Buffer.from(JSON.stringify(manifest))]);
  damageOf(folder, manifest); // what lies there now is written down, so that no search reads it whole
  const isStale = (name: string) =>
    PIECE.test(name) || (name.endsWith(".onnx") && !(name in files));
  sweep(folder, (name) => isKnown(name) && !isStale(name));
  return manifest;
}

/** The content as a file in `folder`, so that it needs but another name. */
async function stage(folder: string, name: string, content: Content): Promise<string> {
  const path = stagedPath(folder, name, content);
  if ("parts" in content) await placeBytes(path, content.parts);
  else if (!content.isOurs) await copyFile(content.path, path);
  return path;
}

function stagedPath(folder: string, name: string, content: Content): string {
  return "path" in content && content.isOurs ? content.path : join(folder, `${name}.new`);
}
