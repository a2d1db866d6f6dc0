import { decodeVector, similarity } from "./vector-code.ts";
import type { VectorHit, VectorRequest } from "./vectors.ts";

/** A row of `embedding` as it is compared. */
export interface EmbeddingRow {
  readonly document_rowid: number;
  readonly range_start: number;
  readonly range_end: number;
  readonly vector: Uint8Array;
}

/** The best chunk of each document, the best documents first. */
export function bestHits(
  rows: Iterable<EmbeddingRow>,
  { query, limit }: Pick<VectorRequest, "query" | "limit">,
): VectorHit[] {
  const best = new Map<number, VectorHit>();
  for (const row of rows) {
    const stored = decodeVector(row.vector);
    if (!stored) continue;
    const hit = {
      documentRowid: row.document_rowid,
      start: row.range_start,
      end: row.range_end,
      similarity: similarity(query, stored),
    };
    const known = best.get(hit.documentRowid);
    if (!known || hit.similarity > known.similarity) best.set(hit.documentRowid, hit);
  }
  return [...best.values()]
    .sort((a, b) => b.similarity - a.similarity || b.documentRowid - a.documentRowid)
    .slice(0, limit);
}
