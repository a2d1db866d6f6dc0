import { existsSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { isoTime } from "../kernel/text.ts";
import type { Services } from "../services.ts";
import { recording } from "./overview.ts";
import type { Started } from "./service.ts";
import type { PreviousShape, StartShape } from "./shapes.ts";
import type { Session } from "./store.ts";

/** Lock files, and the manager that writes each. The first one found speaks for the project. */
const MANAGERS: readonly (readonly [file: string, manager: string])[] = [
  ["uv.lock", "uv"],
  ["poetry.lock", "poetry"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["package-lock.json", "npm"],
  ["Cargo.lock", "cargo"],
  ["go.mod", "go"],
  ["requirements.txt", "pip"],
];

/** A start as it is answered. */
export function presentStart(services: Services, started: Started): z.infer<typeof StartShape> {
  const { session, identity, previous } = started;
  const manager = MANAGERS.find(([file]) => existsSync(join(identity.root, file)))?.[1] ?? null;
  return {
    session_id: session.id,
    resumed: started.isResumed,
    project: identity.name,
    ...(identity.branch ? { branch: identity.branch } : {}),
    brief: started.brief.text,
    quality: { ...started.quality, unknown: [...started.quality.unknown] },
    ...(previous ? { previous_session: presentPrevious(previous) } : {}),
    insights: started.insights,
    recovered_sessions: started.recovered,
    due_reminders: [],
    dependencies: { manager, in_sync: null, synced: false },
    shortcuts: [],
    recording: recording(services.ports, services.project, identity),
  };
}

function presentPrevious(session: Session): z.infer<typeof PreviousShape> {
  const { handoff } = session;
  return {
    session_id: session.id,
    ended_at: isoTime(session.endedAt ?? session.startedAt),
    recovered: session.state === "recovered",
    handoff_path: session.handoffPath ?? null,
    goal: handoff?.goal ?? null,
    next_steps: [...(handoff?.next_steps ?? [])],
  };
}
