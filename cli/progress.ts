import type { Services } from "../core/services.ts";
import type { IngestProgress } from "../core/session/ingest.ts";
import { bytesText, plural } from "./render/layout.ts";

/** How often the line changes at most, in milliseconds. */
const EVERY_MS = 100;

/** To the first column, and all of the line cleared (ECMA-48 EL). */
const CLEAR = "\r\u001b[K";

/** A line on a terminal that shows how far long work is; nothing elsewhere. */
export function clearedLine(io: { readonly showsProgress: boolean; err(text: string): void }) {
  let next = performance.now() + EVERY_MS;
  return {
    show(text: string): void {
      if (!io.showsProgress || performance.now() < next) return;
      next = performance.now() + EVERY_MS;
      io.err(`${CLEAR}${text}`);
    },
    clear(): void {
      if (io.showsProgress) io.err(CLEAR);
    },
  };
}

/** The same services, whose ingest shows on one line how far it is, and clears it at the end. */
export function withProgress(services: Services, write: (text: string) => void): Services {
  const { ingest } = services;
  const shown: Services["ingest"] = {
    ...ingest,
    async runPatiently(scope, onProgress) {
      let next = performance.now() + EVERY_MS;
      const report = await ingest.runPatiently(scope, (progress) => {
        onProgress?.(progress);
        if (performance.now() < next) return;
        next = performance.now() + EVERY_MS;
        write(`${CLEAR}${lineOf(progress)}`);
      });
      write(CLEAR);
      return report;
    },
  };
  const wrapped: Services = Object.create(services, { ingest: { value: shown } });
  return wrapped;
}

/** `3 of 40 transcripts, 12.0 MB of 512 MB, 310 documents` */
function lineOf(progress: IngestProgress): string {
  const { filesDone, filesTotal, bytesDone, bytesTotal, documents } = progress;
  return [
    `${filesDone} of ${plural(filesTotal, "transcript")}`,
    `${bytesText(bytesDone)} of ${bytesText(bytesTotal)}`,
    plural(documents, "document"),
  ].join(", ");
}
