import type { Database } from "bun:sqlite";
import { settings } from "../storage/settings.ts";
import { encodeVector } from "../storage/vector-code.ts";
import { packStore } from "../storage/vector-pack-store.ts";
import type { VectorFilter } from "../storage/vectors.ts";
import type { Chunk } from "./chunk.ts";
import { countDocuments, countDue, countEmbedded } from "./count.ts";
import { conditions, type Filter } from "./filter.ts";
import type { PassageRow } from "./model.ts";
import { lostVectors } from "./vector-proof.ts";

/** How long documents are kept for the process that took them on, in milliseconds. */
const CLAIM_MS = 60_000;

/** The model that `embedding_due` is about. */
const MODEL = "embedding_model";

/** A document that is to be embedded. */
export interface DueDocument {
  readonly rowid: number;
  readonly body: string;
  readonly passages: readonly PassageRow[];
}

/** A document's chunks, each with its vector; none for a document without text. */
export interface EmbeddedDocument {
  readonly rowid: number;
  readonly chunks: readonly (Chunk & { readonly vector: Float32Array })[];
}

export type EmbeddingStore = ReturnType<typeof embeddingStore>;

/** Documents without vectors of `model`, and how these are written. `worker` names this process. */
export function embeddingStore(db: Database, { model, worker }: { model: string; worker: string }) {
  const packs = packStore(db, model);
  const facts = settings(db);
  const find = db.query<{ rowid: number }, [number, number]>(
    `SELECT document_rowid AS rowid FROM embedding_due
     WHERE claimed_until <= ? ORDER BY at DESC LIMIT ?`,
  );
  const claim = db.query<undefined, [string, number, number]>(
    "UPDATE embedding_due SET claimed_by = ?, claimed_until = ? WHERE document_rowid = ?",
  );
  const textOf = db.query<{ body: string; passages: string | null }, [number]>(
    "SELECT body, passages FROM document WHERE rowid = ?",
  );
  const isClaimed = db.query<object, [number, string]>(
    "SELECT 1 FROM embedding_due WHERE document_rowid = ? AND claimed_by = ?",
  );
  const clear = db.query<undefined, [number]>("DELETE FROM embedding WHERE document_rowid = ?");
  const done = db.query<undefined, [number]>("DELETE FROM embedding_due WHERE document_rowid = ?");
  const insert = db.query<undefined, [number, string, number, number, number, Uint8Array]>(
    `INSERT INTO embedding (document_rowid, model_id, chunk, range_start, range_end, vector)
     SELECT ?1, id, ?3, ?4, ?5, ?6 FROM embedding_model WHERE name = ?2`,
  );

  /** What no longer can be trusted is embedded again. */
  function requeue(rowid: number): void {
    clear.run(rowid);
    db.query(
      `INSERT INTO embedding_due (document_rowid, at) SELECT rowid, at FROM document WHERE rowid = ?
       ON CONFLICT (document_rowid) DO NOTHING`,
    ).run(rowid);
  }

  function enqueueMissing(): void {
    db.query(
      `INSERT INTO embedding_due (document_rowid, at)
       SELECT d.rowid, d.at FROM document d WHERE trim(d.body) <> '' AND NOT EXISTS (
         SELECT 1 FROM embedding e JOIN embedding_model m ON m.id = e.model_id
         WHERE e.document_rowid = d.rowid AND m.name = ?)
       ON CONFLICT (document_rowid) DO NOTHING`,
    ).run(model);
  }

  function write({ rowid, chunks }: EmbeddedDocument): boolean {
    // Changed, forgotten or taken over meanwhile: what was embedded is not its text any more.
    if (!isClaimed.get(rowid, worker)) return false;
    clear.run(rowid);
    for (const [index, { start, end, vector }] of chunks.entries()) {
      const bytes = encodeVector(vector);
      if (!bytes) throw new Error("the model gave a vector that is none of its own");
      insert.run(rowid, model, index, start, end, bytes);
    }
    done.run(rowid);
    return true;
  }

  return {
    /** Documents that wait, whoever may be at work on them. */
    waiting: () => countDue(db),

    /** Makes the queue one of `model`: documents that have no vector of it wait. */
    adopt(): void {
      db.transaction(() => {
        const named = db.query("INSERT OR IGNORE INTO embedding_model (name) VALUES (?)");
        const isNew = named.run(model).changes > 0;
        if (!isNew && facts.get(MODEL) === model) return;
        enqueueMissing();
        facts.put(MODEL, model);
      }).immediate();
    },

    /** Looks at every vector, whatever the queue says: one may be lost, damaged or of no model known. */
    enqueueLost(): void {
      db.transaction(() => lostVectors(db).forEach(requeue)).immediate();
    },

    /** Has documents wait of which no vector is there, as far as `countEmbedded` tells. */
    enqueueUncounted(): void {
      const documents = countDocuments(db);
      if (countEmbedded(db, documents) < documents - countDue(db)) {
        db.transaction(enqueueMissing).immediate();
      }
    },

    /** Takes on the newest documents that nobody is at work on. */
    claim(now: number, most: number): DueDocument[] {
      return db
        .transaction(() =>
          find.all(now, most).flatMap(({ rowid }) => {
            claim.run(worker, now + CLAIM_MS, rowid);
            const text = textOf.get(rowid);
            if (!text) return [];
            const passages = text.passages ? (JSON.parse(text.passages) as PassageRow[]) : [];
            return [{ rowid, body: text.body, passages }];
          }),
        )
        .immediate();
    },

    /** Others that have taken documents on. */
    others(now: number): string[] {
      return db
        .query<{ claimed_by: string }, [number, string]>(
          `SELECT DISTINCT claimed_by FROM embedding_due
           WHERE claimed_until > 0 AND claimed_until > ? AND claimed_by <> ?`,
        )
        .all(now, worker)
        .map(({ claimed_by }) => claimed_by);
    },

    /** Gives back what `worker` has taken on and not finished. */
    release(of: string = worker): void {
      db.query(
        `UPDATE embedding_due SET claimed_by = '', claimed_until = 0
         WHERE claimed_until > 0 AND claimed_by = ?`,
      ).run(of);
    },

    /** Writes what was embedded. @returns how many of the documents were still as they were. */
    write(documents: readonly EmbeddedDocument[]): number {
      return db.transaction(() => documents.filter(write).length).immediate();
    },

    /** Vectors of other models go once every document has those of this one. */
    dropOthers(): void {
      const isOther = db.query<object, [string]>("SELECT 1 FROM embedding_model WHERE name <> ?");
      if (!isOther.get(model)) return;
      db.transaction(() => {
        if (countDue(db) > 0 || facts.get(MODEL) !== model) return;
        db.query(
          "DELETE FROM embedding WHERE model_id <> (SELECT id FROM embedding_model WHERE name = ?)",
        ).run(model);
        db.query("DELETE FROM embedding_model WHERE name <> ?").run(model);
      }).immediate();
    },

    /** Packs one block; what is damaged in it waits again. @returns false when none is due. */
    tidy(): boolean {
      if (!packs.isDue()) return false;
      return db
        .transaction(() => {
          const damaged = packs.packOne();
          for (const rowid of damaged ?? []) requeue(rowid);
          return damaged !== undefined;
        })
        .immediate();
    },
  };
}

/** A filter as the index of vectors knows it: what only the store can tell becomes a list of rowids. */
export function vectorFilter(db: Database, filter: Filter): VectorFilter {
  const { branches, tags, ...known } = filter;
  if (!branches && !tags?.length) return known;
  const { sql, values } = conditions(filter);
  const rows = db
    .query<{ rowid: number }, (string | number)[]>(`SELECT d.rowid FROM document d ${sql}`)
    .all(...values);
  return { rowids: rows.map(({ rowid }) => rowid) };
}
