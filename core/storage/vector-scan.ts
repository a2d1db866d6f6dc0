import type { Database } from "bun:sqlite";
import { PAGE_BYTES } from "../kernel/wasm.ts";
import { BIT_BYTES, hammingScan } from "./hamming.ts";
import { signScore } from "./sign-score.ts";
import { DIMENSIONS, isUnit, writeSigns } from "./vector-code.ts";
import { bestHits, type EmbeddingRow } from "./vector-hits.ts";
import { BLOCK_SIZE, type Pack } from "./vector-pack.ts";
import { packStore } from "./vector-pack-store.ts";
import type { VectorFilter, VectorSearch } from "./vectors.ts";

/**
 * Of the vectors whose sign bits differ least from the query's, so many are judged by `signScore`,
 * and of these the best are compared in full. Both numbers rest on real vectors, see the README of
 * the benchmarks: 0.999 of the ten nearest of 100,000 are found.
 */
const JUDGED = { least: 1_000, perDocument: 20 };
const COMPARED = { least: 120, perDocument: 4 };

/** In the memory of the scan: the query, what differs in one block, then the bits of every block. */
const QUERY_AT = 0;
const COUNTS_AT = 64;
const BITS_AT = COUNTS_AT + BLOCK_SIZE * 2;
const BLOCK_BYTES = BLOCK_SIZE * BIT_BYTES;

/** More than any two vectors differ: stands for one that is not there, or that a filter leaves out. */
const NOT_ALLOWED = DIMENSIONS + 1;

/** A block in memory, its facts here, its bits at place `slot`. */
interface Held {
  readonly revision: number;
  readonly slot: number;
  readonly pack: Omit<Pack, "bits">;
}

/**
 * Keeps the sign bits of all vectors of `model` in memory, some 64 bytes a vector, and compares
 * only those in full that differ least from the query. Each search first looks which blocks have
 * changed, by whatever process, and reads those again.
 */
export function packedScan(db: Database, model: string): VectorSearch {
  const store = packStore(db, model);
  const byId = db.query<EmbeddingRow, [string]>(
    `SELECT document_rowid, range_start, range_end, vector FROM embedding
     WHERE id IN (SELECT value FROM json_each(?))`,
  );
  const memory = new WebAssembly.Memory({ initial: 1 });
  const scan = hammingScan(memory);
  /** What the memory holds, until it grows: asking for it takes half a millisecond. */
  let bytes = new Uint8Array(memory.buffer);
  const held = new Map<number, Held>();
  /** The block whose bits lie at each slot. */
  const blockAt: number[] = [];
  const free: number[] = [];

  /** Makes what is held what is stored. */
  function refresh(): void {
    const now = store.revisions();
    for (const [block, { slot }] of held) {
      if (now.has(block)) continue;
      held.delete(block);
      free.push(slot);
    }
    for (const [block, revision] of now) {
      const known = held.get(block);
      if (known?.revision === revision) continue;
      const slot = known?.slot ?? free.pop() ?? held.size;
      const { bits, ...pack } = store.read(block, revision);
      reserve(slot);
      bytes.set(bits, BITS_AT + slot * BLOCK_BYTES);
      held.set(block, { revision, slot, pack });
      blockAt[slot] = block;
    }
  }

  function reserve(slot: number): void {
    const missing = BITS_AT + (slot + 1) * BLOCK_BYTES - bytes.length;
    if (missing <= 0) return;
    memory.grow(Math.ceil(missing / PAGE_BYTES));
    bytes = new Uint8Array(memory.buffer);
  }

  /**
   * The places of at least `wanted` vectors that the filter allows and that differ least, where
   * there are so many. A place counts vectors through all slots: no object for each, of which
   * thousands a search would have to be cleared away.
   */
  function fewestDiffering(query: Float32Array, filter: VectorFilter, wanted: number): Uint32Array {
    writeSigns(query, bytes, QUERY_AT);
    const counts = new Uint16Array(bytes.buffer, COUNTS_AT, BLOCK_SIZE);
    const differing = new Uint16Array(blockAt.length * BLOCK_SIZE).fill(NOT_ALLOWED);
    const howMany = new Uint32Array(NOT_ALLOWED + 1);
    const gated = gate(filter);
    for (const { slot, pack } of held.values()) {
      scan(QUERY_AT, BITS_AT + slot * BLOCK_BYTES, BLOCK_SIZE, COUNTS_AT);
      const allowed = gated?.(pack);
      const { documents } = pack;
      for (let i = 0; i < BLOCK_SIZE; i += 1) {
        if (documents[i] === 0 || allowed?.(i) === false) continue;
        const count = counts[i] as number;
        differing[slot * BLOCK_SIZE + i] = count;
        howMany[count] = (howMany[count] as number) + 1;
      }
    }
    let bound = 0;
    let found = howMany[0] as number;
    while (bound < DIMENSIONS && found < wanted) found += howMany[++bound] as number;
    const places = new Uint32Array(found);
    let next = 0;
    for (let place = 0; place < differing.length; place += 1) {
      if ((differing[place] as number) <= bound) places[next++] = place;
    }
    return places;
  }

  /** The `wanted` best of `places` by what their sign bits say, and what is as good. */
  function bestJudged(query: Float32Array, places: Uint32Array, wanted: number): Uint32Array {
    if (places.length <= wanted) return places;
    const judge = signScore(query);
    const scores = new Float32Array(places.length);
    for (let at = 0; at < places.length; at += 1) {
      scores[at] = judge(bytes, BITS_AT + (places[at] as number) * BIT_BYTES);
    }
    const least = scores.toSorted()[scores.length - wanted] as number;
    return places.filter((_, at) => (scores[at] as number) >= least);
  }

  function idAt(place: number): number {
    const block = blockAt[Math.floor(place / BLOCK_SIZE)] ?? 0;
    return block * BLOCK_SIZE + (place % BLOCK_SIZE);
  }

  return {
    search({ query, limit, filter = {} }) {
      if (!isUnit(query)) return [];
      refresh();
      const count = ({ least, perDocument }: typeof JUDGED) => least + limit * perDocument;
      const places = fewestDiffering(query, filter, count(JUDGED));
      const ids = Array.from(bestJudged(query, places, count(COMPARED)), idAt);
      return bestHits(byId.all(JSON.stringify(ids)), { query, limit });
    },
  };
}

/** Whether a filter allows what stands at a place of a pack; undefined where it allows all. */
function gate(
  filter: VectorFilter,
): ((pack: Held["pack"]) => (place: number) => boolean) | undefined {
  const { projectKeys, hiddenKeys, kinds, since, before, rowids } = filter;
  const documents = rowids && new Set(rowids);
  const from = since ?? 0;
  const to = before ?? Number.POSITIVE_INFINITY;
  const times = from > 0 || to < Number.POSITIVE_INFINITY || undefined;
  const given = [projectKeys, hiddenKeys?.length || undefined, kinds, times, rowids];
  if (given.every((part) => part === undefined)) return undefined;
  return (pack) => {
    const isSeen = pack.names.map(
      (name) => (projectKeys?.includes(name) ?? true) && !hiddenKeys?.includes(name),
    );
    const isKind = pack.names.map((name) => kinds?.includes(name) ?? true);
    return (place) => {
      const at = pack.times[place] ?? 0;
      return (
        isSeen[pack.projects[place] ?? 0] === true &&
        isKind[pack.kinds[place] ?? 0] === true &&
        at >= from &&
        at < to &&
        (documents?.has(pack.documents[place] ?? 0) ?? true)
      );
    };
  };
}
