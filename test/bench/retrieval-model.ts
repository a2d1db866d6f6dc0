import { mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { modelFiles } from "../../core/embedding/model.ts";
import type { Env } from "../../core/kernel/paths.ts";
import { preparedModels } from "../support/model.ts";

/** Which model the search may use beside the text index. */
export const MODELS = ["off", "int8", "fp32"] as const;
export type Model = (typeof MODELS)[number];

/** The variables under which the services find `model`, written from its weights, and no other. */
export async function modelEnv(model: Model): Promise<Env> {
  if (model === "off") return { SB_MODEL: "off" };
  const from = modelFiles(await preparedModels(), model);
  const alone = mkdtempSync(join(tmpdir(), "sb-bench-model-"));
  const to = modelFiles(alone, model);
  mkdirSync(dirname(to.graph), { recursive: true });
  symlinkSync(from.graph, to.graph);
  symlinkSync(from.tokenizer, to.tokenizer);
  return { SB_MODEL_DIR: alone };
}
