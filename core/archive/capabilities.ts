import { z } from "zod";
import { defineCapability } from "../capability.ts";
import { SbError } from "../kernel/errors.ts";
import * as inputs from "../kernel/inputs.ts";
import { DOCUMENT_KINDS } from "../search/kinds.ts";
import { forget, previewForget } from "./forget.ts";
import { forgetByRetention } from "./forget-old.ts";
import { resetDatabase } from "./reset.ts";

const count = z.number().int().min(0);
const id = z.string().min(1).max(200);
const time = z.string().min(1).max(200);

const Scrubbed = z.object({ ok: z.boolean(), reason: z.string().optional() });

export const forgetMemory = defineCapability({
  effect: "destroy",
  positional: ["ids"],
  input: z.object({
    ids: z.array(id).max(1000).optional().describe("Memories, by their ids"),
    project: z.string().trim().min(1).max(500).optional().describe("Only of this project"),
    session_id: id.optional().describe("Only of this conversation"),
    since: time.optional().describe("Only from then on"),
    before: time.optional().describe("Only what is older"),
    query: inputs.query.optional().describe("Only what holds all of these words"),
    kinds: z.array(z.enum(DOCUMENT_KINDS)).optional().describe("Only these kinds"),
    retention: z.boolean().default(false).describe("What the configured retention no longer keeps"),
    files: z.boolean().default(false).describe("Delete hand-off files in project folders too"),
    confirm: z.boolean().default(false).describe("Forget what the preview with token showed"),
    token: z.string().max(64).optional().describe("Of the preview"),
  }),
  output: z.object({
    forgotten: z.boolean(),
    token: z.string(),
    total: count,
    /** Exchanges whose tools' outputs go, by retention. */
    tool_outputs: count.optional(),
    by_kind: z.record(z.string(), count),
    insights_kept: count,
    conversations: count,
    sessions: count,
    /** Reminders that go, when a whole project does. */
    reminders: count.optional(),
    examples: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(DOCUMENT_KINDS),
        project: z.string(),
        at: z.string(),
        text: z.string(),
      }),
    ),
    handoff_files: z.array(z.string()),
    files_deleted: z.array(z.string()).optional(),
    backups: count,
    scrubbed: Scrubbed.optional(),
  }),
  async run(services, { retention, files, confirm, token, session_id: sessionId, ...wanted }) {
    if (confirm && token === undefined) {
      throw new SbError("invalid_input", "confirm needs the token of a preview", {
        hint: "call it without confirm first: what is shown then is what is forgotten",
      });
    }
    const request = { ...wanted, sessionId };
    if (retention) {
      if (Object.values(request).some((value) => value !== undefined)) {
        throw new SbError("invalid_input", "retention stands by itself", {
          hint: "leave ids, project, time, query and kinds out",
        });
      }
      return forgetByRetention(services, confirm ? token : undefined);
    }
    if (!confirm) return { forgotten: false, ...previewForget(services, request) };
    const { preview, ...done } = forget(services, request, { token, files });
    return { forgotten: true, ...preview, ...done };
  },
});

export const resetReflectionDatabase = defineCapability({
  effect: "destroy",
  positional: ["name"],
  input: z.object({
    name: z.string().max(200).optional().describe("The database's file name, given back"),
  }),
  output: z.object({
    backup: z.object({ path: z.string(), bytes: count }),
    documents: count,
    scrubbed: Scrubbed,
  }),
  run: ({ ports }, { name }) => resetDatabase(ports, name),
});
