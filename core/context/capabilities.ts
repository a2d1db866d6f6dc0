import { z } from "zod";
import { defineCapability } from "../capability.ts";
import { SbError } from "../kernel/errors.ts";
import * as inputs from "../kernel/inputs.ts";
import { isoTime } from "../kernel/text.ts";
import { itemPage } from "../search/list-page.ts";
import type { Services } from "../services.ts";
import { contextOf } from "../session/context.ts";
import { interruptionsOf } from "./interruptions.ts";
import { type SavedContext, WorkContext } from "./model.ts";
import { contextBrief } from "./service.ts";
import { usageBy } from "./usage.ts";

/** Sessions looked through for interruptions. */
const MOST_SESSIONS = 500;

const HOUR_MS = 3_600_000;

const conversation = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe("Claude Code's session id; default: the current conversation");

const Saved = z.object({
  id: z.string(),
  conversation: z.string(),
  project: z.string(),
  reason: z.string(),
  at: z.string(),
  context: WorkContext,
});

function shown({ project }: Services, saved: SavedContext): z.infer<typeof Saved> {
  const { id, conversation, projectKey, reason, at, context } = saved;
  const name = project.get(projectKey)?.name ?? projectKey;
  return { id, conversation, project: name, reason, at: isoTime(at), context };
}

/** Reads what is new of a conversation and saves what it is about. */
function save(services: Services, id: string | undefined): SavedContext {
  const { context, ingest, project } = services;
  const found = context.conversationOf(id);
  ingest.run({ kind: "conversation", sessionId: found.sessionId });
  const root = project.get(found.projectKey)?.root ?? services.ports.cwd;
  const place = { root, projectKey: found.projectKey };
  const saved = context.save(found.sessionId, { reason: "manual", ...place });
  if (saved) return saved;
  throw new SbError("not_found", "nothing was said in this conversation yet", {
    hint: "ask something first",
  });
}

export const autoCompact = defineCapability({
  effect: "write",
  input: z.object({ conversation }),
  output: z.object({
    tokens: z.number().int().nullable(),
    window: z.number().int(),
    should_compact: z.boolean(),
    reason: z.string(),
    /** What is given back after /compact; null when nothing was said yet. */
    saved: Saved.nullable(),
    brief: z.string(),
    next: z.string(),
  }),
  run(services, { conversation: id }) {
    const found = services.context.conversationOf(id);
    const saved = save(services, found.sessionId);
    const state = contextOf(services.transcript.conversation(found.sessionId));
    return {
      ...state,
      saved: shown(services, saved),
      brief: contextBrief(saved, services.ports.config.brief.max_tokens).text,
      next: state.should_compact
        ? "Run /compact: only Claude Code can compact; what is saved here is given back after it."
        : "No need to compact yet; what is saved here is given back after a /compact all the same.",
    };
  },
});

export const preserveCurrentContext = defineCapability({
  effect: "write",
  input: z.object({ conversation }),
  output: Saved,
  run: (services, { conversation: id }) => shown(services, save(services, id)),
});

export const restoreSessionContext = defineCapability({
  effect: "read",
  positional: ["session_id"],
  input: z.object({
    session_id: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("Claude Code's session id; default: the newest context of this project"),
    max_tokens: inputs.maxTokens,
  }),
  output: z.object({ saved: Saved, brief: z.string() }),
  run(services, { session_id, max_tokens }) {
    const { context, project } = services;
    const found = session_id
      ? context.ofConversation(session_id)
      : context.ofProject(project.identify().key);
    if (!found || project.hiddenKeys().has(found.projectKey)) {
      throw new SbError("not_found", "no context was saved for this", {
        hint: "sb context save keeps one; /compact does by itself",
      });
    }
    return { saved: shown(services, found), brief: contextBrief(found, max_tokens).text };
  },
});

const hours = z
  .number()
  .int()
  .min(1)
  .max(24 * 366)
  .default(24)
  .describe("How far back, in hours");

export const getInterruptionHistory = defineCapability({
  effect: "read",
  input: z.object({
    hours,
    limit: inputs.limit(20),
    cursor: inputs.cursor.optional(),
    max_tokens: inputs.maxTokens,
  }),
  output: z.object({
    total: z.number().int(),
    interruptions: z.array(
      z.object({
        at: z.string(),
        kind: z.enum(["killed", "compaction", "saved"]),
        project: z.string(),
        detail: z.string(),
        conversation: z.string().nullable(),
      }),
    ),
    cursor: z.string().optional(),
    tokens: z.number().int(),
  }),
  run(services, { hours: back, limit, cursor, max_tokens: maxTokens }, question) {
    const { total, items, more } = itemPage(services.search, {
      ...{ limit, cursor, maxTokens, origin: { tool: "get_interruption_history", ...question } },
      items: interruptions(services, back),
      keyOf: ({ at, kind, conversation: of }) => `${at} ${kind} ${of}`,
      show: ({ projectKey, ...rest }) => ({
        ...rest,
        project: services.project.get(projectKey)?.name ?? projectKey,
      }),
    });
    return { total, interruptions: items, ...more };
  },
});

export const getInterruptionStatistics = defineCapability({
  effect: "read",
  input: z.object({ hours: hours.default(24 * 30) }),
  output: z.object({
    total: z.number().int(),
    by_kind: z.record(z.string(), z.number().int()),
    by_project: z.record(z.string(), z.number().int()),
    sessions: z.number().int(),
    /** Of the sessions in that time, the share that was cut off; null without a session. */
    killed_share: z.number().nullable(),
  }),
  run(services, { hours: back }) {
    const { session, ports, project } = services;
    const found = interruptions(services, back);
    const since = ports.clock.now() - back * HOUR_MS;
    const sessions = session
      .list(MOST_SESSIONS)
      .filter(
        ({ startedAt, projectKey }) => startedAt >= since && !project.hiddenKeys().has(projectKey),
      );
    const killed = found.filter(({ kind }) => kind === "killed").length;
    return {
      total: found.length,
      by_kind: tally(found.map(({ kind }) => kind)),
      by_project: tally(found.map(({ projectKey }) => project.get(projectKey)?.name ?? projectKey)),
      sessions: sessions.length,
      killed_share: sessions.length > 0 ? Math.min(1, killed / sessions.length) : null,
    };
  },
});

function interruptions({ session, context, ports, project }: Services, back: number) {
  const since = ports.clock.now() - back * HOUR_MS;
  const hidden = project.hiddenKeys();
  const sessions = session
    .list(MOST_SESSIONS)
    .filter((one) => (one.endedAt ?? one.startedAt) >= since);
  return interruptionsOf(sessions, context.since(since, MOST_SESSIONS)).filter(
    ({ projectKey }) => !hidden.has(projectKey),
  );
}

function tally(keys: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return Object.fromEntries(counts);
}

const Usage = z.object({
  input: z.number(),
  output: z.number(),
  cache_creation: z.number(),
  cache_read: z.number(),
  messages: z.number().int(),
});

export const getTokenUsageStats = defineCapability({
  effect: "read",
  input: z.object({
    hours: hours.default(24 * 7),
    project: inputs.project.optional(),
  }),
  output: z.object({
    total: Usage,
    by_project: z.record(z.string(), Usage),
    by_day: z.record(z.string(), Usage),
    /** Tokens of memory that were put into conversations unasked in that time. */
    injected: z.number().int(),
  }),
  run(services, { hours: back, project: name }) {
    return usageBy(services, {
      since: services.ports.clock.now() - back * HOUR_MS,
      keys: name && name !== "*" ? services.project.keysOf(name) : undefined,
    });
  },
});
