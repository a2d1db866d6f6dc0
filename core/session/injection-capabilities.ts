import { z } from "zod";
import { defineCapability } from "../capability.ts";
import * as inputs from "../kernel/inputs.ts";
import { countTokens, isoTime } from "../kernel/text.ts";
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
    max_tokens: inputs.maxTokens,
  }),
  output: z.object({
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
    /** Receipts that did not fit into `max_tokens`. */
    left_out: z.number().int(),
    tokens: z.number().int(),
  }),
  run({ ports, project }, { conversation, limit, max_tokens }) {
    const own = conversation ?? conversationOfClient(ports.db, ports.processes.owner());
    const hidden = project.hiddenKeys();
    const all = injectionStore(ports.db)
      .list(limit, own)
      .filter(({ projectKey }) => !hidden.has(projectKey))
      .map(({ projectKey, at, items, conversation, event, tokens }) => ({
        conversation,
        project: project.get(projectKey)?.name ?? projectKey,
        event,
        at: isoTime(at),
        tokens,
        items: items.map((item) => ({ ...item })),
      }));
    const shown = [...all];
    while (shown.length > 1 && countTokens(JSON.stringify(shown)) > max_tokens) shown.pop();
    return {
      total_tokens: all.reduce((sum, { tokens }) => sum + tokens, 0),
      injections: shown,
      left_out: all.length - shown.length,
    };
  },
});
