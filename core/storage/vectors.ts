import type { Database } from "bun:sqlite";
import { exactScan } from "./vector-exact.ts";
import { packedScan } from "./vector-scan.ts";

/** Which documents a search may find; what is undefined does not narrow it. */
export interface VectorFilter {
  /** An empty list allows none. */
  readonly projectKeys?: readonly string[] | undefined;
  readonly hiddenKeys?: readonly string[] | undefined;
  readonly kinds?: readonly string[] | undefined;
  /** Epoch ms: the first instant, and the first one after the last. */
  readonly since?: number | undefined;
  readonly before?: number | undefined;
  /** These documents alone: for what only the store can tell of them. */
  readonly rowids?: readonly number[] | undefined;
}

export interface VectorRequest {
  /** Unit length, `DIMENSIONS` values. */
  readonly query: Float32Array;
  /** Most documents to find. */
  readonly limit: number;
  readonly filter?: VectorFilter;
}

/** A document and its chunk that is most like the query. */
export interface VectorHit {
  readonly documentRowid: number;
  /** Place of the chunk in the document's body, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** Cosine, -1..1. */
  readonly similarity: number;
}

/** Finds the documents most like a vector, among the vectors of one model. */
export interface VectorSearch {
  /**
   * The best first; with equal similarity the later document. Damaged vectors are passed over, and
   * for a query that is no vector of the model's there is nothing.
   */
  search(request: VectorRequest): VectorHit[];
}

/** The same, and how like a vector given documents are. */
export interface VectorIndex extends VectorSearch {
  /** Those of the documents `rowids` that have a vector, the best first. */
  compare(query: Float32Array, rowids: readonly number[]): VectorHit[];
}

/** The vectors of `model` in the store: read one by one while they fill one block, else by their signs. */
export function vectorIndex(db: Database, model: string): VectorIndex {
  const blocks = db.query<{ count: number }, []>("SELECT count(*) AS count FROM embedding_block");
  const exact = exactScan(db, model);
  let packed: VectorSearch | undefined;
  return {
    compare: exact.compare,
    search(request) {
      if ((blocks.get()?.count ?? 0) <= 1) return exact.search(request);
      packed ??= packedScan(db, model);
      return packed.search(request);
    },
  };
}
