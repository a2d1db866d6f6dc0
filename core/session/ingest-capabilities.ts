import { z } from "zod";
import { defineCapability } from "../capability.ts";
import { countInsights } from "../insight/count.ts";
import { SbError } from "../kernel/errors.ts";
import * as inputs from "../kernel/inputs.ts";

const count = z.number().int().min(0);

const Report = z.object({
  files: count,
  rows: count,
  bad_rows: count,
  unknown_rows: count,
  documents: count,
  insights: count,
  skipped: count,
  ms: count,
});

export const ingestTranscripts = defineCapability({
  effect: "write",
  input: z.object({
    all: z.boolean().default(false).describe("All projects, not only the current one"),
    project: z.string().min(1).max(4096).optional().describe("Folder of another project"),
  }),
  output: Report,
  async run({ ingest, project, backfill }, { all, project: folder }) {
    if (all && folder) {
      throw new SbError("invalid_input", "all and project exclude each other", {
        hint: "give one of them",
      });
    }
    if (!all) {
      return ingest.runPatiently({ kind: "project", identity: project.existing(folder) });
    }
    const report = await ingest.runPatiently({ kind: "all" });
    backfill.noteDone();
    return report;
  },
});

export const captureInsights = defineCapability({
  effect: "write",
  input: z.object({ working_directory: z.optional(inputs.workingDirectory) }),
  output: z.object({ captured: count, total: count }),
  run: ({ ingest, ports, project }, { working_directory }) => {
    const identity = project.existing(working_directory);
    const { insights } = ingest.run({ kind: "project", identity });
    return { captured: insights, total: countInsights(ports.db) };
  },
});
