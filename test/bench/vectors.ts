import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEmbedder } from "../../core/embedding/embedder.ts";
import { locateModel } from "../../core/embedding/model.ts";
import { openDatabase } from "../../core/storage/database.ts";
import { DIMENSIONS } from "../../core/storage/vector-code.ts";
import { exactScan } from "../../core/storage/vector-exact.ts";
import { packStore } from "../../core/storage/vector-pack-store.ts";
import { packedScan } from "../../core/storage/vector-scan.ts";
import type { VectorRequest, VectorSearch } from "../../core/storage/vectors.ts";
import { preparedModels } from "../support/model.ts";
import { putVectors } from "../support/vectors.ts";
import { atLeast, type Figure, type GroupReport, megabytes, milliseconds, told } from "./figure.ts";
import { median, p95 } from "./measure.ts";
import { type Place, ROOT } from "./place.ts";
import { Random } from "./random.ts";

/** Paragraphs that are embedded for real; a larger store holds others beside these. */
const REAL = 10_000;
/** More of them, which are asked for and are in no store. */
const QUERIES = 100;
/** Of these, so many are compared with every vector, which takes long. */
const CHECKED = 30;

/** How far every value of a made-up vector lies beside a real one's: a cosine of about 0.93. */
const NUDGE = 0.02;

/**
 * Finding vectors in stores of `sizes`: how fast, and how many of the ten nearest by floats are among
 * the ten found.
 */
export async function vectors(place: Place, sizes: readonly number[]): Promise<GroupReport> {
  const real = await realVectors();
  const queries = real.slice(0, QUERIES);
  const figures = sizes.flatMap((size) => {
    const path = join(place.folder, `vectors-${size}.db`);
    return measure(path, { all: vectorsOf(size, real.slice(QUERIES)), queries });
  });
  return {
    group: "vectors",
    notes: [
      `paragraphs of the packages' documentation, embedded by the int8 model: ${REAL}; beyond that`,
      `many, the same with every value moved at random (${NUDGE}); ${QUERIES} others as queries`,
      "processor: time of this process for one search, which a busy machine changes less",
    ],
    figures,
  };
}

interface Plan {
  readonly all: readonly Float32Array[];
  readonly queries: readonly Float32Array[];
}

function measure(path: string, { all, queries }: Plan): Figure[] {
  fill(path, all);
  const before = process.memoryUsage.rss();
  const started = performance.now();
  const db = openDatabase(path, "read");
  const index = packedScan(db, "words");
  for (const query of queries.slice(0, 1)) index.search({ query, limit: 10 });
  const first = performance.now() - started;
  const resident = Math.max(0, process.memoryUsage.rss() - before);
  const row = (what: string) => `${all.length.toLocaleString("en")}: ${what}`;
  const figures = [
    told(row("store"), megabytes(statSync(path).size)),
    told(row("opened, and the first search"), milliseconds(first)),
    told(row("resident memory of it"), megabytes(resident)),
    told(row("10 documents"), timed(index, queries, { limit: 10 })),
    told(row("100 documents"), timed(index, queries, { limit: 100 })),
    told(row("10 of one project in 30"), timed(index, queries, { limit: 10, filter: ONE })),
    ...(all.length > 10_000
      ? []
      : [told(row("10 by the exact scan"), timed(exactScan(db, "words"), queries, { limit: 10 }))]),
    atLeast(
      row("recall at 10"),
      { value: recall(index, { all, queries: queries.slice(0, CHECKED) }), bar: 0.99 },
      (value) => value.toFixed(4),
    ),
  ];
  db.close();
  return figures;
}

const ONE = { projectKeys: ["p3"] };

function fill(path: string, all: readonly Float32Array[]): void {
  const db = openDatabase(path);
  for (let from = 0; from < all.length; from += 5_000) {
    putVectors(
      db,
      all.slice(from, from + 5_000).map((vector, index) => {
        const rowid = from + index + 1;
        return { rowid, vector, project: `p${rowid % 30}` };
      }),
    );
  }
  const packs = packStore(db, "words");
  while (packs.packOne());
  db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}

/** `size` vectors: the real ones, then others beside them. */
function vectorsOf(size: number, real: readonly Float32Array[]): Float32Array[] {
  const random = new Random(1);
  return Array.from({ length: size }, (_, index) => {
    const base = real[index % real.length] ?? new Float32Array(DIMENSIONS);
    return index < real.length ? base : beside(base, random);
  });
}

function beside(base: Float32Array, random: Random): Float32Array {
  // Evenly spread over ±√3 has a deviation of 1.
  const moved = base.map((value) => value + (random.next() * 2 - 1) * Math.sqrt(3) * NUDGE);
  const length = Math.hypot(...moved);
  return moved.map((value) => value / length);
}

function timed(
  index: VectorSearch,
  queries: readonly Float32Array[],
  request: Omit<VectorRequest, "query">,
): string {
  const search = (query: Float32Array) => {
    const started = performance.now();
    index.search({ ...request, query });
    return performance.now() - started;
  };
  queries.forEach(search);
  const before = process.cpuUsage();
  const times = queries.map(search);
  const { user, system } = process.cpuUsage(before);
  const processor = (user + system) / 1_000 / queries.length;
  return `${milliseconds(median(times))}, p95 ${milliseconds(p95(times))}, processor ${milliseconds(processor)}`;
}

/** The share of the ten nearest by floats that is among the ten found. */
function recall(index: VectorSearch, { all, queries }: Plan): number {
  let found = 0;
  for (const query of queries) {
    const similarities = Float32Array.from(all, (vector) => dot(query, vector));
    const bound = similarities.toSorted().at(-10) ?? -1;
    for (const { documentRowid } of index.search({ query, limit: 10 })) {
      if ((similarities[documentRowid - 1] ?? -1) >= bound) found += 1;
    }
  }
  return found / (10 * queries.length);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < DIMENSIONS; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** The vectors of real paragraphs; kept between runs, since embedding them takes minutes. */
async function realVectors(): Promise<Float32Array[]> {
  const texts = await paragraphs(REAL + QUERIES);
  const model = locateModel(await preparedModels(), "int8");
  if (!model) throw new Error("the model was not written");
  const name = Bun.hash.xxHash3(`${model.id}\n${texts.join("\n")}`).toString(16);
  const path = join(ROOT, "dist/.cache", `vectors-${name}.f32`);
  if (!existsSync(path)) {
    const embedder = createEmbedder({ model, native: join(ROOT, "dist/.cache/native") });
    const made = await embedder.embed(texts, "document");
    embedder.release();
    writeFileSync(`${path}.new`, Buffer.concat(made.map((v) => Buffer.from(v.slice().buffer))));
    renameSync(`${path}.new`, path);
  }
  const all = new Float32Array(readFileSync(path).buffer);
  return texts.map((_, index) => all.subarray(index * DIMENSIONS, (index + 1) * DIMENSIONS));
}

/** Paragraphs of prose from the packages' documentation, mixed, each once. */
async function paragraphs(count: number): Promise<string[]> {
  const found = new Set<string>();
  const files = [...new Bun.Glob("node_modules/**/*.{md,d.ts}").scanSync(ROOT)].sort();
  for (const file of files) {
    const text = await Bun.file(join(ROOT, file)).text();
    const parts = file.endsWith(".md") ? text.split(/\n\s*\n/) : commentsOf(text);
    for (const part of parts) {
      const words = part.replace(/[\s#*`>|]+/g, " ").trim();
      const letters = words.replace(/[^A-Za-z ]/g, "").length;
      if (words.length >= 60 && words.length <= 400 && letters > words.length * 0.8)
        found.add(words);
    }
  }
  const random = new Random(7);
  const mixed = [...found].map((text) => ({ text, at: random.next() })).sort((a, b) => a.at - b.at);
  if (mixed.length < count) throw new Error(`only ${mixed.length} paragraphs of documentation`);
  return mixed.slice(0, count).map(({ text }) => text);
}

function commentsOf(text: string): string[] {
  return [...text.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, comment = ""]) => comment);
}
