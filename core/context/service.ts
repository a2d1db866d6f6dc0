import type { Database } from "bun:sqlite";
import { SbError } from "../kernel/errors.ts";
import type { Clock, IdSource, Processes } from "../kernel/ports.ts";
import { truncate } from "../kernel/text.ts";
import type { ProjectService } from "../project/service.ts";
import type { SearchService } from "../search/service.ts";
import { type Brief, type BriefItem, composeBrief } from "../session/brief.ts";
import { conversationOfClient } from "../session/client.ts";
import { type ToldExchange, tell } from "../session/gather.ts";
import type { TranscriptService } from "../transcript/service.ts";
import type { Conversation } from "../transcript/store.ts";
import { decisionsIn, questionsIn } from "./decisions.ts";
import { isEmpty, type SavedContext, type SaveReason, type WorkContext } from "./model.ts";
import { contextStore } from "./store.ts";

/** Exchanges that a context is drawn from: those before them were compacted long ago. */
export const CONTEXT_REACH = 60;

/** Lines of each kind. */
const MOST = { asked: 6, decisions: 8, files: 12, questions: 3 } as const;

/** Why and where a context is saved, and the conversation's end as far as it is not stored. */
export interface SaveRequest {
  readonly reason: SaveReason;
  readonly root: string;
  readonly projectKey: string;
  readonly unread?: readonly ToldExchange[];
}

export type ContextService = ReturnType<typeof contextService>;

/** Saves what a conversation is about, and gives it back. */
export function contextService(deps: {
  ports: { db: Database; clock: Clock; ids: IdSource; processes: Processes };
  project: ProjectService;
  transcript: TranscriptService;
  search: SearchService;
}) {
  const { ports, project, transcript, search } = deps;
  const store = contextStore(ports.db);

  /** What `conversation` is about, from what was read of it and what was not stored yet. */
  function draw(conversation: string, root: string, unread: readonly ToldExchange[]): WorkContext {
    const stored: ToldExchange[] = search.lastOfSession(conversation, "exchange", CONTEXT_REACH);
    const each = new Map([...stored, ...unread].map((exchange) => [exchange.id, exchange]));
    const exchanges = [...each.values()].filter(({ agentId }) => !agentId).slice(-CONTEXT_REACH);
    const told = tell(exchanges, root);
    const said = exchanges.flatMap((document) => textsOf(document));
    const last = exchanges.at(-1);
    return {
      goal: told.goal,
      asked: told.done.slice(-MOST.asked),
      decisions: decisionsIn(said, MOST.decisions),
      files: told.files
        .filter(({ writes }) => writes > 0)
        .slice(0, MOST.files)
        .map(({ path }) => path),
      failing: told.failing,
      worked: told.worked,
      open_questions: last
        ? questionsIn(textsOf(last, "assistant").at(-1) ?? "", MOST.questions)
        : [],
      next_steps: [...told.todos, ...told.next_steps],
      branch: last?.branch ?? null,
    };
  }

  /** The conversation meant by `id`, else the one this client is in, else the project's newest. */
  function conversationOf(id: string | undefined): Conversation {
    const current = conversationOfClient(ports.db, ports.processes.owner());
    const { key } = project.identify();
    const found =
      transcript.conversation(id ?? current ?? "") ??
      (id === undefined ? transcript.conversations(1, key)[0] : undefined);
    if (found && !project.hiddenKeys().has(found.projectKey)) return found;
    const what = id
      ? `no conversation has the id "${truncate(id, 60)}"`
      : "no conversation was read";
    throw new SbError("not_found", `${what} here`, { hint: "sb session list shows them" });
  }

  return {
    conversationOf,

    /**
     * Saves what a conversation is about.
     * @returns undefined when there is nothing to save.
     */
    save(
      conversation: string,
      { reason, root, projectKey, unread = [] }: SaveRequest,
    ): SavedContext | undefined {
      const context = draw(conversation, root, unread);
      if (isEmpty(context)) return undefined;
      const at = ports.clock.now();
      const saved = { id: ports.ids.next(), conversation, projectKey, reason, at, context };
      ports.db.transaction(() => store.add(saved)).immediate();
      return saved;
    },

    /** `saved` with what was read of its conversation since: the last rows are written late. */
    renew(saved: SavedContext, root: string, unread: readonly ToldExchange[]): SavedContext {
      const context = draw(saved.conversation, root, unread);
      ports.db.transaction(() => store.replace(saved.id, context)).immediate();
      return { ...saved, context };
    },

    get: store.get,
    ofConversation: store.ofConversation,
    ofProject: store.ofProject,
    since: store.since,
  };
}

/** A saved context as it is given back after a compaction. */
export function contextBrief(saved: SavedContext, maxTokens: number): Brief {
  const { context } = saved;
  const item = (text: string): BriefItem => ({
    ref: `context:${saved.id}`,
    kind: "context",
    text,
    reason: "the work as it stood before the conversation was compacted",
  });
  const lines = [
    ...(context.goal ? [`goal: ${context.goal}`] : []),
    ...context.failing.map(({ command, error }) => `failing: ${command} → ${error}`),
    ...context.open_questions.map((question) => `open question: ${question}`),
    ...context.decisions.map((decision) => `decided: ${decision}`),
    ...context.next_steps.slice(0, 5).map((step) => `next: ${step}`),
    ...(context.files.length > 0 ? [`changed: ${context.files.join(", ")}`] : []),
    ...context.asked
      .filter((line) => !context.goal?.startsWith(line))
      .slice(-3)
      .map((asked) => `asked: ${asked}`),
    ...context.worked.slice(-5).map((command) => `worked: ${command}`),
  ];
  return composeBrief([{ title: "Before the compaction", items: lines.map(item) }], maxTokens);
}

function textsOf(document: ToldExchange, role?: "assistant"): string[] {
  return document.passages
    .filter(([, by]) => role === undefined || by === role)
    .map(([, , start, end]) => document.body.slice(start, end));
}
