import { z } from "zod";
import { defineCapability } from "../capability.ts";
import { countInsights } from "../insight/count.ts";
import { SbError } from "../kernel/errors.ts";
import * as inputs from "../kernel/inputs.ts";
import type { Services } from "../services.ts";
import type { IngestReport } from "./ingest.ts";

const count = z.number().int().min(0);

const Report = z.object({
  files: count,
  rows: count,
  bad_rows: count,
  unknown_rows: count,
  documents: count,
  insights: count,
  skipped: count,
  /** Documents embedded, where that was asked for: all that waited, of every project. */
  embedded: count.optional(),
  ms: count,
});

export const ingestTranscripts = defineCapability({
  effect: "write",
  input: z.object({
    all: z.boolean().default(false).describe("All projects, not only the current one"),
    project: z.string().min(1).max(4096).optional().describe("Folder of another project"),
    embed: z.boolean().default(false).describe("Embed all that waits for it, too"),
  }),
  output: Report,
  async run(services, { all, project: folder, embed }) {
    if (all && folder) {
      throw new SbError("invalid_input", "all and project exclude each other", {
        hint: "give one of them",
      });
    }
    const read = await readTranscripts(services, { all, folder });
    if (!embed) return read;
    const started = performance.now();
    const embedded = await services.semantic.run();
    return { ...read, embedded, ms: read.ms + Math.round(performance.now() - started) };
  },
});

/** Reads one project's transcripts, or all: then it is noted that all history was read. */
async function readTranscripts(
  { ingest, project, backfill }: Services,
  { all, folder }: { all: boolean; folder: string | undefined },
): Promise<IngestReport> {
  if (!all) {
    return ingest.runPatiently({ kind: "project", identity: project.existing(folder) });
  }
  const report = await ingest.runPatiently({ kind: "all" });
  backfill.noteDone();
  return report;
}

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
