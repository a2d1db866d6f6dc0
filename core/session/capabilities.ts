import { z } from "zod";
import { defineCapability } from "../capability.ts";
import * as inputs from "../kernel/inputs.ts";
import { presentSnapshot, presentStart } from "./present.ts";
import { recommend } from "./recommend.ts";
import { sessionList, sessionPage } from "./session-list.ts";
import { SessionShape } from "./session-shapes.ts";
import { GitShape, QualityShape, StartShape } from "./shapes.ts";

const folder = { working_directory: z.optional(inputs.workingDirectory) };

export const start = defineCapability({
  effect: "write",
  input: z.object(folder),
  output: StartShape,
  run: async (services, { working_directory }) =>
    presentStart(services, await services.session.start(working_directory)),
});

export const checkpoint = defineCapability({
  effect: "write",
  positional: ["name"],
  input: z.object({
    name: z.string().trim().min(1).max(200).optional().describe("What to call it"),
    ...folder,
    dry_run: z.boolean().default(false).describe("Say what would be done, change nothing"),
  }),
  output: z.object({
    checkpoint_id: z.string().nullable(),
    name: z.string().optional(),
    quality: QualityShape,
    insights_captured: z.number().int(),
    git: GitShape,
    context: z.object({
      tokens: z.number().int().nullable(),
      window: z.number().int(),
      should_compact: z.boolean(),
      reason: z.string(),
    }),
    recommendations: z.array(z.string()),
  }),
  async run({ session }, { name, working_directory, dry_run }) {
    const saved = await session.checkpoint({
      ...(working_directory ? { folder: working_directory } : {}),
      ...(name ? { name } : {}),
      dryRun: dry_run,
    });
    return {
      checkpoint_id: dry_run ? null : saved.id,
      ...(saved.name ? { name: saved.name } : {}),
      quality: { ...saved.quality, unknown: [...saved.quality.unknown] },
      insights_captured: saved.captured,
      git: presentSnapshot(saved.git),
      context: saved.context,
      recommendations: recommend(saved),
    };
  },
});

export const end = defineCapability({
  effect: "write",
  input: z.object(folder),
  output: z.object({
    session_id: z.string(),
    quality: QualityShape,
    handoff_path: z.string().nullable(),
    learned: z.object({
      insights: z.array(z.string()),
      files: z.number().int(),
      commits: z.number().int(),
      open: z.array(z.string()),
    }),
    duration_s: z.number().int(),
  }),
  async run({ session }, { working_directory }) {
    const ended = await session.end(working_directory);
    const { handoff, quality } = ended;
    return {
      session_id: ended.session.id,
      quality: { ...quality, unknown: [...quality.unknown] },
      handoff_path: ended.path,
      learned: {
        insights: handoff.insights,
        files: handoff.files.length,
        commits: handoff.commits.length,
        open: [...handoff.todos, ...handoff.next_steps],
      },
      duration_s: Math.round((Date.parse(handoff.ended_at) - ended.session.startedAt) / 1000),
    };
  },
});

export const sessionWelcome = defineCapability({
  effect: "read",
  input: z.object({}),
  output: z.object({ started: z.boolean(), start: StartShape.optional() }),
  run(services) {
    const found = services.session.welcome();
    return found ? { started: true, start: presentStart(services, found) } : { started: false };
  },
});

const Conversation = z.object({
  conversation: z.string(),
  project: z.string(),
  title: z.string().optional(),
  branch: z.string().optional(),
  started_at: z.string(),
  ended_at: z.string(),
  context_tokens: z.number().int(),
});

/** What every list of this kind is asked with. */
const paging = { cursor: inputs.cursor.optional(), max_tokens: inputs.maxTokens };

export const listSessions = defineCapability({
  effect: "read",
  input: z.object({
    project: inputs.project.optional(),
    limit: inputs.limit(20),
    ...paging,
  }),
  output: z.object({
    total: z.number().int(),
    sessions: z.array(SessionShape),
    conversations: z.array(Conversation),
    cursor: z.string().optional(),
    tokens: z.number().int(),
  }),
  run: (services, { project, limit, cursor, max_tokens: maxTokens }, question) =>
    sessionList(services, {
      ...{ project, limit, cursor, maxTokens },
      origin: { tool: "list_sessions", ...question },
    }),
});

export const getSession = defineCapability({
  effect: "read",
  positional: ["session_id"],
  input: z.object({
    session_id: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("A session's or conversation's id; default: the current session"),
    limit: z.number().int().min(1).max(1000).default(100).describe("Newest moments to show"),
    ...paging,
  }),
  output: z.object({
    session: z.optional(SessionShape),
    conversations: z.array(z.string()),
    moments: z.array(
      z.object({
        at: z.string(),
        kind: z.enum(["prompt", "checkpoint", "failed_command", "insight"]),
        text: z.string(),
        id: z.string().optional(),
      }),
    ),
    total: z.number().int(),
    files: z.array(z.object({ path: z.string(), writes: z.number(), reads: z.number() })),
    files_total: z.number().int(),
    cursor: z.string().optional(),
    tokens: z.number().int(),
    usage: z.object({
      input: z.number(),
      output: z.number(),
      cache_creation: z.number(),
      cache_read: z.number(),
    }),
  }),
  run: (services, { session_id: id, limit, cursor, max_tokens: maxTokens }, question) =>
    sessionPage(services, {
      ...{ id, limit, cursor, maxTokens },
      origin: { tool: "get_session", ...question },
    }),
});
