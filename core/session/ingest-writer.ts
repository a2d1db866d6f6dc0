import type { ProjectIdentity } from "../project/detect.ts";
import type { TranscriptFile } from "../transcript/locate.ts";
import { type Exchange, type SessionFacts, TITLE_SOURCES } from "../transcript/model.ts";
import type { Stretch } from "../transcript/service.ts";
import type { Pass } from "../transcript/tail.ts";
import type { IngestDeps, IngestReport } from "./ingest.ts";
import { observed, remember, withoutCopies, withoutForgotten, withStored } from "./remember.ts";

/** A report while it is being counted. */
export type Tally = { -readonly [K in keyof IngestReport]: number };

/** Text waiting to be written is written when it is this long, whatever the batch: memory is flat. */
const MOST_CHARS = 4 * 1024 * 1024;

/** Exchanges between a failure and its fix at most: a longer conversation is not read again each turn. */
const FIX_REACH = 60;

/** What is known of a file while its exchanges are written. */
interface FileState {
  readonly file: TranscriptFile;
  last?: { exchange: Exchange; projectKey: string; root: string };
  isCounted?: boolean;
  /** What became of the commands of the conversation itself, as far as it was read. */
  readonly commands: { failed?: boolean; succeeded?: boolean; succeededAfter?: boolean };
  /** The rules under which an exchange was left out, its project being paused or ignored. */
  leftOut?: string;
}

/**
 * Stores exchanges in batches of `batch`, each one transaction, across files: a file's cursor goes
 * with its last exchange, so that what is cut off is read again and nothing is lost or doubled.
 */
export function ingestWriter(deps: IngestDeps, tally: Tally, batch: number) {
  const { ports, project, transcript, search, insight, error, redactor, tombstones } = deps;
  const met = new Map<string, { identity: ProjectIdentity; isOpen: boolean; at: number }>();
  let waiting: { readonly work: () => void; readonly size: number }[] = [];
  let chars = 0;

  function later(work: () => void, size: number): void {
    waiting.push({ work, size });
    chars += size;
  }

  const isFull = (): boolean => waiting.length >= batch || chars >= MOST_CHARS;

  /** Writes one batch of what waits. */
  function write(): void {
    const now = waiting.slice(0, batch);
    waiting = waiting.slice(batch);
    for (const { size } of now) chars -= size;
    ports.db
      .transaction(() => {
        tombstones.refresh();
        for (const { work } of now) work();
        for (const { identity, isOpen, at } of met.values()) if (isOpen) project.meet(identity, at);
        redactor.note();
      })
      .immediate();
    met.clear();
  }

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

  function store(state: FileState, exchange: Exchange): void {
    const { identity, isOpen } = meet(exchange);
    if (!isOpen) state.leftOut ??= project.rules();
    const kept = isOpen ? withoutForgotten(exchange, tombstones) : undefined;
    const own = kept && withoutCopies(kept, search.owner);
    if (!own) return;
    const { clean } = redactor;
    const { document, answers } = remember(own, { projectKey: identity.key, clean });
    if (document.body === "" && !document.tools) return;
    const known = search.byId(document.id);
    const stored = search.put(known ? withStored(document, known) : document).state;
    if (stored === "stored") tally.documents += 1;
    for (const { uuid, text } of stored === "unchanged" ? [] : answers) {
      const { sessionId, agentId, startedAt: at } = own;
      const source = { messageUuid: uuid, sessionId, agentId, projectKey: identity.key, at };
      tally.insights += insight.capture(text, source);
    }
    if (!exchange.agentId || !state.last)
      state.last = { exchange, projectKey: identity.key, root: identity.root };
    if (exchange.agentId) return;
    note(own, identity.key, {});
    noteCommands(state, own);
  }

  function note(exchange: Exchange, projectKey: string, facts: Partial<SessionFacts>): void {
    transcript.extend({
      sessionId: exchange.sessionId,
      projectKey,
      ...titleOf(facts, redactor.clean),
      ...(exchange.branch ? { branch: redactor.clean(exchange.branch) } : {}),
      startedAt: exchange.startedAt,
      endedAt: exchange.endedAt,
      contextTokens: exchange.contextTokens,
      compactions: facts.compactions ?? 0,
    });
  }

  function finish(state: FileState, stretch: Stretch): void {
    const { last, file } = state;
    const { pass } = stretch;
    const facts = tombstones.has("conversation", file.sessionId)
      ? { compactions: pass.facts.compactions }
      : pass.facts;
    if (last && (facts.title || facts.compactions > 0)) {
      note(last.exchange, last.projectKey, facts);
    }
    const { succeeded, succeededAfter } = state.commands;
    // Where not all of it was read now, what failed may lie in what was read before.
    if (last && (stretch.seen ? succeeded : succeededAfter)) {
      const { sessionId } = last.exchange;
      const exchanges = search.lastOfSession(sessionId, "exchange", FIX_REACH);
      const { projectKey, root } = last;
      const origin = { projectKey, root: redactor.clean(root), conversation: sessionId };
      error.observe(exchanges.filter(({ agentId }) => !agentId).map(observed), origin);
    }
    const found = { projectKey: last?.projectKey, leftOut: state.leftOut };
    const counted = transcript.finish(file, stretch, found);
    if (!state.isCounted) tally.files += 1;
    state.isCounted = true;
    tally.rows += counted.rows;
    tally.bad_rows += counted.badRows;
    tally.unknown_rows += counted.unknownRows;
  }

  return {
    isFull,
    write,

    flush(): void {
      while (waiting.length > 0) write();
    },

    /** Where the exchanges of `file` go, and then how its stretches ended. */
    open(file: TranscriptFile) {
      const state: FileState = { file, commands: {} };
      return {
        rules: project.rules,
        onExchange(exchange: Exchange): void {
          const size = exchange.passages.reduce((sum, { text }) => sum + text.length, 0);
          later(() => store(state, exchange), size);
        },
        onStretch: (stretch: Stretch): void => later(() => finish(state, stretch), 0),
        onFailure(pass: Exclude<Pass, { kind: "read" }>): void {
          tally.skipped += 1;
          if (pass.kind === "unreadable") {
            ports.log.warn(`a transcript cannot be read: ${pass.reason}`);
          }
        },
      };
    },
  };
}

/** Notes whether a command failed, and whether one went well, after a failure at that. */
function noteCommands({ commands }: FileState, { tools }: Exchange): void {
  for (const { command, failed } of tools) {
    if (command === undefined) continue;
    if (failed === true) commands.failed = true;
    if (failed === false) commands.succeeded = true;
    if (failed === false && commands.failed) commands.succeededAfter = true;
  }
}

/** The title, redacted, with how strong its source is: 0 is the strongest. */
function titleOf({ title, titleSource }: Partial<SessionFacts>, clean: (text: string) => string) {
  if (!title) return {};
  const rank = titleSource ? TITLE_SOURCES.indexOf(titleSource) : TITLE_SOURCES.length;
  return { title: clean(title), titleRank: rank };
}
