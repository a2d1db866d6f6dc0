import { z } from "zod";
import type { Lab } from "./lab.ts";

const Ingested = z.looseObject({
  files: z.number(),
  rows: z.number(),
  bad_rows: z.number(),
  insights: z.number(),
});
const Insights = z.looseObject({
  insights: z.array(z.looseObject({ content: z.string(), seen_count: z.number() })),
});
/** What every search tool answers with. */
export const Found = z.looseObject({
  total: z.number(),
  hits: z.array(z.looseObject({ kind: z.string(), project: z.string(), snippet: z.string() })),
});
const Status = z.looseObject({ storage: z.looseObject({ integrity: z.string() }) });

/** The stored memory of a lab, seen through the commands of `sb`. */
export function memory(lab: Lab, project: string) {
  const call = async (tool: string, input: unknown) =>
    await lab.sb(project, ["call", tool, JSON.stringify(input)]);
  return {
    /** Reads all transcripts of the lab that are new. */
    async ingest() {
      return Ingested.parse(await lab.sb(project, ["ingest", "--all", "--json"]));
    },
    /** Every stored insight; a lab never has a hundred. */
    async insights() {
      return Insights.parse(
        await call("search_insights", { query: "*", limit: 100, max_tokens: 50_000 }),
      ).insights;
    },
    /** The exchanges of any project whose text shows `word`. */
    async exchanges(word: string) {
      const { hits } = Found.parse(await call("quick_search", { query: word, limit: 50 }));
      return hits.filter(({ kind, snippet }) => kind === "exchange" && snippet.includes(word));
    },
    /** What `PRAGMA integrity_check` says of the store. */
    async integrity() {
      return Status.parse(await lab.sb(project, ["status", "--json"])).storage.integrity;
    },
  };
}
