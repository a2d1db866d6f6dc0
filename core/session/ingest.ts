import type { Database } from "bun:sqlite";
import type { InsightService } from "../insight/service.ts";
import type { Clock, Logger, Processes } from "../kernel/ports.ts";
import { redact } from "../kernel/redact.ts";
import type { ProjectIdentity } from "../project/detect.ts";
import type { ProjectService } from "../project/service.ts";
import type { SearchService } from "../search/service.ts";
import { projectSlug, type TranscriptFile } from "../transcript/locate.ts";
import type { Exchange } from "../transcript/model.ts";
import type { TranscriptService } from "../transcript/service.ts";
import type { Pass } from "../transcript/tail.ts";
import { remember, withoutCopies } from "./remember.ts";

/** Exchanges written in one transaction: short enough that no other process waits for long. */
const BATCH = 64;

/** Characters of a slug that are the path's own: a longer one ends in a hash. */
const HINT_CHARS = 190;

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
 * which their folder's name or an earlier reading tells, without a look into every other file.
 */
export type IngestScope =
  | { readonly kind: "all" }
  | { readonly kind: "project"; readonly identity: ProjectIdentity }
  | { readonly kind: "near"; readonly identity: ProjectIdentity }
  | { readonly kind: "conversation"; readonly sessionId: string };

interface Deps {
  readonly ports: { db: Database; clock: Clock; log: Logger; processes: Processes };
  readonly project: ProjectService;
  readonly transcript: TranscriptService;
  readonly search: SearchService;
  readonly insight: InsightService;
}

type Tally = { -readonly [K in keyof IngestReport]: number };

export type IngestService = ReturnType<typeof ingestService>;

/** Conducts the reading of transcripts: conversation, documents and insights in one pass. */
export function ingestService(deps: Deps) {
  const { ports, transcript } = deps;

  function located(scope: IngestScope): readonly TranscriptFile[] {
    if (scope.kind === "conversation") return transcript.locateSession(scope.sessionId).files;
    const { files, unreadable } = transcript.locate();
    if (unreadable > 0) ports.log.warn(`${unreadable} transcript folders cannot be read`);
    if (scope.kind === "all") return files;
    return files.filter((file) => isOf(file, scope.identity, scope.kind === "project"));
  }

  /** Whether a transcript was written in a project: the folder's name hints, its rows decide. */
  function isOf(file: TranscriptFile, identity: ProjectIdentity, isThorough: boolean): boolean {
    const known = transcript.projectOf(file);
    if (known) return known === identity.key;
    const isHinted = file.slug.startsWith(projectSlug(identity.root).slice(0, HINT_CHARS));
    if (!isThorough && !isHinted) return false;
    const cwd = transcript.cwdOf(file);
    return cwd ? deps.project.identify(cwd).key === identity.key : isHinted;
  }

  /** Whether a transcript may be read: its project is neither ignored nor paused. */
  function isAllowed(file: TranscriptFile): boolean {
    const cwd = transcript.cwdOf(file);
    return !deps.project.isLeftAlone(deps.project.identify(cwd));
  }

  /** Reads one file into the store. Yields after each piece, so that a server can answer. */
  function* readFile(file: TranscriptFile, tally: Tally): Generator<number, void> {
    const writer = fileWriter(deps, file, tally);
    const steps = transcript.read(file, writer.take);
    for (;;) {
      const step = steps.next();
      if (step.done) {
        writer.finish(step.value);
        return;
      }
      yield step.value;
    }
  }

  /**
   * Ingests in steps: each yields how far it is. Interrupted anywhere, it loses nothing and goes
   * on from there the next time.
   */
  function* steps(scope: IngestScope): Generator<IngestProgress, IngestReport> {
    const started = performance.now();
    const all = located(scope);
    const pending = transcript.changed(all).filter(isAllowed);
    const tally = emptyTally(all.length - pending.length);
    const bytesTotal = pending.reduce((sum, { size }) => sum + size, 0);
    let bytesDone = 0;
    for (const [filesDone, file] of pending.entries()) {
      for (const bytes of readFile(file, tally)) {
        bytesDone += bytes;
        const { documents } = tally;
        yield { filesDone, filesTotal: pending.length, bytesDone, bytesTotal, documents };
      }
    }
    return { ...tally, ms: Math.round(performance.now() - started) };
  }

  return {
    steps,

    /** Ingests at once. `onProgress` is told after each piece of a file. */
    run(scope: IngestScope, onProgress?: (progress: IngestProgress) => void): IngestReport {
      const running = steps(scope);
      for (;;) {
        const step = running.next();
        if (step.done) return step.value;
        onProgress?.(step.value);
      }
    },

    /** Ingests the newest of what is new for `budgetMs`; the rest is left to a later call. */
    runFor(scope: IngestScope, budgetMs: number): void {
      const deadline = performance.now() + budgetMs;
      const running = steps(scope);
      while (!running.next().done && performance.now() < deadline);
    },

    /** How many transcripts have something that is not stored. */
    pending(): { total: number; pending: number } {
      const { files } = transcript.locate();
      return { total: files.length, pending: transcript.changed(files).length };
    },
  };
}

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

/** Takes the exchanges of one file and stores them in batches, the cursor with the last one. */
function fileWriter(deps: Deps, file: TranscriptFile, tally: Tally) {
  const { ports, project, transcript, search, insight } = deps;
  const batch: Exchange[] = [];
  const met = new Map<string, { identity: ProjectIdentity; isOpen: boolean; at: number }>();
  let last: { exchange: Exchange; projectKey: string } | undefined;

  /** The project of an exchange; its last sight is written once a batch, not once a row. */
  function meet(exchange: Exchange) {
    const identity = project.identify(exchange.cwd);
    const known = met.get(identity.key) ?? {
      identity,
      isOpen: !project.isLeftAlone(identity),
      at: 0,
    };
    known.at = Math.max(known.at, exchange.endedAt);
    met.set(identity.key, known);
    return known;
  }

  function store(exchange: Exchange): void {
    const { identity, isOpen } = meet(exchange);
    const own = isOpen ? withoutCopies(exchange, search.owner) : undefined;
    if (!own) return;
    const { document, answers } = remember(own, identity.key);
    if (document.body === "" && !document.tools) return;
    const { state } = search.put(document);
    if (state === "stored") tally.documents += 1;
    for (const { uuid, text } of state === "unchanged" ? [] : answers) {
      const { sessionId, agentId, startedAt: at } = own;
      const source = { messageUuid: uuid, sessionId, agentId, projectKey: identity.key, at };
      tally.insights += insight.capture(text, source);
    }
    if (!exchange.agentId || !last) last = { exchange, projectKey: identity.key };
    if (!exchange.agentId) noteConversation(own, identity.key);
  }

  function noteConversation(exchange: Exchange, projectKey: string): void {
    transcript.extend({
      sessionId: exchange.sessionId,
      projectKey,
      ...(exchange.branch ? { branch: redact(exchange.branch).text } : {}),
      startedAt: exchange.startedAt,
      endedAt: exchange.endedAt,
      contextTokens: exchange.contextTokens,
      compactions: 0,
    });
  }

  function flush(): void {
    for (const exchange of batch) store(exchange);
    batch.length = 0;
    for (const { identity, isOpen, at } of met.values()) if (isOpen) project.meet(identity, at);
    met.clear();
  }

  function writeFacts(pass: Extract<Pass, { kind: "read" }>): void {
    if (!last || (!pass.facts.title && pass.facts.compactions === 0)) return;
    const { exchange, projectKey } = last;
    transcript.extend({
      sessionId: exchange.sessionId,
      projectKey,
      ...(pass.facts.title ? { title: redact(pass.facts.title).text } : {}),
      startedAt: exchange.startedAt,
      endedAt: exchange.endedAt,
      contextTokens: exchange.contextTokens,
      compactions: pass.facts.compactions,
    });
  }

  return {
    take(exchange: Exchange): void {
      batch.push(exchange);
      if (batch.length >= BATCH) ports.db.transaction(flush).immediate();
    },

    finish(pass: Pass): void {
      if (pass.kind !== "read") {
        tally.skipped += 1;
        if (pass.kind === "unreadable")
          ports.log.warn(`a transcript cannot be read: ${pass.reason}`);
        return;
      }
      ports.db
        .transaction(() => {
          flush();
          writeFacts(pass);
          transcript.finish(file, pass, last?.projectKey);
        })
        .immediate();
      countPass(tally, pass);
    },
  };
}

function countPass(tally: Tally, { counts }: Extract<Pass, { kind: "read" }>): void {
  tally.files += 1;
  tally.rows += counts.rows;
  tally.bad_rows += counts.badRows;
  tally.unknown_rows += counts.unknownRows;
}
