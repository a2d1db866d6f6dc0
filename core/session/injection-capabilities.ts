import { z } from "zod";
import { defineCapability } from "../capability.ts";
import * as inputs from "../kernel/inputs.ts";
import { isoTime } from "../kernel/text.ts";
import { listPage } from "../search/list-page.ts";
import { conversationOfClient } from "./client.ts";
import { injectionStore } from "./injections.ts";

const Item = z.object({
  ref: z.string(),
  kind: z.string(),
  text: z.string(),
  reason: z.string(),
  tokens: z.number().int(),
});

export const explainInjection = defineCapability({
  effect: "read",
  positional: ["conversation"],
  input: z.object({
    conversation: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("Claude Code's session id; default: the current one, else all"),
    limit: inputs.limit(10),
    cursor: inputs.cursor.optional(),
    max_tokens: inputs.maxTokens,
  }),
  output: z.object({
    total: z.number().int(),
    /** Of all receipts, on this page or not. */
    total_tokens: z.number().int(),
    injections: z.array(
      z.object({
        conversation: z.string(),
        project: z.string(),
        event: z.string(),
        at: z.string(),
        tokens: z.number().int(),
        items: z.array(Item),
      }),
    ),
    /** Receipts behind this page. */
    left_out: z.number().int(),
    cursor: z.string().optional(),
    tokens: z.number().int(),
  }),
  run({ ports, project, search }, { conversation, max_tokens, ...size }, question) {
    const own = conversation ?? conversationOfClient(ports.db, ports.processes.owner());
    const hidden = project.hiddenKeys();
    const store = injectionStore(ports.db);
    const all = store.list(own).filter(({ projectKey }) => !hidden.has(projectKey));
    const { total, items, left, more } = listPage(search, {
      ...{ limit: size.limit, cursor: size.cursor, maxTokens: max_tokens },
      origin: { tool: "explain_injection", ...question },
      keys: () => all.map(({ id }) => String(id)),
      load(key) {
        const found = store.get(Number(key));
        if (!found || hidden.has(found.projectKey)) return undefined;
        const { id: _, projectKey, at, items: lines, ...rest } = found;
        const name = project.get(projectKey)?.name ?? projectKey;
        return { ...rest, project: name, at: isoTime(at), items: lines.map((one) => ({ ...one })) };
      },
    });
    const sum = all.reduce((tokens, one) => tokens + one.tokens, 0);
    return { total, total_tokens: sum, injections: items, left_out: left, ...more };
  },
});
