import type { Database } from "bun:sqlite";
import { isUnit } from "./vector-code.ts";
import { bestHits, type EmbeddingRow } from "./vector-hits.ts";
import type { VectorFilter, VectorIndex } from "./vectors.ts";

/** Compares the query with every vector of `model` that the filter allows, straight from the store. */
export function exactScan(db: Database, model: string): VectorIndex {
  const ofDocuments = db.query<EmbeddingRow, [string, string]>(
    `SELECT e.document_rowid, e.range_start, e.range_end, e.vector
     FROM json_each(?) f CROSS JOIN embedding e ON e.document_rowid = f.value
     JOIN embedding_model m ON m.id = e.model_id WHERE m.name = ?`,
  );
  return {
    compare(query, rowids) {
      if (!isUnit(query)) return [];
      const rows = ofDocuments.all(JSON.stringify(rowids), model);
      return bestHits(rows, { query, limit: rowids.length });
    },
    search(request) {
      if (!isUnit(request.query)) return [];
      const { sql, values } = conditions(request.filter ?? {});
      const rows = db.query<EmbeddingRow, (string | number)[]>(
        `SELECT e.document_rowid, e.range_start, e.range_end, e.vector
         FROM embedding e JOIN embedding_model m ON m.id = e.model_id
         JOIN document d ON d.rowid = e.document_rowid WHERE m.name = ?${sql}`,
      );
      return bestHits(rows.iterate(model, ...values), request);
    },
  };
}

function conditions({ projectKeys, hiddenKeys, kinds, since, before, rowids }: VectorFilter) {
  const parts: string[] = [];
  const values: (string | number)[] = [];
  const add = (sql: string, value: string | number | undefined) => {
    if (value === undefined) return;
    parts.push(` AND ${sql}`);
    values.push(value);
  };
  const list = (items: readonly (string | number)[] | undefined) => items && JSON.stringify(items);
  add("d.project_key IN (SELECT value FROM json_each(?))", list(projectKeys));
  add("d.project_key NOT IN (SELECT value FROM json_each(?))", list(hiddenKeys));
  add("d.kind IN (SELECT value FROM json_each(?))", list(kinds));
  add("d.rowid IN (SELECT value FROM json_each(?))", list(rowids));
  add("d.at >= ?", since);
  // Infinity asks for nothing; SQLite takes it as a number.
  add("d.at < ?", before);
  return { sql: parts.join(""), values };
}
