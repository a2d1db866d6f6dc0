import { existsSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import type { Paths } from "../kernel/paths.ts";
import { isoTime } from "../kernel/text.ts";
import type { ProjectIdentity } from "../project/detect.ts";
import type { Dependencies } from "../project/toolchain/service.ts";
import { reminderRef } from "../reminder/model.ts";
import type { Services } from "../services.ts";
import { recording } from "./overview.ts";
import { presentDue } from "./present-session.ts";
import type { Started } from "./service.ts";
import type { DependenciesShape, GitShape, PreviousShape, StartShape } from "./shapes.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Session } from "./store.ts";

const SHORTCUTS = ["/start", "/checkpoint", "/end"] as const;

/** What became of a checkpoint's git step, as it is answered. */
export function presentSnapshot(git: Snapshot): z.infer<typeof GitShape> {
  if (!("leftOut" in git)) return { ...git };
  const { leftOut, leftOutPaths = [], ...rest } = git;
  const paths = leftOutPaths.map(({ path, reason }) => ({ path, reason }));
  return { ...rest, left_out: leftOut, ...(paths.length > 0 ? { left_out_paths: paths } : {}) };
}

/** A start as it is answered. */
export function presentStart(services: Services, started: Started): z.infer<typeof StartShape> {
  const { session, identity, previous } = started;
  const conversation = session.conversation ?? session.id;
  const due = services.reminder.due(identity, conversation);
  services.reminder.tell(due.map(reminderRef), conversation);
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
    due_reminders: due.map(presentDue),
    dependencies: dependencies(services, identity),
    shortcuts: shortcutsIn(services.ports.paths),
    recording: recording(services.ports, services.project, identity),
  };
}

/** Slash commands of ours that the client has now: `sb setup` puts them there. */
function shortcutsIn({ commands }: Paths): string[] {
  return SHORTCUTS.filter((name) => existsSync(join(commands, `${name.slice(1)}.md`)));
}

/** The first manager in full, the others beside it. Told from files, within milliseconds. */
function dependencies(
  { toolchain }: Services,
  identity: ProjectIdentity,
): z.infer<typeof DependenciesShape> {
  const [first, ...others] = toolchain.look(identity).map(presentDependencies);
  if (!first) return { manager: null, in_sync: null, synced: false };
  return { ...first, ...(others.length > 0 ? { others } : {}) };
}

function presentDependencies({ toolchain, inSync, reason, command, last }: Dependencies) {
  const outcome = last && `${last.command}: ${last.state}`;
  return {
    manager: toolchain.manager,
    in_sync: inSync,
    synced: inSync === true && last?.state === "done",
    reason,
    ...(inSync === true ? {} : { command }),
    ...(outcome ? { last_sync: outcome } : {}),
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
