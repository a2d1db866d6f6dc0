import type { Database } from "bun:sqlite";
import { type Config, loadConfig } from "../core/kernel/config.ts";
import { SbError } from "../core/kernel/errors.ts";
import { uuidSource } from "../core/kernel/ids.ts";
import { type Env, resolvePaths } from "../core/kernel/paths.ts";
import type { Clock, Logger } from "../core/kernel/ports.ts";
import { createServices, type Ports } from "../core/services.ts";
import { openDatabase } from "../core/storage/database.ts";
import { configSources } from "./config-files.ts";
import type { Opened, OpenRequest } from "./io.ts";
import { type ProcessFacts, systemProcesses } from "./processes.ts";

/** What the services get besides the request. */
export interface World {
  readonly log: Logger;
  readonly processes: ProcessFacts;
  readonly version: string;
}

/**
 * The services over the real world. The store and the configuration are read when first asked for,
 * so that a command without them needs neither.
 * @throws SbError `invalid_input` for an `SB_NOW` that is no time.
 */
export function openServices({ purpose, cwd, env, log }: OpenRequest, world: World): Opened {
  const paths = resolvePaths(env);
  let db: Database | undefined;
  let config: Config | undefined;
  const ports: Ports = {
    get db() {
      db ??= openDatabase(paths.database, purpose);
      return db;
    },
    get config() {
      config ??= loadConfig(configSources(env, cwd));
      return config;
    },
    clock: systemClock(env),
    ids: uuidSource(),
    log: log ?? world.log,
    paths,
    env,
    cwd,
    processes: systemProcesses(world.processes, env),
    version: world.version,
  };
  return { services: createServices(ports), close: () => db?.close() };
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
