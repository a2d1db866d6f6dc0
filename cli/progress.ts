import type { EmbeddingProgress } from "../core/search/semantic.ts";
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

/** Cells of the bar. */
const BAR_CELLS = 24;

/** The same services, which show on one line how far reading and embedding are, and clear it then. */
export function withProgress(services: Services, write: (text: string) => void): Services {
  const { ingest, semantic } = services;
  const shownIngest: Services["ingest"] = {
    ...ingest,
    runPatiently: (scope, onProgress) =>
      showing(write, (show) =>
        ingest.runPatiently(scope, (progress) => {
          onProgress?.(progress);
          show(lineOf(progress));
        }),
      ),
  };
  const shownSemantic: Services["semantic"] = {
    ...semantic,
    run: (onProgress) =>
      showing(write, (show) =>
        semantic.run((progress) => {
          onProgress?.(progress);
          show(barOf(progress));
        }),
      ),
  };
  const wrapped: Services = Object.create(services, {
    ingest: { value: shownIngest },
    semantic: { value: shownSemantic },
  });
  return wrapped;
}

/** Runs `work` with a line that it may show; the line is cleared at the end. */
async function showing<T>(
  write: (text: string) => void,
  work: (show: (text: string) => void) => Promise<T>,
): Promise<T> {
  const line = clearedLine({ showsProgress: true, err: write });
  try {
    return await work(line.show);
  } finally {
    line.clear();
  }
}

/** `████████░░░░ 120 of 400 documents embedded` */
function barOf({ done, total }: EmbeddingProgress): string {
  const full = Math.floor((done / Math.max(1, total)) * BAR_CELLS);
  const bar = "█".repeat(full) + "░".repeat(BAR_CELLS - full);
  return `${bar} ${done} of ${plural(total, "document")} embedded`;
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
