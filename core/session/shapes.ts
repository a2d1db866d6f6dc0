import { z } from "zod";
import { DueShape, RecordingShape } from "./session-shapes.ts";

/** Shapes that several session capabilities answer with. Keys snake_case, times ISO 8601. */

const time = z.string();

export const QualityShape = z.object({
  total: z.number().nullable(),
  breakdown: z.record(
    z.string(),
    z.object({ points: z.number(), of: z.number(), evidence: z.string() }),
  ),
  unknown: z.array(z.string()),
  previous: z.number().optional(),
  trend: z.enum(["up", "down", "same", "unknown"]),
});

export const GitShape = z.looseObject({
  kind: z.string(),
  left_out: z.number().int().optional(),
  left_out_paths: z.array(z.object({ path: z.string(), reason: z.string() })).optional(),
});

export const PreviousShape = z.object({
  session_id: z.string(),
  ended_at: time,
  recovered: z.boolean(),
  handoff_path: z.string().nullable(),
  goal: z.string().nullable(),
  next_steps: z.array(z.string()),
});

const manager = {
  manager: z.string().nullable(),
  in_sync: z.boolean().nullable(),
  /** A sync of ours has brought it there. */
  synced: z.boolean(),
  reason: z.string().optional(),
  /** What would bring it there. */
  command: z.string().optional(),
  last_sync: z.string().optional(),
};

export const DependenciesShape = z.object({
  ...manager,
  others: z.array(z.object(manager)).optional(),
});

export const StartShape = z.object({
  session_id: z.string(),
  resumed: z.boolean(),
  project: z.string(),
  branch: z.string().optional(),
  brief: z.string(),
  quality: QualityShape,
  previous_session: PreviousShape.optional(),
  /** Insights known of this project. */
  insights: z.number().int(),
  recovered_sessions: z.number().int(),
  due_reminders: z.array(DueShape),
  dependencies: DependenciesShape,
  shortcuts: z.array(z.string()),
  recording: RecordingShape,
});
