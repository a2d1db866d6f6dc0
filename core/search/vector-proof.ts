import type { Database } from "bun:sqlite";
import { decodeVector } from "../storage/vector-code.ts";
import { CURRENT_MODEL, lostDocuments } from "./count.ts";

/**
 * Rows of the documents that were embedded, and have no sound vector any more: each vector of the
 * model is read for it, 82 MB of 141,000.
 */
export function lostVectors(db: Database): number[] {
  const rows = db
    .query<{ document_rowid: number; vector: Uint8Array }, []>(
      `SELECT document_rowid, vector FROM embedding WHERE model_id = ${CURRENT_MODEL}
         AND document_rowid NOT IN (SELECT document_rowid FROM embedding_due)`,
    )
    .iterate();
  const lost = new Set(lostDocuments(db));
  for (const { document_rowid, vector } of rows)
    if (!decodeVector(vector)) lost.add(document_rowid);
  return [...lost];
}
