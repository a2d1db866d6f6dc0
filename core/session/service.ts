import type { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import type { InsightService } from "../insight/service.ts";
import { type Config, faultError, hidingFault } from "../kernel/config.ts";
import { SbError } from "../kernel/errors.ts";
import type { Env, Paths } from "../kernel/paths.ts";
import type { Clock, IdSource, Logger, Processes } from "../kernel/ports.ts";
import type { ProjectIdentity } from "../project/detect.ts";
import { findRepository, readHead } from "../project/git.ts";
import type { ProjectService } from "../project/service.ts";
import type { ReminderService } from "../reminder/service.ts";
import type { SearchService } from "../search/service.ts";
import type { Redactor } from "../storage/redactions.ts";
import { settings } from "../storage/settings.ts";
import { identifier } from "../transcript/rows.ts";
import type { TranscriptService } from "../transcript/service.ts";
import type { BackfillService } from "./backfill.ts";
import { type Brief, reminderSection } from "./brief.ts";
import { briefing } from "./briefing.ts";
import { conversationOfClient } from "./client.ts";
import { contextOf } from "./context.ts";
import { currentSession, isOwnedBy } from "./current.ts";
import { type Finished, finisher } from "./finish.ts";
import type { IngestService } from "./ingest.ts";
import { previousSession } from "./previous.ts";
import { assessProject, type Quality } from "./quality.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import { type Session, sessionStore } from "./store.ts";

/** How much a start may do before it answers; the rest is done in the background of a server. */
export interface Haste {
  /** How long it reads transcripts. */
  readonly readingMs: number;
  /** Whose cut-off sessions it finishes. */
  readonly recover: "all" | "here";
}

const UNHURRIED: Haste = { readingMs: 300, recover: "all" };

interface Deps {
  readonly ports: {
    db: Database;
    clock: Clock;
    ids: IdSource;
    log: Logger;
    config: Config;
    paths: Paths;
    env: Env;
    processes: Processes;
  };
  readonly project: ProjectService;
  readonly transcript: TranscriptService;
  readonly search: SearchService;
  readonly insight: InsightService;
  readonly ingest: IngestService;
  readonly backfill: BackfillService;
  readonly reminder: ReminderService;
  readonly redactor: Redactor;
}

/** What a start found. */
export interface Started {
  readonly session: Session;
  readonly identity: ProjectIdentity;
  readonly isResumed: boolean;
  readonly previous?: Session;
  readonly brief: Brief;
  readonly insights: number;
  readonly quality: Quality;
  /** Sessions that were cut off and are finished now. */
  readonly recovered: number;
}

export type SessionService = ReturnType<typeof sessionService>;

/** Conducts a session: start, checkpoint, end, and what is left of one that was cut off. */
export function sessionService(deps: Deps) {
  const { ports, project, ingest } = deps;
  const store = sessionStore(ports.db);
  const facts = settings(ports.db);
  const finish = finisher({ ...deps, store });
  const brief = briefing({ ...deps, clock: ports.clock });
  let welcome: Started | undefined;

  const isOwned = (session: Session) => isOwnedBy(ports.processes.owner(), session);
  const current = (identity: ProjectIdentity) => currentSession(ports, identity);

  function isHeld({ owner }: Session): boolean {
    return ports.processes.isAlive(owner);
  }

  const mayMove = (session: Session) => isOwned(session) || !isHeld(session);

  /**
   * @throws SbError `forbidden` for a project that is left alone, `invalid_input` where it cannot be
   * told which are.
   */
  function allowed(identity: ProjectIdentity): ProjectIdentity {
    if (!project.isLeftAlone(identity)) return identity;
    const fault = hidingFault(ports.config);
    if (fault) throw faultError(fault);
    throw new SbError("forbidden", `${identity.name} is paused or ignored`, {
      hint: "run sb unpause, or take the folder out of ignore in session-buddy.json",
    });
  }

  /** @throws SbError `not_found` when no session of the project is open. */
  function need(identity: ProjectIdentity): Session {
    const session = current(identity);
    if (session) return adopt(session);
    throw new SbError("not_found", `no session is open in ${identity.name}`, {
      hint: "run sb start first",
    });
  }

  /** Makes the session of an owner that is gone this owner's own. */
  function adopt(session: Session): Session {
    if (session.state === "active" && isHeld(session)) return session;
    const owner = ports.processes.owner();
    store.hold(session.id, owner);
    return { ...session, state: "active", owner };
  }

  /** The session in the work tree of `identity`, where it goes on. */
  function moved(session: Session, identity: ProjectIdentity): Session {
    const root = deps.redactor.clean(identity.root);
    if (session.root === root) return session;
    store.move(session.id, root);
    const { head: _head, ...rest } = session;
    return { ...rest, root };
  }

  /** Finishes sessions whose owner is dead, from what they left: all of them, or this project's. */
  async function recover(here: ProjectIdentity, which: "all" | "here" = "all"): Promise<number> {
    let count = 0;
    for (const orphan of store.unfinished()) {
      if (isHeld(orphan) || (which === "here" && orphan.projectKey !== here.key)) continue;
      // Where its own work tree is still there, its end is told from that one.
      const session = existsSync(orphan.root) ? orphan : at(here, orphan);
      try {
        readNews(session, "near");
        const state = session.state === "left" ? "ended" : "recovered";
        if (await finish.finish(session, { state })) count += 1;
      } catch (error) {
        ports.log.warn(`a session of ${orphan.root} cannot be finished: ${String(error)}`);
      }
    }
    return count;
  }

  /** A session of the project `here`, with the root as it is: the stored one is redacted. */
  function at(here: ProjectIdentity, session: Session): Session {
    return session.projectKey === here.key ? { ...session, root: here.root } : session;
  }

  /** Reads what is new in a session's own transcripts: all of them, or those that are known. */
  function readNews(session: Session, kind: "project" | "near"): number {
    const identity = project.identify(session.root);
    const { insights } = ingest.run({ kind, identity });
    if (!session.conversation) return insights;
    return (
      insights + ingest.run({ kind: "conversation", sessionId: session.conversation }).insights
    );
  }

  /** The conversation that this owner is in; its environment names the one it began with. */
  const conversationNow = () =>
    conversationOfClient(ports.db, ports.processes.owner()) ??
    identifier(ports.env["CLAUDE_CODE_SESSION_ID"]);

  /** Opens this owner's session, or the one it has: hook and server of one client start together. */
  function open(identity: ProjectIdentity): { session: Session; isResumed: boolean } {
    const repository = findRepository(identity.root);
    const head = repository && readHead(repository);
    return ports.db
      .transaction(() => {
        const known = store
          .unfinished()
          .find((session) => session.projectKey === identity.key && isOwned(session));
        const conversation = conversationNow();
        if (known) {
          if (conversation) store.setConversation(known.id, conversation);
          return { session: moved(adopt(known), identity), isResumed: true };
        }
        const session: Session = {
          id: ports.ids.next(),
          projectKey: identity.key,
          root: deps.redactor.clean(identity.root),
          ...(conversation ? { conversation } : {}),
          ...(head ? { head } : {}),
          owner: ports.processes.owner(),
          state: "active",
          startedAt: ports.clock.now(),
        };
        store.add(session);
        return { session, isResumed: false };
      })
      .immediate();
  }

  /** The project's score beside its last one, which it replaces. */
  function measure(identity: ProjectIdentity): Quality {
    const name = `quality:${identity.key}`;
    const previous = facts.get(name);
    const isGit = identity.vcs === "git";
    const quality = assessProject(identity.root, isGit, previous ? Number(previous) : undefined);
    if (quality.total !== null) facts.put(name, String(quality.total));
    return quality;
  }

  function compose(
    identity: ProjectIdentity,
    previous: Session | undefined,
    told?: ReadonlySet<string>,
  ): Brief {
    const first = [reminderSection(deps.reminder.due(identity))];
    const maxTokens = ports.config.brief.max_tokens;
    return brief.compose(identity, { previous, first, maxTokens, ...(told ? { told } : {}) });
  }

  async function start(folder?: string, haste: Haste = UNHURRIED): Promise<Started> {
    const identity = allowed(project.present(folder));
    project.meet(identity);
    project.relate(identity);
    const recovered = await recover(identity, haste.recover);
    const { session, isResumed } = open(identity);
    ingest.runFor({ kind: "near", identity }, haste.readingMs);
    deps.backfill.request();
    const previous = previousSession(store, identity);
    return {
      session,
      identity,
      isResumed,
      ...(previous ? { previous } : {}),
      brief: compose(identity, previous),
      insights: deps.insight.ofProject(identity.key, 1000).length,
      quality: measure(identity),
      recovered,
    };
  }

  return {
    start,

    /** Starts by itself in a git repository; elsewhere a person starts. */
    async autoStart(): Promise<void> {
      const identity = project.identify();
      if (identity.vcs === "git" && !project.isLeftAlone(identity)) welcome = await start();
      else await recover(identity);
    },

    /** What the automatic start of this process found, if there was one. */
    welcome: (): Started | undefined => welcome,

    /** What a conversation in `folder` is told at its start, without what it was `told`. */
    brief(folder: string, told: ReadonlySet<string>): Brief {
      const identity = project.identify(folder);
      return compose(identity, previousSession(store, identity), told);
    },

    /** Notes that this owner goes in good order; the next start tells the session's end. */
    leave(folder?: string): void {
      const session = current(project.identify(folder));
      if (session && isOwned(session)) store.leave(session.id, ports.clock.now());
    },

    /** Saves the state of the session under `name`. A dry run changes nothing. */
    async checkpoint(options: { folder?: string; name?: string; dryRun: boolean }) {
      const identity = allowed(project.present(options.folder));
      const open = options.dryRun ? current(identity) : need(identity);
      const session = open && at(identity, open);
      const captured = session && !options.dryRun ? readNews(session, "project") : 0;
      const name = options.name ? deps.redactor.clean(options.name) : undefined;
      const git = await snapshot(identity, name, options.dryRun);
      const quality = measure(identity);
      const id = ports.ids.next();
      if (session && !options.dryRun) {
        const at = ports.clock.now();
        const saved = { id, sessionId: session.id, at, git, ...(name ? { name } : {}) };
        store.addCheckpoint(saved, { quality: quality.total });
        deps.redactor.note();
      }
      const context = contextOf(session ? conversationOf(session) : undefined);
      return { id, name, quality, captured, git, context, identity };
    },

    /** Ends the session of a project and writes its hand-off. */
    async end(
      folder?: string,
    ): Promise<Finished & { session: Session; captured: number; quality: Quality }> {
      const identity = allowed(project.existing(folder));
      const session = at(identity, need(identity));
      const captured = readNews(session, "project");
      const finished = await finish.finish(session, { state: "ended", isAsked: true });
      if (!finished) {
        throw new SbError("conflict", "another process has just ended this session", {
          hint: "sb session list shows its hand-off",
        });
      }
      return { ...finished, session, captured, quality: measure(identity) };
    },

    /** Sessions whose owner runs. */
    running: (): Session[] =>
      store.unfinished().filter((session) => session.state === "active" && isHeld(session)),

    isOwn: isOwned,

    /** Whether this owner may take the session along: its own, or one that nobody holds. */
    mayMove,

    /**
     * Takes the open session of the project along to the work tree of `identity`.
     * @returns undefined where there is none that this owner may move.
     */
    follow(identity: ProjectIdentity): Session | undefined {
      const session = current(identity);
      return session && mayMove(session) ? moved(session, identity) : undefined;
    },

    current: (folder?: string): Session | undefined => current(project.identify(folder)),
    get: store.get,
    list: store.list,
    times: store.times,
    checkpoints: store.checkpoints,
    previous: (folder?: string): Session | undefined =>
      previousSession(store, project.identify(folder)),
    conversationsOf: finish.conversationsOf,
    exchangesOf: finish.exchangesOf,
  };

  function conversationOf(session: Session) {
    const newest = finish.conversationsOf(session).at(-1);
    return newest ? deps.transcript.conversation(newest) : undefined;
  }

  async function snapshot(
    identity: ProjectIdentity,
    name: string | undefined,
    dryRun: boolean,
  ): Promise<Snapshot> {
    const { git: mode } = ports.config.checkpoint;
    const message = name ? `sb checkpoint: ${name}` : "sb checkpoint";
    const now = ports.clock.now();
    const options = { mode, message, dryRun, env: ports.env, now };
    return cleaned(await takeSnapshot(identity.root, options));
  }

  /** `git` as it is kept and told: what was left out is named by paths, which may hold anything. */
  function cleaned(git: Snapshot): Snapshot {
    if (!("leftOutPaths" in git) || git.leftOutPaths === undefined) return git;
    const { clean } = deps.redactor;
    const leftOutPaths = git.leftOutPaths.map(({ path, reason }) => ({
      path: clean(path),
      reason: clean(reason),
    }));
    return { ...git, leftOutPaths };
  }
}
