import type { Clock } from "../kernel/ports.ts";
import type { ProjectService } from "../project/service.ts";
import type { TranscriptService } from "../transcript/service.ts";

/** Days that Claude Code keeps transcripts for where its settings do not say: since version 1.0. */
export const USUAL_DAYS = 30;

const DAY_MS = 86_400_000;

/** Transcripts that are not kept yet, and those of them that the client deletes soon. */
export interface Unkept {
  readonly files: number;
  readonly soon: number;
  /** Those of them that were never read: of the others only the end is not kept. */
  readonly unread: number;
  /** Conversations that those are of. */
  readonly sessions: number;
  /** When the first of them may be deleted, epoch ms. */
  readonly firstAt?: number;
}

/**
 * What the client deletes within `withinDays` that is in no store yet: it removes a transcript
 * `days` after its last change. What is paused or ignored is not to be kept, and does not count.
 */
export function unkept(
  deps: {
    ports: { clock: Clock };
    transcript: TranscriptService;
    project: ProjectService;
  },
  { days, withinDays }: { days: number; withinDays: number },
): Unkept {
  const { transcript, project } = deps;
  const pending = transcript
    .changed(transcript.locate().files)
    .filter((file) => !project.isLeftAlone(project.identify(transcript.cwdOf(file))));
  const until = deps.ports.clock.now() + withinDays * DAY_MS;
  const ends = pending.map((file) => ({
    at: file.modifiedAt + days * DAY_MS,
    sessionId: file.sessionId,
    isUnread: transcript.readAt(file) === undefined,
  }));
  const soon = ends.filter(({ at }) => at < until);
  return {
    files: pending.length,
    soon: soon.length,
    unread: soon.filter(({ isUnread }) => isUnread).length,
    sessions: new Set(soon.map(({ sessionId }) => sessionId)).size,
    ...(soon.length > 0 ? { firstAt: Math.min(...soon.map(({ at }) => at)) } : {}),
  };
}
