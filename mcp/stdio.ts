import type { Readable, Writable } from "node:stream";
import type { ConfigFault, Profile } from "../core/kernel/config.ts";
import type { Logger } from "../core/kernel/ports.ts";
import type { Services } from "../core/services.ts";
import { background } from "./background.ts";
import { debugLog } from "./debug-log.ts";
import { dependencySync } from "./dependency-sync.ts";
import { failureText } from "./from-capability.ts";
import { modelFetch } from "./model-fetch.ts";
import { createMcpServer } from "./server.ts";
import { lineTransport } from "./transport.ts";
import { type ParentWatch, watchParent } from "./watch.ts";

/**
 * How long answers under way may take once the end has come, in milliseconds. The whole end must
 * fit in 100 ms: Claude Code sends SIGTERM 0.1 s after SIGINT. After the end of input, as from
 * `printf … | sb mcp`, the time begins anew while answers are still going out.
 */
const GRACE_MS = 80;

/**
 * How long after its pipes have closed a killed parent is still seen, at most, in milliseconds:
 * the kernel closes the files of a process first and gives its children away a moment later.
 */
const DEATH_SHOWS_MS = 60;

/** Pause between looks at the parent in that time. */
const LOOK_EVERY_MS = 5;

/** How long reading that was asked for may go on after the end of input, in milliseconds. */
const READ_ON_MS = 40;

/** How long the last write may wait for another process, in milliseconds: no wait is worth more. */
const LEAVE_WAIT_MS = 10;

/** Services, and how to let go of the store they may have opened. */
export interface Opened {
  readonly services: Services;
  close(): void;
}

export interface StdioOptions {
  /** Opens the services; called at the first need, with the logger they should use. */
  readonly open: (log: Logger) => Promise<Opened>;
  readonly profile: Profile;
  /** What of the configuration cannot be read: the client is told. */
  readonly faults: readonly ConfigFault[];
  /** Where warnings go: standard error. */
  readonly log: Logger;
  /** With `--debug`: the file that takes every log line. */
  readonly logFile?: string | undefined;
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** Registers `handler` for SIGINT, SIGTERM and SIGHUP. */
  readonly signals: (handler: () => void) => void;
  /** The parent's pid as the operating system gives it now. */
  readonly parentPid: () => number;
  /** Ends the process: open pipes and workers would hold it. */
  readonly exit: (code: number) => void;
}

/**
 * Serves MCP over `stdin` and `stdout` until the input ends, a signal comes, the reader goes away
 * or the parent dies: all handled alike, and the exit code is 0. Resolves then.
 */
export async function serveStdio(options: StdioOptions): Promise<void> {
  const ended = Promise.withResolvers<string>();
  options.signals(() => ended.resolve("signal"));
  const log = options.logFile ? debugLog(options.logFile, options.log) : options.log;
  const store = once(() => options.open(log));
  const services = async () => (await store.get()).services;
  const { work, stop } = besideRequests(services, log);
  const server = createMcpServer({
    services,
    profile: options.profile,
    faults: options.faults,
    log,
    ready() {
      work.touch();
      return work.started();
    },
  });
  server.oninitialized = () => work.begin();
  const transport = lineTransport({ stdin: options.stdin, stdout: options.stdout, log });
  transport.onend = (side) => ended.resolve(side);
  const parent = watchParent(options.parentPid, () => ended.resolve("parent died"));
  await server.connect(transport);

  const why = await ended.promise;
  const endedAt = performance.now();
  log.debug(`ending: ${why}`);
  stop();
  parent.stop();
  if (work.hasStarted()) cutReading(store.made(), why === "input" ? READ_ON_MS : 0);
  if (why === "input") await transport.finish(GRACE_MS);
  else if (why !== "output") await transport.finishWithin(GRACE_MS);
  const opened = store.made();
  if (opened && work.hasStarted()) {
    attempt(log, () => letGo(opened));
    if (why === "input" || why === "output") await seeDeath(parent, endedAt);
    if (parent.isAlive()) attempt(log, () => leave(opened));
  }
  if (opened) attempt(log, () => opened.close());
  options.exit(0);
}

/** What runs beside the requests, the first of it at once and the rest after the start. */
function besideRequests(services: () => Promise<Services>, log: Logger) {
  const model = modelFetch({
    ports: async () => (await services()).ports,
    isAllowed: async () => (await services()).permission.isTrusted("model_download"),
    log,
  });
  const sync = dependencySync({ services, log });
  const afterStart = () => {
    model.begin();
    sync.begin();
  };
  const work = background({ services, log, resident: () => process.memoryUsage.rss(), afterStart });
  const stop = () => {
    work.stop();
    model.stop();
    sync.stop();
  };
  return { work, stop };
}

/** Waits until the parent is seen dead, or would have been. 2.6 to 25.6 ms in 16 kills measured. */
async function seeDeath(parent: ParentWatch, endedAt: number): Promise<void> {
  const deadline = endedAt + DEATH_SHOWS_MS;
  while (parent.isAlive() && performance.now() < deadline) await Bun.sleep(LOOK_EVERY_MS);
}

/** Ends reading that a call asked for: its answer, that it was cut off, comes while there is time. */
function cutReading(opened: Opened | undefined, afterMs: number): void {
  setTimeout(() => opened?.services.ingest.stop(), afterMs);
}

/** Gives up the reading of history, so that the next server need not ask whether this one lives. */
function letGo({ services: { ports, backfill } }: Opened): void {
  ports.db.run(`PRAGMA busy_timeout = ${LEAVE_WAIT_MS}`);
  backfill.stop();
}

/** Notes that the session was not cut off. */
function leave({ services: { session } }: Opened): void {
  session.leave();
}

function attempt(log: Logger, action: () => void): void {
  try {
    action();
  } catch (error) {
    log.debug(`at the end: ${failureText(error)}`);
  }
}

/** Makes a value at the first need, for all who ask meanwhile; a failure is not kept. */
function once<T>(make: () => Promise<T>) {
  let making: Promise<T> | undefined;
  let made: T | undefined;
  return {
    get(): Promise<T> {
      making ??= make().then(
        (value) => {
          made = value;
          return value;
        },
        (error: unknown) => {
          making = undefined;
          throw error;
        },
      );
      return making;
    },
    made: () => made,
  };
}
