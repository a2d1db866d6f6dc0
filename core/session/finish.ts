import type { Database } from "bun:sqlite";
import type { InsightService } from "../insight/service.ts";
import type { Env } from "../kernel/paths.ts";
import type { Clock, Logger } from "../kernel/ports.ts";
import { redact } from "../kernel/redact.ts";
import { collapse, isoTime, truncate } from "../kernel/text.ts";
import type { ProjectService } from "../project/service.ts";
import type { StoredDocument } from "../search/model.ts";
import type { SearchService } from "../search/service.ts";
import type { TranscriptService } from "../transcript/service.ts";
import { endOf, tell } from "./gather.ts";
import { type Handoff, handoffSections, isIdle } from "./handoff.ts";
import { writeHandoff } from "./handoff-file.ts";
import { gitFacts } from "./snapshot.ts";
import type { Session, sessionStore } from "./store.ts";

/** Insights named in a hand-off. */
const MOST_INSIGHTS = 10;

/** What an ended session left; no path where the project's folder cannot be written. */
export interface Finished {
  readonly handoff: Handoff;
  readonly path: string | null;
}

interface Deps {
  readonly ports: { db: Database; clock: Clock; log: Logger; env: Env };
  readonly project: ProjectService;
  readonly transcript: TranscriptService;
  readonly search: SearchService;
  readonly insight: InsightService;
  readonly store: ReturnType<typeof sessionStore>;
}

/** Puts together what a session leaves, and writes it where the next one looks. */
export function finisher(deps: Deps) {
  const { ports, store } = deps;

  /**
   * The conversations a session spanned: the one it knew at its start, and those of its project
   * that went on since, without what another unfinished session claims.
   */
  function conversationsOf(session: Session): string[] {
    const until = session.endedAt ?? Number.POSITIVE_INFINITY;
    const claimed = new Set(
      store
        .unfinished()
        .filter(({ id }) => id !== session.id)
        .flatMap(({ conversation }) => conversation ?? []),
    );
    const during = deps.transcript
      .conversations(50, session.projectKey)
      .filter(({ endedAt, startedAt }) => endedAt >= session.startedAt && startedAt <= until)
      .map(({ sessionId }) => sessionId)
      .filter((id) => !claimed.has(id));
    const own = session.conversation;
    return own && !during.includes(own) ? [own, ...during.toReversed()] : during.toReversed();
  }

  function exchangesOf(session: Session, conversations: readonly string[]): StoredDocument[] {
    return conversations
      .flatMap((id) => deps.search.ofSession(id, "exchange"))
      .filter((document) => !document.agentId && endOf(document) >= session.startedAt)
      .sort((a, b) => a.at - b.at || a.rowid - b.rowid);
  }

  /** When a session ended: now or as its server noted, else the last that was heard of it. */
  function endOfSession(session: Session, heard: readonly StoredDocument[] | undefined): number {
    if (!heard) return session.endedAt ?? ports.clock.now();
    const saved = store.checkpoints(session.id).map(({ at }) => at);
    return Math.max(session.startedAt, ...heard.map(endOf), ...saved);
  }

  async function gather(session: Session, recovered: boolean): Promise<Handoff> {
    const conversations = conversationsOf(session);
    const exchanges = exchangesOf(session, conversations);
    const endedAt = endOfSession(session, recovered ? exchanges : undefined);
    const range = { since: session.startedAt, until: endedAt, base: session.head };
    const git = await gitFacts(session.root, range, ports.env);
    const insights = conversations.flatMap((id) => deps.insight.ofSession(id));
    const handoff: Handoff = {
      schema: 1,
      project: deps.project.get(session.projectKey)?.name ?? session.projectKey,
      session_id: session.id,
      conversations,
      transcripts: conversations.flatMap((id) =>
        deps.transcript
          .locateSession(id)
          .files.flatMap((f) => (f.agentId ? [] : [deps.transcript.shownPath(f)])),
      ),
      started_at: isoTime(session.startedAt),
      ended_at: isoTime(endedAt),
      recovered,
      branch: git.branch ?? null,
      ...tell(exchanges, session.root),
      commits: git.commits.map(({ hash, subject }) => ({ hash, subject })),
      uncommitted: git.changed.slice(0, 30).map(({ path }) => path),
      insights: insights
        .filter(({ capturedAt }) => capturedAt >= session.startedAt)
        .slice(-MOST_INSIGHTS)
        .map(({ content }) => truncate(collapse(content), 300)),
      checkpoints: store
        .checkpoints(session.id)
        .map(({ name, at }) => ({ name: name ?? null, at: isoTime(at) })),
    };
    return redactAll(handoff);
  }

  /** Writes the hand-off beside the project; null where that cannot be. */
  function write(session: Session, handoff: Handoff): string | null {
    try {
      return writeHandoff(session.root, handoff);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      ports.log.warn(`the hand-off is kept in the store only: ${why}`);
      return null;
    }
  }

  function keep(session: Session, handoff: Handoff): void {
    store.setHandoff(session.id, handoff, null);
    deps.search.put({
      id: `handoff-${session.id}`,
      kind: "handoff",
      projectKey: session.projectKey,
      sessionId: session.conversation ?? handoff.conversations.at(-1),
      branch: handoff.branch ?? undefined,
      at: Date.parse(handoff.ended_at),
      title: `Hand-off: ${handoff.project}`,
      body: handoffSections(handoff),
      detail: { session_id: session.id },
    });
  }

  return {
    conversationsOf,
    exchangesOf,

    /**
     * Ends `session`. Of several processes that try at once, one does; the others get undefined.
     * The hand-off of an idle one is kept only where somebody asked for the end.
     */
    async finish(
      session: Session,
      { state, isAsked = false }: { state: "ended" | "recovered"; isAsked?: boolean },
    ): Promise<Finished | undefined> {
      const handoff = await gather(session, state === "recovered");
      const isWorthKeeping = isAsked || !isIdle(handoff);
      const isOurs = ports.db
        .transaction(() => {
          if (!store.finish(session.id, state, Date.parse(handoff.ended_at))) return false;
          if (isWorthKeeping) keep(session, handoff);
          return true;
        })
        .immediate();
      if (!isOurs) return undefined;
      const path = isWorthKeeping ? write(session, handoff) : null;
      if (path) store.setHandoff(session.id, handoff, redact(path).text);
      return { handoff, path };
    },
  };
}

/** Redacts every text: git's subjects and paths did not come through the store. */
function redactAll(handoff: Handoff): Handoff {
  const clean = (value: unknown): unknown => {
    if (typeof value === "string") return redact(value).text;
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clean(item)]));
  };
  return clean(handoff) as Handoff;
}
