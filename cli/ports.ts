import type { Database } from "bun:sqlite";
import { localEmbedder } from "../core/embedding/embedder.ts";
import { faultText } from "../core/kernel/config.ts";
import { SbError } from "../core/kernel/errors.ts";
import { uuidSource } from "../core/kernel/ids.ts";
import { type Env, resolvePaths } from "../core/kernel/paths.ts";
import type { Clock, Logger } from "../core/kernel/ports.ts";
import type { Ports } from "../core/services.ts";
import { openDatabase } from "../core/storage/database.ts";
import { configuration } from "./config-files.ts";
import type { Opened, OpenRequest } from "./io.ts";
import { type ProcessFacts, systemProcesses } from "./processes.ts";

/** What the services get besides the request. */
export interface World {
  readonly log: Logger;
  readonly processes: ProcessFacts;
  readonly version: string;
}

/**
 * The ports over the real world. The store is opened when first asked for, and the services' modules
 * are loaded so too: a command without them needs neither.
 * What cannot be read of the configuration is told on standard error.
 * @throws SbError `invalid_input` for an `SB_NOW` that is no time.
 */
export async function openPorts(request: OpenRequest, world: World): Promise<Opened> {
  const { purpose, cwd, env, log, patienceMs, follows } = request;
  const paths = resolvePaths(env);
  const configured = await configuration(env, cwd);
  // Who has a log of its own tells it in its own way: a server, a hook.
  if (!log) for (const fault of configured().faults) world.log.warn(faultText(fault));
  let db: Database | undefined;
  const embedding = localEmbedder(env, paths);
  const ports: Ports = {
    get db() {
      db ??= openDatabase(paths.database, purpose, patienceMs);
      return db;
    },
    get config() {
      return configured();
    },
    get embedder() {
      return embedding.current();
    },
    clock: systemClock(env),
    ids: uuidSource(),
    log: log ?? world.log,
    paths,
    env,
    get cwd() {
      return place();
    },
    processes: systemProcesses(world.processes, env),
    version: world.version,
    serves: follows === true,
  };
  const place = follows
    ? (await import("../core/session/place.ts")).sessionPlace(cwd, ports)
    : () => cwd;
  return {
    ports,
    async services() {
      const { createServices } = await import("../core/services.ts");
      return createServices(ports);
    },
    close() {
      embedding.release();
      db?.close();
    },
  };
}

/** The system's time; with `SB_NOW` (ISO 8601) a time that starts there and runs. */
function systemClock(env: Env): Clock {
  const start = env["SB_NOW"];
  if (!start) return { now: () => Date.now() };
  const ahead = Date.parse(start) - Date.now();
  if (Number.isNaN(ahead)) {
    throw new SbError("invalid_input", `SB_NOW is no time: "${start}"`, {
      hint: "an ISO 8601 time, such as 2026-01-02T03:04:05Z",
    });
  }
  return { now: () => Date.now() + ahead };
}
