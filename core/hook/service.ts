import type { Database } from "bun:sqlite";
import type { ContextService } from "../context/service.ts";
import type { ErrorService } from "../error/service.ts";
import { type Config, type ConfigFault, faultText, hidingFault } from "../kernel/config.ts";
import type { Paths } from "../kernel/paths.ts";
import type { Clock, Processes } from "../kernel/ports.ts";
import type { ProjectIdentity } from "../project/detect.ts";
import type { ProjectService } from "../project/service.ts";
import type { ReminderService } from "../reminder/service.ts";
import type { SearchService } from "../search/service.ts";
import type { Brief } from "../session/brief.ts";
import type { IngestService } from "../session/ingest.ts";
import { injectionStore } from "../session/injections.ts";
import { recording } from "../session/overview.ts";
import type { SessionService } from "../session/service.ts";
import { beforeCompaction } from "./compaction.ts";
import { eventKey, type HookEvent, type HookInput } from "./model.ts";
import { sessionStart } from "./session-start.ts";
import { hookStore } from "./store.ts";
import { toolFailure } from "./tool-use.ts";
import { sessionEnd, turnEnd } from "./turn-end.ts";
import { userPrompt } from "./user-prompt.ts";

/** What the handlers of events work with. */
export interface HookDeps {
  readonly ports: {
    readonly db: Database;
    readonly clock: Clock;
    readonly processes: Processes;
    readonly config: Config;
    readonly paths: Paths;
  };
  readonly project: ProjectService;
  readonly search: SearchService;
  readonly ingest: IngestService;
  readonly session: SessionService;
  readonly error: ErrorService;
  readonly context: ContextService;
  readonly reminder: ReminderService;
}

/** One event in the project it came from. */
export interface Occurrence {
  readonly input: HookInput;
  readonly identity: ProjectIdentity;
  /** Refs of everything that the conversation was told before, or was told at one event. */
  told(event?: HookEvent): ReadonlySet<string>;
}

/** What a hook gives back. */
export interface HookAnswer {
  /** For the model's context. */
  readonly context?: string;
  /** One line for the person. */
  readonly notice?: string;
}

/** What an event calls for: lines for the model, or nothing. */
export type Handler = (
  deps: HookDeps,
  occurrence: Occurrence,
) => Promise<Brief | undefined> | Brief | undefined;

const HANDLERS: Partial<Readonly<Record<HookEvent, Handler>>> = {
  SessionStart: sessionStart,
  UserPromptSubmit: userPrompt,
  PostToolUseFailure: toolFailure,
  PreCompact: beforeCompaction,
  Stop: turnEnd,
  SubagentStop: turnEnd,
  SessionEnd: sessionEnd,
};

export type HookService = ReturnType<typeof hookService>;

/** Answers Claude Code's hooks. */
export function hookService(deps: HookDeps) {
  const { db, clock } = deps.ports;
  const store = hookStore(db);
  const injections = injectionStore(db);
  return {
    /**
     * Does what `input` calls for and keeps the receipt of what it gives back.
     * @returns nothing for a second delivery of the same event too, and for every event of a project
     * that is left alone.
     */
    async handle(input: HookInput): Promise<HookAnswer> {
      const now = clock.now();
      const isFirst = db
        .transaction(() => store.note(input.event, eventKey(input), now))
        .immediate();
      if (!isFirst) return {};
      const identity = deps.project.identify(input.cwd);
      const isStart = input.event === "SessionStart";
      if (deps.project.isLeftAlone(identity)) {
        const fault = hidingFault(deps.ports.config);
        return isStart && fault ? { notice: faultNotice(fault) } : {};
      }
      const told = (event?: HookEvent) => injections.told(input.conversation, event);
      const brief = await HANDLERS[input.event]?.(deps, { input, identity, told });
      const broken = isStart ? brokenLink(deps, identity) : undefined;
      const notice = broken ? { notice: broken } : {};
      if (!brief || brief.text === "") return notice;
      const { conversation, event } = input;
      const to = { conversation, event, projectKey: identity.key, at: now };
      const refs = new Set(brief.items.map(({ ref }) => ref));
      db.transaction(() => {
        injections.keep(brief, to);
        deps.reminder.tell(refs, conversation);
      }).immediate();
      return { context: brief.text, ...notice };
    },
  };
}

/** What the person should know at a start: the first link that does not hold, or nothing. */
function brokenLink({ ports, project }: HookDeps, identity: ProjectIdentity): string | undefined {
  const broken = recording(ports, project, identity).links.find(({ ok }) => !ok);
  if (broken) return `sb does not record: ${broken.name}: ${broken.detail}`;
  const fault = ports.config.faults[0];
  return fault && faultNotice(fault);
}

function faultNotice(fault: ConfigFault): string {
  return `sb: ${faultText(fault)}`;
}
