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

export const SessionShape = z.object({
  session_id: z.string(),
  project: z.string(),
  state: z.enum(["active", "left", "ended", "recovered"]),
  started_at: time,
  ended_at: z.optional(time),
  conversation: z.optional(z.string()),
  handoff_path: z.optional(z.string()),
});
