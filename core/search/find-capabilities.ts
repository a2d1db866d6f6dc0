import { z } from "zod";
import { defineCapability } from "../capability.ts";
import * as inputs from "../kernel/inputs.ts";
import { Hit } from "./model.ts";

/** What every list of hits answers with. */
const page = {
  total: z.number().int(),
  hits: z.array(Hit),
  cursor: z.string().optional(),
  mode: z.enum(["hybrid", "text"]),
  tokens: z.number().int(),
};

/** What every list of hits is asked with. */
const paging = {
  project: inputs.project.optional(),
  limit: inputs.limit(10),
  cursor: inputs.cursor.optional(),
  max_tokens: inputs.maxTokens,
};

export const searchByFile = defineCapability({
  effect: "read",
  positional: ["file_path"],
  input: z.object({
    file_path: z
      .string()
      .trim()
      .min(1)
      .max(4096)
      .describe("Path, file name, folder with / at its end, or glob such as src/**/*.ts"),
    ...paging,
  }),
  output: z.object(page),
  run: ({ find, search }, { file_path, project, limit, cursor, max_tokens: maxTokens }) =>
    cursor === undefined
      ? find.byFile({ path: file_path, project, limit, maxTokens })
      : search.more(cursor, { limit, maxTokens }),
});

export const searchTemporal = defineCapability({
  effect: "read",
  positional: ["time_expression", "query"],
  input: z.object({
    time_expression: z
      .string()
      .min(1)
      .max(500)
      .describe('"yesterday", "last week", "in March", "between Monday and Friday"'),
    query: inputs.query.default("").describe("Words to look for; none lists the newest first"),
    ...paging,
  }),
  output: z.object({ from: z.string(), to: z.string(), ...page }),
  run: ({ find }, { time_expression, query, project, limit, cursor, max_tokens: maxTokens }) =>
    find.byTime({ expression: time_expression, query, project, limit, cursor, maxTokens }),
});
