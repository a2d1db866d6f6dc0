import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Env } from "../../core/kernel/paths.ts";
import { makeWorld, NOW, type World } from "../support/services.ts";
import { FACTS } from "./day0-facts.ts";
import { PROJECTS } from "./day0-projects.ts";
import { type Stand, standIn, standOn, type Told, tell } from "./day0-stand.ts";
import { ASKED_AT, folderOf, writeProjects } from "./day0-store.ts";

/** Of a kept store, what its file does not tell. */
interface Kept extends Omit<Told, "made"> {
  readonly made: Omit<Told["made"], "evidence"> & {
    readonly evidence: readonly (Omit<Told["made"]["evidence"][number], "fact"> & {
      readonly fact: string;
    })[];
  };
}

/** A world with its store, to be disposed of. */
export interface Standing extends Disposable {
  readonly world: World;
  readonly stand: Stand;
}

/**
 * A store of `sessions` sessions, its code and errors drawn, with vectors where there is a model.
 * With `keep`, a folder, it is taken from there if it was made before, and left there for the next
 * time: to make the largest takes minutes, and its vectors hours.
 *
 * @throws Error where that folder was made elsewhere: its projects are known by their paths.
 */
export async function standing(
  sessions: number,
  { env, keep }: { readonly env: Env; readonly keep: string | undefined },
): Promise<Standing> {
  return keep === undefined ? await standingOnce(sessions, env) : await kept(sessions, env, keep);
}

async function standingOnce(sessions: number, env: Env): Promise<Standing> {
  const world = makeWorld({ env });
  const stand = standIn(world, { sessions, env });
  world.services.search.catchUp(Number.POSITIVE_INFINITY);
  if (hasModel(env)) await world.services.semantic.run();
  return { world, stand, [Symbol.dispose]: () => world[Symbol.dispose]() };
}

async function kept(sessions: number, env: Env, keep: string): Promise<Standing> {
  const place = placeOf(keep, sessions);
  const home = realpathSync(mkdtempSync(join(tmpdir(), "sb-day0-")));
  const database = join(home, ".claude/data/session-buddy.db");
  const isMade = existsSync(place.facts);
  if (isMade) {
    mkdirSync(dirname(database), { recursive: true });
    copyFileSync(place.database, database);
  } else writeProjects(place.work);
  const world = makeWorld({ env, kept: home });
  const dispose = () => {
    world[Symbol.dispose]();
    rmSync(home, { recursive: true });
  };
  world.pass(ASKED_AT - NOW);
  if (isMade && !isOf(world, place.work)) {
    dispose();
    throw new Error(`the stores in ${keep} were made in another folder: put them back there`);
  }
  const told = isMade ? read(place.facts) : tell(world, { work: place.work, sessions });
  const written = hasModel(env) ? await world.services.semantic.run() : 0;
  const isDerived = world.services.search.catchUp(0).pending === undefined;
  if (!isDerived) world.services.search.catchUp(Number.POSITIVE_INFINITY);
  if (!isMade || !isDerived || written > 0) {
    world.services.ports.db.run("PRAGMA wal_checkpoint(TRUNCATE)");
    copyFileSync(database, `${place.database}.new`);
    renameSync(`${place.database}.new`, place.database);
    writeFileSync(place.facts, JSON.stringify(keptOf(told)));
  }
  const stand = standOn(world, { ...told, work: place.work, env });
  return { world, stand, [Symbol.dispose]: dispose };
}

function hasModel(env: Env): boolean {
  return env["SB_MODEL"] !== "off";
}

/** Whether the store knows the projects in `work`: else every question would come from a strange one. */
function isOf(world: World, work: string): boolean {
  const [{ name = "" } = {}] = PROJECTS;
  const { db } = world.services.ports;
  return db.query("SELECT 1 FROM project WHERE root = ?").get(folderOf(work, name)) !== null;
}

function placeOf(keep: string, sessions: number) {
  mkdirSync(keep, { recursive: true });
  const folder = realpathSync(keep);
  return {
    work: join(folder, "work"),
    database: join(folder, `${sessions}.db`),
    facts: join(folder, `${sessions}.json`),
  };
}

function keptOf({ made, ingestMs }: Told): Kept {
  const evidence = made.evidence.map((one) => ({ ...one, fact: one.fact.id }));
  return { ingestMs, made: { ...made, evidence } };
}

/** The facts themselves are read from the source: their questions may have changed meanwhile. */
function read(path: string): Told {
  const { made, ingestMs } = JSON.parse(readFileSync(path, "utf8")) as Kept;
  const evidence = made.evidence.map((one) => {
    const fact = FACTS.find(({ id }) => id === one.fact);
    if (!fact) throw new Error(`no fact ${one.fact}: the store in ${path} is of other facts`);
    return { ...one, fact };
  });
  return { ingestMs, made: { ...made, evidence } };
}
