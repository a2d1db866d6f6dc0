import * as z from "zod/mini";

/** Shapes that `status` answers with, too. Keys snake_case, times ISO 8601. */

const time = z.string();

export const RecordingShape = z.object({
  ok: z.boolean(),
  last_recorded_at: z.nullable(time),
  links: z.array(
    z.object({ name: z.string(), ok: z.boolean(), last_at: z.nullable(time), detail: z.string() }),
  ),
});

/** A reminder that is due: `due_at` is the time that was meant. */
export const DueShape = z.object({
  reminder_id: z.string(),
  title: z.string(),
  description: z.optional(z.string()),
  due_at: time,
  recurrence: z.nullable(z.string()),
});

export const SessionShape = z.object({
  session_id: z.string(),
  project: z.string(),
  state: z.enum(["active", "left", "ended", "recovered"]),
  started_at: time,
  ended_at: z.optional(time),
  conversation: z.optional(z.string()),
  handoff_path: z.optional(z.string()),
});

const ModelSourceShape = z.enum(["huggingface", "npm"]);

export const StatusShape = z.object({
  session: z.nullable(SessionShape),
  project: z.object({ name: z.string(), root: z.string(), branch: z.optional(z.string()) }),
  memory: z.object({
    documents: z.int(),
    insights: z.int(),
    embedded: z.int(),
    /** Credentials and private blocks that were kept from the store, by rule. */
    redacted: z.record(z.string(), z.int()),
  }),
  /** Tokens that hooks put into conversations unasked: since midnight, and into this session's. */
  injected: z.object({ today: z.int(), session: z.int() }),
  recording: RecordingShape,
  /** The last of each package manager here, as `sync_dependencies` or a start ran it. */
  dependency_syncs: z.array(
    z.object({
      command: z.string(),
      state: z.enum(["running", "done", "failed", "timed out", "stopped"]),
      at: time,
    }),
  ),
  due_reminders: z.array(DueShape),
  history: z.object({
    state: z.enum(["never", "pending", "running", "done"]),
    files_done: z.int(),
    files_total: z.int(),
    at: z.optional(z.string()),
  }),
  model: z.discriminatedUnion("state", [
    z.object({ state: z.literal("off") }),
    z.object({ state: z.literal("absent") }),
    z.object({
      state: z.literal("fetching"),
      /** The process that fetches it. */
      pid: z.int(),
      source: ModelSourceShape,
      bytes: z.int(),
      total: z.int(),
    }),
    z.object({
      state: z.literal("ready"),
      precision: z.enum(["int8", "fp32"]),
      source: ModelSourceShape,
      bytes: z.int(),
    }),
    z.object({
      state: z.literal("failed"),
      why: z.string(),
      hint: z.optional(z.string()),
      at: z.optional(z.string()),
      retry_at: z.optional(z.string()),
    }),
  ]),
  storage: z.object({ bytes: z.int(), path: z.string(), integrity: z.string() }),
});
