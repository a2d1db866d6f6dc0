import * as z from "zod/mini";
import { defineCapability } from "../capability.ts";
import { countInsights } from "../insight/count.ts";
import { workingDirectory } from "../kernel/working-directory.ts";
import { projectFinder } from "../project/finder.ts";
import { countDocuments } from "../search/count.ts";
import { redactionCounts } from "../storage/redaction-counts.ts";
import { backfillState } from "./backfill.ts";
import { currentSession } from "./current.ts";
import { recording, storage } from "./overview.ts";
import { presentSession } from "./present-session.ts";
import { RecordingShape, SessionShape } from "./session-shapes.ts";

// A file of its own: status lines and scripts ask often, and the other schemas would cost them.
export const status = defineCapability({
  effect: "read",
  input: z.object({ working_directory: z.optional(workingDirectory) }),
  output: z.object({
    session: z.nullable(SessionShape),
    project: z.object({ name: z.string(), root: z.string(), branch: z.optional(z.string()) }),
    memory: z.object({
      documents: z.int(),
      insights: z.int(),
      embedded: z.int(),
      /** Credentials and private blocks that were kept from the store, by rule. */
      redacted: z.record(z.string(), z.int()),
    }),
    recording: RecordingShape,
    history: z.object({
      state: z.enum(["never", "pending", "running", "done"]),
      files_done: z.int(),
      files_total: z.int(),
      at: z.optional(z.string()),
    }),
    model: z.object({ state: z.enum(["absent", "off"]) }),
    storage: z.object({ bytes: z.int(), path: z.string(), integrity: z.string() }),
  }),
  look(ports, { working_directory }) {
    const project = projectFinder(ports);
    const identity = project.existing(working_directory);
    const current = currentSession(ports, identity);
    return {
      session: current ? presentSession(project, current) : null,
      project: {
        name: identity.name,
        root: identity.root,
        ...(identity.branch ? { branch: identity.branch } : {}),
      },
      memory: {
        documents: countDocuments(ports.db),
        insights: countInsights(ports.db),
        embedded: 0,
        redacted: { ...redactionCounts(ports.db) },
      },
      recording: recording(ports, project, identity),
      history: backfillState(ports.db),
      model: { state: ports.env["SB_MODEL"] === "off" ? ("off" as const) : ("absent" as const) },
      storage: storage(ports),
    };
  },
});
