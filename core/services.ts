import type { Database } from "bun:sqlite";
import { upkeepService } from "./archive/upkeep.ts";
import { contextService } from "./context/service.ts";
import { modelState } from "./embedding/state.ts";
import { errorService } from "./error/service.ts";
import { hookService } from "./hook/service.ts";
import { insightService } from "./insight/service.ts";
import type { Config } from "./kernel/config.ts";
import { SbError } from "./kernel/errors.ts";
import type { Env, Paths } from "./kernel/paths.ts";
import type { Clock, Embedder, IdSource, Logger, Processes } from "./kernel/ports.ts";
import { permissionService } from "./permission/service.ts";
import { projectService } from "./project/service.ts";
import { toolchainService } from "./project/toolchain/service.ts";
import { reminderService } from "./reminder/service.ts";
import { findService } from "./search/find.ts";
import { semanticService } from "./search/semantic.ts";
import { searchService } from "./search/service.ts";
import { tombstoneStore } from "./search/tombstones.ts";
import { backfillService } from "./session/backfill.ts";
import { ingestService } from "./session/ingest.ts";
import { sessionService } from "./session/service.ts";
import { redactor } from "./storage/redactions.ts";
import { transcriptService } from "./transcript/service.ts";
import { worktreeService } from "./worktree/service.ts";

/** What the outside world gives: everything that a test may want to choose. */
export interface Ports {
  /** The store; opened at the first use of the property. */
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: Logger;
  readonly paths: Paths;
  readonly config: Config;
  readonly env: Env;
  /** Absolute folder that a call means when it names none; a server's moves with its session. */
  readonly cwd: string;
  readonly processes: Processes;
  /** Undefined while there is no model on the disk, or it is switched off; looked up at each use. */
  readonly embedder: Embedder | undefined;
  readonly version: string;
  /** Whether requests and signals may wait while a call runs: long work is done in small pieces then. */
  readonly serves: boolean;
}

export type Services = ReturnType<typeof createServices>;

/** @throws SbError `corrupt` where there is a model, and its files are not what was put there. */
function refuseDamaged(ports: Ports): void {
  const model = modelState(ports);
  if (model.state === "failed" && model.at === undefined) throw new SbError("corrupt", model.why);
}

/** Wires the services. Each is made when first asked for, so a command pays for its own only. */
export function createServices(ports: Ports) {
  const project = once(() => projectService(ports));
  const transcript = once(() => transcriptService(ports));
  const cleaner = once(() => redactor(ports.db));
  const tombstones = once(() => tombstoneStore(ports.db));
  const search = once(() =>
    searchService({
      ports,
      project: project(),
      likeness: async (text, options) => {
        const near = await semantic().near(text, options);
        if (!near) refuseDamaged(ports);
        return near;
      },
    }),
  );
  const find = once(() => findService({ ports, project: project(), search: search() }));
  const semantic = once(() => semanticService({ ports }));
  const insight = once(() =>
    insightService({
      ports,
      search: search(),
      project: project(),
      redactor: cleaner(),
      tombstones: tombstones(),
    }),
  );
  const error = once(() =>
    errorService({
      ports,
      project: project(),
      search: search(),
      redactor: cleaner(),
      tombstones: tombstones(),
    }),
  );
  const ingest = once(() =>
    ingestService({
      ports,
      project: project(),
      transcript: transcript(),
      search: search(),
      insight: insight(),
      error: error(),
      redactor: cleaner(),
      tombstones: tombstones(),
    }),
  );
  const backfill = once(() =>
    backfillService({ ports, project: project(), ingest: ingest(), search: search() }),
  );
  const upkeep = once(() => upkeepService({ ports, search: search() }));
  const reminder = once(() => reminderService({ ports, project: project(), redactor: cleaner() }));
  const session = once(() =>
    sessionService({
      ports,
      project: project(),
      transcript: transcript(),
      search: search(),
      insight: insight(),
      ingest: ingest(),
      backfill: backfill(),
      reminder: reminder(),
      redactor: cleaner(),
    }),
  );
  const context = once(() =>
    contextService({
      ports,
      project: project(),
      transcript: transcript(),
      search: search(),
    }),
  );
  const worktree = once(() =>
    worktreeService({ ports, project: project(), session: session(), context: context() }),
  );
  const permission = once(() => permissionService(ports));
  const toolchain = once(() =>
    toolchainService({ ports, project: project(), permission: permission() }),
  );
  const hook = once(() =>
    hookService({
      ports,
      project: project(),
      search: search(),
      ingest: ingest(),
      session: session(),
      error: error(),
      context: context(),
      reminder: reminder(),
    }),
  );
  return {
    ports,
    get project() {
      return project();
    },
    get transcript() {
      return transcript();
    },
    get redactor() {
      return cleaner();
    },
    get tombstones() {
      return tombstones();
    },
    get search() {
      return search();
    },
    get find() {
      return find();
    },
    get semantic() {
      return semantic();
    },
    get insight() {
      return insight();
    },
    get error() {
      return error();
    },
    get ingest() {
      return ingest();
    },
    get backfill() {
      return backfill();
    },
    get upkeep() {
      return upkeep();
    },
    get reminder() {
      return reminder();
    },
    get session() {
      return session();
    },
    get context() {
      return context();
    },
    get worktree() {
      return worktree();
    },
    get permission() {
      return permission();
    },
    get toolchain() {
      return toolchain();
    },
    get hook() {
      return hook();
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
