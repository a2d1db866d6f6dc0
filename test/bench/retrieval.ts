import type { Figure, GroupReport } from "./figure.ts";
import { day0 } from "./retrieval-day0.ts";
import { locomo } from "./retrieval-locomo.ts";
import { type Model, modelEnv } from "./retrieval-model.ts";

/** What the group retrieval is asked for. */
export interface RetrievalPlan {
  /** Folder with the dialogues of LoCoMo; without it that part is left out. */
  readonly data: string | undefined;
  readonly model: Model;
  /** Sizes of the generated stores that are asked. */
  readonly sessions: readonly number[];
  /** Folder in which generated stores are kept for the next time; none are without it. */
  readonly keep: string | undefined;
}

/**
 * How well the product's own search finds what was said, in process: ingest and search as `sb` does
 * them over a SQLite file, beside what a plain text index finds. With a model every document has its
 * vectors before it is asked for.
 */
export async function retrieval(plan: RetrievalPlan): Promise<GroupReport> {
  const { data, model, sessions, keep } = plan;
  const env = await modelEnv(model);
  const parts: { notes: string[]; figures: Figure[] }[] = [
    data === undefined
      ? { notes: ["LoCoMo left out: no --data DIR with its dialogues"], figures: [] }
      : await locomo(data, env),
  ];
  for (const size of sessions) parts.push(await day0(size, { env, keep }));
  return {
    group: "retrieval",
    notes: parts.flatMap(({ notes }) => notes),
    figures: parts.flatMap(({ figures }) => figures),
  };
}
