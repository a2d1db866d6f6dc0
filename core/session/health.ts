import { statfsSync } from "node:fs";
import { modelState } from "../embedding/state.ts";
import { faultText } from "../kernel/config.ts";
import { countDocuments, countDue } from "../search/count.ts";
import { lostVectors } from "../search/vector-proof.ts";
import type { Services } from "../services.ts";
import { existingAbove, isWritable, quickCheck } from "./overview.ts";

/** Below this much free disk, in bytes, writes may soon fail. */
const LOW_DISK = 256 * 1024 * 1024;

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Looks at what everything rests on. Slower than a status: the whole database is read. */
export function healthChecks(services: Services): Check[] {
  const { ports } = services;
  const integrity = quickCheck(ports);
  const { files, unreadable } = services.transcript.locate();
  return [
    { name: "database", ok: integrity === "ok", detail: integrity },
    {
      name: "data folder",
      ok: isWritable(ports.paths.database),
      detail: ports.paths.data,
    },
    {
      name: "transcripts",
      ok: unreadable === 0,
      detail: `${files.length} files, ${unreadable} folders unreadable`,
    },
    diskCheck(ports.paths.data),
    ...ports.config.faults.map((fault) => ({
      name: "settings",
      ok: false,
      detail: faultText(fault),
    })),
    modelCheck(ports),
    vectorCheck(ports),
  ];
}

/** Documents that wait for their vectors are no fault; those that have lost them wait for nobody. */
function vectorCheck({ db }: Services["ports"]): Check {
  const lost = lostVectors(db).length;
  const documents = countDocuments(db);
  const detail = `${documents - countDue(db) - lost} of ${documents} documents embedded`;
  const more = `${lost} without a sound vector: sb ingest --all --embed`;
  return { name: "vectors", ok: lost === 0, detail: lost === 0 ? detail : `${detail}, ${more}` };
}

/** A model that is not there is no fault: searches go by text. One that cannot be had is. */
function modelCheck(ports: Services["ports"]): Check {
  const model = modelState(ports);
  const isFailed = model.state === "failed";
  return { name: "model", ok: !isFailed, detail: isFailed ? model.why : model.state };
}

function diskCheck(folder: string): Check {
  try {
    const { bavail, bsize } = statfsSync(existingAbove(folder));
    const free = bavail * bsize;
    return {
      name: "disk",
      ok: free > LOW_DISK,
      detail: `${Math.round(free / 1024 / 1024)} MB free`,
    };
  } catch (error) {
    return { name: "disk", ok: false, detail: String(error) };
  }
}
