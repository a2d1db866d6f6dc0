import type { Database } from "bun:sqlite";
import { SbError } from "../kernel/errors.ts";
import type { Clock, IdSource } from "../kernel/ports.ts";
import { truncate } from "../kernel/text.ts";
import type { ProjectIdentity } from "../project/detect.ts";
import type { ProjectService } from "../project/service.ts";
import type { Redactor } from "../storage/redactions.ts";
import { type DueReminder, type Reminder, reminderOf } from "./model.ts";
import { readWhen } from "./read-when.ts";
import { formatRule, latestUntil, nextAfter, parseRule } from "./recurrence.ts";
import { dueReminders, reminderStore } from "./store.ts";

interface Deps {
  readonly ports: { db: Database; clock: Clock; ids: IdSource };
  readonly project: ProjectService;
  readonly redactor: Redactor;
}

export type ReminderService = ReturnType<typeof reminderService>;

/**
 * Keeps reminders and says which are due. One that does not come again is done once a conversation
 * was told of it; one that does is due again at its next time, however many went by unheard.
 */
export function reminderService({ ports, project, redactor }: Deps) {
  const store = reminderStore(ports.db);

  function isHidden({ projectKey }: Reminder): boolean {
    return projectKey !== null && project.hiddenKeys().has(projectKey);
  }

  /** @throws SbError `not_found`. */
  function need(id: string): Reminder {
    const reminder = store.get(id);
    if (reminder && !isHidden(reminder)) return reminder;
    throw new SbError("not_found", `no reminder has the id "${truncate(id, 60)}"`, {
      hint: "sb reminder list shows the ids",
    });
  }

  return {
    /**
     * Keeps a reminder for the time that `when` says.
     * @throws SbError `invalid_input` for a time that is not understood or past.
     */
    create(asked: {
      title: string;
      when: string;
      description: string;
      project?: string;
    }): Reminder {
      const now = ports.clock.now();
      const { at, rule } = readWhen(asked.when, now);
      const { clean } = redactor;
      return ports.db
        .transaction(() => {
          const reminder: Reminder = {
            id: ports.ids.next(),
            projectKey: asked.project === undefined ? null : project.keyForWriting(asked.project),
            title: clean(asked.title),
            description: clean(asked.description),
            said: clean(asked.when),
            anchor: at,
            rule: rule ? formatRule(rule) : null,
            dueAt: at,
            state: "open",
            createdAt: now,
          };
          store.add(reminder);
          redactor.note();
          return reminder;
        })
        .immediate();
    },

    /** Open reminders, the next one first; done and cancelled ones too where they are asked for. */
    list({ project: name, isWhole }: { project?: string; isWhole: boolean }): Reminder[] {
      const keys = name === undefined || name === "*" ? undefined : project.keysOf(name);
      const hidden = project.hiddenKeys();
      return store
        .list(keys, isWhole)
        .filter(({ projectKey }) => projectKey === null || !hidden.has(projectKey));
    },

    /** Takes a reminder back for good. @returns what it was. @throws SbError `not_found`. */
    cancel(id: string): Reminder {
      return ports.db
        .transaction(() => {
          const reminder = need(id);
          store.setState(id, "cancelled");
          return reminder;
        })
        .immediate();
    },

    /** What is due here, and what was told in `conversation` of late. */
    due(identity: Pick<ProjectIdentity, "key">, conversation?: string): DueReminder[] {
      const now = ports.clock.now();
      const named = conversation === undefined ? {} : { conversation };
      return dueReminders(ports.db, { now, projectKey: identity.key, ...named }).map((reminder) =>
        latest(reminder, now),
      );
    },

    /** Notes that `conversation` was told what `refs` name; of other things there may be refs too. */
    tell(refs: Iterable<string>, conversation: string): void {
      const now = ports.clock.now();
      for (const ref of refs) {
        const named = reminderOf(ref);
        const reminder = named && store.get(named.id);
        if (!named || !reminder || reminder.dueAt > now) continue;
        const rule = reminder.rule === null ? undefined : parseRule(reminder.rule);
        const next = rule ? nextAfter(rule, reminder.anchor, now) : null;
        store.told(named.id, { conversation, since: named.since, at: now, next });
      }
    },
  };
}

/** Of one that comes again, its latest time: those that went by unheard are not told one by one. */
function latest(reminder: DueReminder, now: number): DueReminder {
  const rule = reminder.rule === null ? undefined : parseRule(reminder.rule);
  if (!rule || reminder.dueAt > now) return reminder;
  return { ...reminder, since: latestUntil(rule, reminder.anchor, now) };
}
