import { z } from "zod";

/** What a conversation is about at one moment: enough to go on without it. */
export const WorkContext = z.object({
  goal: z.string().nullable(),
  /** What was asked last, oldest first. */
  asked: z.array(z.string()),
  decisions: z.array(z.string()),
  files: z.array(z.string()),
  failing: z.array(z.object({ command: z.string(), error: z.string() })),
  worked: z.array(z.string()),
  open_questions: z.array(z.string()),
  next_steps: z.array(z.string()),
  branch: z.string().nullable(),
});
export type WorkContext = z.infer<typeof WorkContext>;

/** Why a context was saved. */
export const SAVE_REASONS = ["compaction", "manual", "interruption"] as const;
export type SaveReason = (typeof SAVE_REASONS)[number];

/** A saved context. */
export interface SavedContext {
  readonly id: string;
  /** Claude Code's session id. */
  readonly conversation: string;
  readonly projectKey: string;
  readonly reason: SaveReason;
  /** Epoch ms. */
  readonly at: number;
  readonly context: WorkContext;
}

/** Whether nothing in it is worth telling. */
export function isEmpty({ goal, asked, files }: WorkContext): boolean {
  return goal === null && asked.length === 0 && files.length === 0;
}
