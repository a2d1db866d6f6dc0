import type { Database } from "bun:sqlite";
import { BIT_BYTES } from "./hamming.ts";
import { decodeVector, writeSigns } from "./vector-code.ts";
import { BLOCK_SIZE, decodePack, emptyPack, encodePack, type Pack } from "./vector-pack.ts";

interface Row {
  readonly id: number;
  readonly document_rowid: number;
  readonly project_key: string;
  readonly kind: string;
  readonly at: number;
  readonly vector: Uint8Array;
}

/** A block read from its vectors, and the documents of which one is damaged. */
interface Made {
  readonly pack: Pack;
  readonly damaged: ReadonlySet<number>;
  readonly isEmpty: boolean;
}

/** Blocks of the vectors of `model`: as they are packed, or made of the vectors themselves. */
export function packStore(db: Database, model: string) {
  const revisions = db.query<{ block: number; revision: number }, []>(
    "SELECT block, revision FROM embedding_block",
  );
  const packed = db.query<{ packed: Uint8Array }, [number, number, string]>(
    `SELECT p.packed FROM embedding_pack p JOIN embedding_model m ON m.id = p.model_id
     WHERE p.block = ? AND p.revision = ? AND m.name = ?`,
  );
  const rows = db.query<Row, [number, number, string]>(
    `SELECT e.id, e.document_rowid, d.project_key, d.kind, d.at, e.vector
     FROM embedding e JOIN embedding_model m ON m.id = e.model_id
     JOIN document d ON d.rowid = e.document_rowid
     WHERE e.id >= ? AND e.id < ? AND m.name = ?`,
  );

  function make(block: number): Made {
    const found = rows.all(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE, model);
    const names = [...new Set(found.flatMap(({ project_key, kind }) => [project_key, kind]))];
    const places = new Map(names.map((name, index) => [name, index]));
    const pack = emptyPack(names);
    const damaged = new Set<number>();
    for (const row of found) {
      const stored = decodeVector(row.vector);
      if (!stored) {
        damaged.add(row.document_rowid);
        continue;
      }
      const place = row.id % BLOCK_SIZE;
      pack.documents[place] = row.document_rowid;
      pack.times[place] = row.at;
      pack.projects[place] = places.get(row.project_key) ?? 0;
      pack.kinds[place] = places.get(row.kind) ?? 0;
      writeSigns(stored.values, pack.bits, place * BIT_BYTES);
    }
    return { pack, damaged, isEmpty: found.length === 0 };
  }

  return {
    /** The revision of every block there is. */
    revisions: (): Map<number, number> =>
      new Map(revisions.all().map(({ block, revision }) => [block, revision])),

    /** What `block` holds at `revision`, or later where it has changed meanwhile. */
    read(block: number, revision: number): Pack {
      const kept = packed.get(block, revision, model);
      return (kept && decodePack(kept.packed)) ?? make(block).pack;
    },

    /** Whether `packOne` has something to do. */
    isDue(): boolean {
      const modelId = idOf(db, model);
      return modelId !== undefined && dueBlock(db, modelId) !== null;
    },

    /**
     * Packs one block whose pack is missing or out of date, so that the next process reads it
     * faster; a block that has become empty goes. Call it inside a transaction.
     * @returns the documents that were found damaged in it; undefined when no block is due.
     */
    packOne(): ReadonlySet<number> | undefined {
      const modelId = idOf(db, model);
      const due = modelId === undefined ? undefined : dueBlock(db, modelId);
      if (!due || modelId === undefined) return undefined;
      const { pack, damaged, isEmpty } = make(due.block);
      if (isEmpty && due.isOld && !hasVectors(db, due.block)) {
        db.query("DELETE FROM embedding_block WHERE block = ?").run(due.block);
        return damaged;
      }
      db.query(
        `INSERT INTO embedding_pack (block, revision, model_id, packed) VALUES (?, ?, ?, ?)
         ON CONFLICT (block) DO UPDATE SET revision = excluded.revision,
           model_id = excluded.model_id, packed = excluded.packed`,
      ).run(due.block, due.revision, modelId, encodePack(pack));
      return damaged;
    },
  };
}

function idOf(db: Database, model: string): number | undefined {
  const sql = "SELECT id FROM embedding_model WHERE name = ?";
  return db.query<{ id: number }, [string]>(sql).get(model)?.id;
}

/** A block without a good pack. It is old when no further vector can come into it. */
function dueBlock(db: Database, modelId: number) {
  const row = db
    .query<{ block: number; revision: number; old: number }, [number]>(
      `SELECT b.block, b.revision, b.block < (SELECT max(block) FROM embedding_block) AS old
       FROM embedding_block b LEFT JOIN embedding_pack p ON p.block = b.block
       WHERE p.block IS NULL OR p.revision <> b.revision OR p.model_id <> ? LIMIT 1`,
    )
    .get(modelId);
  return row && { block: row.block, revision: row.revision, isOld: row.old === 1 };
}

function hasVectors(db: Database, block: number): boolean {
  const range: [number, number] = [block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE];
  const sql = "SELECT 1 FROM embedding WHERE id >= ? AND id < ? LIMIT 1";
  return db.query<object, [number, number]>(sql).get(...range) !== null;
}
