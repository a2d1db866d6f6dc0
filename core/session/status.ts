import type { z } from "zod";
import { modelState } from "../embedding/state.ts";
import { countInsights } from "../insight/count.ts";
import { isoTime } from "../kernel/text.ts";
import type { ProjectIdentity } from "../project/detect.ts";
import { type ProjectFinder, projectFinder } from "../project/finder.ts";
import { syncStore } from "../project/toolchain/store.ts";
import { dueReminders } from "../reminder/store.ts";
import { countDocuments, countEmbedded } from "../search/count.ts";
import type { Ports } from "../services.ts";
import { lastMidnight } from "../storage/local-day.ts";
import { redactionCounts } from "../storage/redaction-counts.ts";
import { backfillState } from "./backfill.ts";
import { currentSession } from "./current.ts";
import { injectedTokens } from "./injections.ts";
import { recording, storage } from "./overview.ts";
import { presentDue, presentSession } from "./present-session.ts";
import type { StatusShape } from "./session-shapes.ts";
import type { Session } from "./store.ts";

export type Status = z.infer<typeof StatusShape>;

/**
 * What `status` answers. Status lines and scripts ask often, so nothing that is loaded from here
 * holds a schema.
 * @throws SbError `not_found` for a folder that is not there and was never met.
 */
export function statusOf(ports: Ports, folder?: string): Status {
  const project = projectFinder(ports);
  const identity = project.existing(folder);
  const current = currentSession(ports, identity);
  const documents = countDocuments(ports.db);
  return {
    session: current ? presentSession(project, current) : null,
    project: {
      name: identity.name,
      root: identity.root,
      ...(identity.branch ? { branch: identity.branch } : {}),
    },
    memory: {
      documents,
      insights: countInsights(ports.db),
      embedded: countEmbedded(ports.db, documents),
      redacted: { ...redactionCounts(ports.db) },
    },
    injected: injectedTokens(ports.db, {
      since: lastMidnight(ports.db, ports.clock.now()),
      conversation: current?.conversation,
    }),
    recording: recording(ports, project, identity),
    dependency_syncs: syncStore(ports)
      .all(identity.root)
      .map(({ command, state, at }) => ({ command, state, at: isoTime(at) })),
    due_reminders: dueHere(ports, project, { identity, session: current }),
    history: backfillState(ports),
    model: modelState(ports),
    storage: storage(ports),
  };
}

function dueHere(
  ports: Ports,
  project: ProjectFinder,
  { identity, session }: { identity: ProjectIdentity; session: Session | undefined },
): Status["due_reminders"] {
  if (project.isLeftAlone(identity)) return [];
  const conversation = session && (session.conversation ?? session.id);
  const now = ports.clock.now();
  const here = { now, projectKey: identity.key, ...(conversation ? { conversation } : {}) };
  return dueReminders(ports.db, here).map(presentDue);
}
