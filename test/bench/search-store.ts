import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Env } from "../../core/kernel/paths.ts";
import type { Services } from "../../core/services.ts";
import { makeWorld, NOW, type World } from "../support/services.ts";
import { standIn } from "./day0-stand.ts";
import { ASKED_AT, folderOf } from "./day0-store.ts";

/** Longest that code and errors of all documents are looked for, in milliseconds. */
const DERIVED_MS = 600_000;

/** Which project asks. */
const ASKS = "billing-api";

/** What a store took to make. */
interface Made {
  readonly ingestMs: number;
  readonly storeBytes: number;
}

/** A store of day 0 that is asked, to be disposed of. */
export interface Asked extends Made, Disposable {
  readonly world: World;
  readonly services: Services;
}

/**
 * A store of `documents` exchanges, with vectors where `env` has a model. With `keep`, a folder, it
 * is left there and taken from there the next time: the vectors of the largest take an hour.
 */
export async function storeOf(
  documents: number,
  { env, keep }: { readonly env: Env; readonly keep: string | undefined },
): Promise<Asked> {
  const kept = keep && join(keep, `search-${documents}`);
  if (kept) mkdirSync(kept, { recursive: true });
  const note = kept && join(kept, "made.json");
  const world = makeWorld({ env, kept });
  const isMade = note !== undefined && existsSync(note);
  const made = isMade ? (JSON.parse(readFileSync(note, "utf8")) as Made) : make(world, documents);
  if (isMade) world.pass(ASKED_AT - NOW);
  if (env["SB_MODEL"] !== "off") await world.services.semantic.run();
  if (note && !isMade) writeFileSync(note, JSON.stringify(made));
  const services = world.another({ cwd: folderOf(join(world.home, "work"), ASKS), env });
  return { ...made, world, services, [Symbol.dispose]: () => world[Symbol.dispose]() };
}

/** Writes the history, reads it, and does what a server would do in its background. */
function make(world: World, documents: number): Made {
  const { ingestMs, storeBytes } = standIn(world, { exchanges: documents });
  world.services.search.catchUp(DERIVED_MS);
  return { ingestMs, storeBytes };
}
