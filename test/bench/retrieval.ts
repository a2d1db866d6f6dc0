import type { Figure, GroupReport } from "./figure.ts";
import { day0 } from "./retrieval-day0.ts";
import { locomo } from "./retrieval-locomo.ts";

/** What the group retrieval is asked for. */
export interface RetrievalPlan {
  /** Folder with the dialogues of LoCoMo; without it that part is left out. */
  readonly data: string | undefined;
  readonly model: Model;
  /** Sizes of the generated stores that are asked. */
  readonly sessions: readonly number[];
}

/** Which model the search may use beside the text index. */
export const MODELS = ["off", "int8", "fp32"] as const;
export type Model = (typeof MODELS)[number];

/**
 * How well the product's own search finds what was said, in process: ingest and search as `sb` does
 * them over a SQLite file, beside what a plain text index finds.
 * @throws Error for a model: the services offer none yet.
 */
export async function retrieval(plan: RetrievalPlan): Promise<GroupReport> {
  const { data, model, sessions } = plan;
  if (model !== "off") {
    throw new Error(`--model ${model}: the services search by text alone so far; use --model off`);
  }
  const parts: { notes: string[]; figures: Figure[] }[] = [
    data === undefined
      ? { notes: ["LoCoMo left out: no --data DIR with its dialogues"], figures: [] }
      : locomo(data),
  ];
  for (const size of sessions) parts.push(await day0(size));
  return {
    group: "retrieval",
    notes: parts.flatMap(({ notes }) => notes),
    figures: parts.flatMap(({ figures }) => figures),
  };
}
