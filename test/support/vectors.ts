import type { Database } from "bun:sqlite";
import type { Embedder } from "../../core/kernel/ports.ts";
import { DIMENSIONS, encodeVector } from "../../core/storage/vector-code.ts";

/** A vector of unit length from the words of `text`: texts that share words are near each other. */
export function wordVector(text: string): Float32Array {
  const sum = new Float32Array(DIMENSIONS);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ["nothing"]) {
    let state = Number(Bun.hash.xxHash32(word)) || 1;
    for (let i = 0; i < DIMENSIONS; i += 1) {
      state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
      sum[i] = (sum[i] ?? 0) + (state >> 8) / 2 ** 23;
    }
  }
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => value / length);
}

/** An embedder by words, which notes what it was given. */
export function wordEmbedder(
  modelId = "words",
): Embedder & { readonly given: { texts: readonly string[]; urgency: string }[] } {
  const given: { texts: readonly string[]; urgency: string }[] = [];
  return {
    modelId,
    given,
    async embed(texts, urgency) {
      given.push({ texts, urgency });
      return texts.map(wordVector);
    },
    release() {},
  };
}

/** Where a vector is put: its document, which is made when it is not there, and what it is of. */
export interface Placed {
  readonly rowid: number;
  readonly vector: Float32Array;
  readonly chunk?: number;
  readonly model?: string;
  readonly project?: string;
  readonly kind?: string;
  readonly at?: number;
}

/** Puts vectors into a store, past all services. */
export function putVectors(db: Database, all: readonly Placed[]): void {
  const document = db.query(
    `INSERT OR IGNORE INTO document (rowid, id, kind, project_key, at, hash, stored_at, body)
     VALUES (?, ?, ?, ?, ?, '', 0, '')`,
  );
  const model = db.query("INSERT OR IGNORE INTO embedding_model (name) VALUES (?)");
  const insert = db.query(
    `INSERT INTO embedding (document_rowid, model_id, chunk, range_start, range_end, vector)
     SELECT ?1, id, ?3, ?3 * 100, ?3 * 100 + 100, ?4 FROM embedding_model WHERE name = ?2`,
  );
  db.transaction(() => {
    for (const { rowid, vector, chunk = 0, model: name = "words", ...rest } of all) {
      const { kind = "exchange", project = "p", at = rowid } = rest;
      document.run(rowid, `d${rowid}`, kind, project, at);
      model.run(name);
      insert.run(rowid, name, chunk, encodeVector(vector) ?? new Uint8Array());
    }
  })();
}
