import type { ErrorService } from "../error/service.ts";
import type { InsightService } from "../insight/service.ts";
import { SbError } from "../kernel/errors.ts";
import type { ProjectIdentity } from "../project/detect.ts";
import type { ProjectService } from "../project/service.ts";
import type { SearchService } from "../search/service.ts";
import type { Tombstones } from "../search/tombstones.ts";
import type { Ports } from "../services.ts";
import type { Redactor } from "../storage/redactions.ts";
import type { TranscriptFile } from "../transcript/locate.ts";
import type { TranscriptService } from "../transcript/service.ts";
import type { ToldExchange } from "./gather.ts";
import { ingestWriter, type Tally } from "./ingest-writer.ts";
import { ownFiles } from "./own-files.ts";
import { toldExchange, withoutForgotten } from "./remember.ts";

/** Exchanges written in one transaction while a server answers in between: some 15 ms of work. */
const SMALL_BATCH = 64;

/** The same where nothing waits: the text index writes one segment a transaction. */
const LARGE_BATCH = 512;

/** Longest work at a stretch where others may be waiting, in milliseconds. */
const BREATH_EVERY_MS = 20;

/** What an ingest did. `rows` and what follows count only what is new. */
export interface IngestReport {
  readonly files: number;
  readonly rows: number;
  readonly bad_rows: number;
  readonly unknown_rows: number;
  readonly documents: number;
  readonly insights: number;
  /** Files left out: unchanged, ignored, paused, gone or unreadable. */
  readonly skipped: number;
  readonly ms: number;
}

/** How far a running ingest is. */
export interface IngestProgress {
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly documents: number;
}

/**
 * Which transcripts: all of them, one project's, one conversation's; or those `near` a project,
 * which their folder's name or an earlier look tells, with a look at few of the others.
 */
export type IngestScope =
  | { readonly kind: "all" }
  | { readonly kind: "project"; readonly identity: ProjectIdentity }
  | { readonly kind: "near"; readonly identity: ProjectIdentity }
  | { readonly kind: "conversation"; readonly sessionId: string };

export interface IngestDeps {
  readonly ports: Pick<Ports, "db" | "log" | "serves">;
  readonly project: ProjectService;
  readonly transcript: TranscriptService;
  readonly search: SearchService;
  readonly insight: InsightService;
  readonly error: ErrorService;
  readonly redactor: Redactor;
  readonly tombstones: Tombstones;
}

export type IngestService = ReturnType<typeof ingestService>;

/** Conducts the reading of transcripts: conversation, documents and insights in one pass. */
export function ingestService(deps: IngestDeps) {
  const { ports, transcript } = deps;
  const own = ownFiles(deps);
  let isEnding = false;
  const changed = (files: readonly TranscriptFile[]) =>
    transcript.changed(files, deps.project.rules);

  function located(scope: IngestScope): readonly TranscriptFile[] {
    if (scope.kind === "conversation") return transcript.locateSession(scope.sessionId).files;
    const others = scope.kind === "near" ? own.others(scope.identity.key) : undefined;
    const { files, unreadable } = transcript.locate(others && ((path) => !others.has(path)));
    if (unreadable > 0) ports.log.warn(`${unreadable} transcript folders cannot be read`);
    if (scope.kind === "all") return files;
    return own.of(files, scope.identity, scope.kind);
  }

  /** Those of `files` that may be read: their project is neither ignored nor paused. Asked once a root. */
  function allowed(files: readonly TranscriptFile[]): TranscriptFile[] {
    const left = new Map<string, boolean>();
    return files.filter((file) => {
      const identity = deps.project.identify(transcript.cwdOf(file));
      const isLeft = left.get(identity.root) ?? deps.project.isLeftAlone(identity);
      left.set(identity.root, isLeft);
      return !isLeft;
    });
  }

  /**
   * Ingests in steps: each yields how far it is. Interrupted anywhere, it loses nothing and goes
   * on from there the next time.
   */
  function* steps(
    scope: IngestScope,
    batch: number = SMALL_BATCH,
  ): Generator<IngestProgress, IngestReport> {
    const started = performance.now();
    const all = located(scope);
    const pending = allowed(changed(all));
    const tally = emptyTally(all.length - pending.length);
    const writer = ingestWriter(deps, tally, batch);
    const bytesTotal = pending.reduce((sum, { size }) => sum + size, 0);
    let bytesDone = 0;
    const progress = (filesDone: number): IngestProgress => {
      const { documents } = tally;
      return { filesDone, filesTotal: pending.length, bytesDone, bytesTotal, documents };
    };
    try {
      for (const [filesDone, file] of pending.entries()) {
        const into = writer.open(file);
        for (const bytes of transcript.read(file, into)) {
          bytesDone += bytes;
          yield progress(filesDone);
          while (writer.isFull()) {
            writer.write();
            yield progress(filesDone);
          }
        }
      }
    } finally {
      writer.flush();
    }
    return { ...tally, ms: Math.round(performance.now() - started) };
  }

  return {
    steps,

    /** Gives up what runs patiently: the process ends. What is not written yet is read again. */
    stop(): void {
      isEnding = true;
    },

    /** Ingests at once. `onProgress` is told after each piece of a file. */
    run(scope: IngestScope, onProgress?: (progress: IngestProgress) => void): IngestReport {
      const running = steps(scope, LARGE_BATCH);
      for (;;) {
        const step = running.next();
        if (step.done) return step.value;
        onProgress?.(step.value);
      }
    },

    /**
     * `run` that lets the event loop turn now and then: signals and requests get through.
     * @throws SbError `unavailable` when the process ends meanwhile.
     */
    async runPatiently(
      scope: IngestScope,
      onProgress?: (progress: IngestProgress) => void,
    ): Promise<IngestReport> {
      const running = steps(scope, ports.serves ? SMALL_BATCH : LARGE_BATCH);
      let breath = performance.now() + BREATH_EVERY_MS;
      for (;;) {
        if (isEnding) throw cutOff();
        const step = running.next();
        if (step.done) return step.value;
        onProgress?.(step.value);
        if (performance.now() < breath) continue;
        await new Promise((resolve) => setImmediate(resolve));
        breath = performance.now() + BREATH_EVERY_MS;
      }
    },

    /** Ingests the newest of what is new for `budgetMs`; the rest is left to a later call. */
    runFor(scope: IngestScope, budgetMs: number): void {
      const deadline = performance.now() + budgetMs;
      const running = steps(scope);
      for (;;) {
        const step = running.next();
        if (step.done) break;
        // What is read to its end is closed at once, however late: that takes no time.
        const isRead = step.value.bytesDone >= step.value.bytesTotal;
        if (!isRead && performance.now() >= deadline) break;
      }
      running.return(undefined as never); // what was read so far is kept
    },

    /** How many bytes of a conversation, its subagents' included, were not read yet. */
    unreadBytes(sessionId: string): number {
      const files = transcript.changed(transcript.locateSession(sessionId).files);
      return files.reduce((sum, file) => sum + file.size - transcript.readTo(file), 0);
    },

    /**
     * The last exchanges of a conversation as they would be stored, `most` of them, where not all of
     * it is stored. What lies further back than `bytes` is left to whoever reads it whole, and
     * nothing is stored here.
     */
    unreadEnd(sessionId: string, { bytes, most }: { bytes: number; most: number }): ToldExchange[] {
      const { files } = transcript.locateSession(sessionId);
      const unread = allowed(transcript.changed(files.filter(({ agentId }) => !agentId)));
      deps.tombstones.refresh();
      return unread
        .flatMap((file) => transcript.readEnd(file, bytes))
        .filter(({ agentId }) => !agentId)
        .slice(-most)
        .flatMap((exchange) => {
          if (deps.project.isLeftAlone(deps.project.identify(exchange.cwd))) return [];
          const kept = withoutForgotten(exchange, deps.tombstones);
          return kept ? [toldExchange(kept, deps.redactor.clean)] : [];
        });
    },

    /** How many transcripts have something that is not stored. */
    pending(): { total: number; pending: number } {
      const { files } = transcript.locate();
      return { total: files.length, pending: changed(files).length };
    },
  };
}

const cutOff = () =>
  new SbError("unavailable", "sb ends: what is not read yet is read next time", {
    hint: "call it again",
  });

function emptyTally(skipped: number): Tally {
  return {
    files: 0,
    rows: 0,
    bad_rows: 0,
    unknown_rows: 0,
    documents: 0,
    insights: 0,
    skipped,
    ms: 0,
  };
}
