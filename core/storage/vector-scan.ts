import type { Database } from "bun:sqlite";
import { BIT_BYTES, hammingScan } from "./hamming.ts";
import { signScore } from "./sign-score.ts";
import { DIMENSIONS, isUnit, writeSigns } from "./vector-code.ts";
import { bestHits, type EmbeddingRow } from "./vector-hits.ts";
import { BLOCK_SIZE, type Pack } from "./vector-pack.ts";
import { packStore } from "./vector-pack-store.ts";
import type { VectorFilter, VectorIndex } from "./vectors.ts";

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
const PAGE_BYTES = 65_536;

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
export function packedScan(db: Database, model: string): VectorIndex {
  const store = packStore(db, model);
  const byId = db.query<EmbeddingRow, [string]>(
    `SELECT document_rowid, range_start, range_end, vector FROM embedding
     WHERE id IN (SELECT value FROM json_each(?))`,
  );
  const memory = new WebAssembly.Memory({ initial: 1 });
  const scan = hammingScan(memory);
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
      new Uint8Array(memory.buffer).set(bits, BITS_AT + slot * BLOCK_BYTES);
      held.set(block, { revision, slot, pack });
      blockAt[slot] = block;
    }
  }

  function reserve(slot: number): void {
    const missing = BITS_AT + (slot + 1) * BLOCK_BYTES - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  /**
   * The places of at least `wanted` vectors that the filter allows and that differ least, where
   * there are so many. A place counts vectors through all slots: no object for each, of which
   * thousands a search would have to be cleared away.
   */
  function fewestDiffering(query: Float32Array, filter: VectorFilter, wanted: number): number[] {
    writeSigns(query, new Uint8Array(memory.buffer), QUERY_AT);
    const nearest = nearestFirst(wanted);
    const counts = new Uint16Array(memory.buffer, COUNTS_AT, BLOCK_SIZE);
    const gated = gate(filter);
    for (const { slot, pack } of held.values()) {
      scan(QUERY_AT, BITS_AT + slot * BLOCK_BYTES, BLOCK_SIZE, COUNTS_AT);
      const allowed = gated(pack);
      for (let i = 0; i < BLOCK_SIZE; i += 1) {
        const differing = counts[i] ?? 0;
        if (differing > nearest.bound() || pack.documents[i] === 0 || !allowed(i)) continue;
        nearest.add(differing, slot * BLOCK_SIZE + i);
      }
    }
    return nearest.all();
  }

  /** The `wanted` best of `places` by what their sign bits say. */
  function bestJudged(query: Float32Array, places: readonly number[], wanted: number): number[] {
    if (places.length <= wanted) return [...places];
    const judge = signScore(query);
    const bits = new Uint8Array(memory.buffer);
    const scores = Float32Array.from(places, (place) => judge(bits, BITS_AT + place * BIT_BYTES));
    const order = Uint32Array.from(places, (_, index) => index);
    order.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
    return Array.from(order.subarray(0, wanted), (index) => places[index] ?? 0);
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
      const ids = bestJudged(query, places, count(COMPARED)).map(idAt);
      return bestHits(byId.all(JSON.stringify(ids)), { query, limit });
    },
  };
}

/** Keeps what differs least: at least `wanted` of all that is added, and what differs as little. */
function nearestFirst(wanted: number) {
  const buckets: number[][] = Array.from({ length: DIMENSIONS + 1 }, () => []);
  let found = 0;
  let bound = DIMENSIONS;
  return {
    /** What differs in more bits than this is not needed any more. */
    bound: () => bound,
    add(differing: number, place: number): void {
      buckets[differing]?.push(place);
      found += 1;
      for (
        let last = buckets[bound];
        last && found - last.length >= wanted;
        last = buckets[bound]
      ) {
        found -= last.length;
        buckets[bound] = [];
        bound -= 1;
      }
    },
    all: () => buckets.slice(0, bound + 1).flat(),
  };
}

/** Whether a filter allows what stands at a place of a pack. */
function gate(filter: VectorFilter): (pack: Held["pack"]) => (place: number) => boolean {
  const { projectKeys, hiddenKeys, kinds, since, before, rowids } = filter;
  const documents = rowids && new Set(rowids);
  const from = since ?? Number.NEGATIVE_INFINITY;
  const to = before ?? Number.POSITIVE_INFINITY;
  const given = [projectKeys, hiddenKeys?.length || undefined, kinds, since, before, rowids];
  if (given.every((part) => part === undefined)) return () => () => true;
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
