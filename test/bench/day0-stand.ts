import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Env } from "../../core/kernel/paths.ts";
import type { Services } from "../../core/services.ts";
import { NOW, type World } from "../support/services.ts";
import { PROJECTS } from "./day0-projects.ts";
import {
  ASKED_AT,
  type Day0,
  type Day0Plan,
  folderOf,
  writeDay0,
  writeProjects,
} from "./day0-store.ts";

const SEED = 1;

/** A store of one size, ingested, with the services of each project that asks. */
export interface Stand {
  readonly made: Day0;
  readonly ingestMs: number;
  readonly storeBytes: number;
  readonly from: (project: string) => Services;
}

/** A history that was written and read into a store. */
export interface Told {
  readonly made: Day0;
  readonly ingestMs: number;
}

/** Writes the history, reads it into a store, and removes the transcripts again. */
export function standIn(
  world: World,
  { env = {}, ...size }: Pick<Day0Plan, "sessions" | "exchanges"> & { readonly env?: Env },
): Stand {
  const work = join(world.home, "work");
  writeProjects(work);
  world.pass(ASKED_AT - NOW);
  return standOn(world, { ...tell(world, { work, ...size }), work, env });
}

/** Writes the history of the projects in `work` and reads it into the world's store. */
export function tell(world: World, plan: Pick<Day0Plan, "work" | "sessions" | "exchanges">): Told {
  const made = writeDay0({ claude: world.claude, seed: SEED, ...plan });
  const started = performance.now();
  world.services.ingest.run({ kind: "all" });
  const ingestMs = performance.now() - started;
  rmSync(join(world.claude, "projects"), { recursive: true });
  return { made, ingestMs };
}

/** The services of the projects in `work` over the world's store. */
export function standOn(
  world: World,
  { made, ingestMs, work, env }: Told & { readonly work: string; readonly env: Env },
): Stand {
  const services = new Map<string, Services>();
  const from = (project: string) => {
    const known = services.get(project);
    if (known) return known;
    const opened = world.another({ cwd: folderOf(work, project), env });
    services.set(project, opened);
    return opened;
  };
  for (const { name } of PROJECTS) {
    const { project } = from(name);
    project.relate(project.identify()); // as a session's start does
  }
  const database = join(world.claude, "data/session-buddy.db");
  const storeBytes = statSync(database).size + statSync(`${database}-wal`).size;
  return { made, ingestMs, storeBytes, from };
}
