import type { Database } from "bun:sqlite";
import { InsightOrigin, InsightType, MAX_PROJECTS, type ScorePoint } from "./model.ts";

interface Row {
  id: string;
  document_rowid: number;
  origin: string;
  type: string;
  topics: string;
  confidence: number;
  quality: number;
  reasons: string;
  rating: number;
  captured_at: number;
  body: string;
  project_key: string;
  seen: number;
  session_id: string | null;
  message_uuid: string | null;
}

/** An insight as it is stored. */
export interface StoredInsight {
  readonly id: string;
  readonly rowid: number;
  readonly content: string;
  readonly origin: InsightOrigin;
  readonly type: InsightType;
  readonly topics: readonly string[];
  readonly confidence: number;
  readonly quality: number;
  readonly reasons: readonly ScorePoint[];
  readonly rating: number;
  /** Epoch ms. */
  readonly capturedAt: number;
  readonly projectKey: string;
  readonly projectKeys: readonly string[];
  readonly seenCount: number;
  readonly sessionId: string | null;
  readonly messageUuid: string | null;
}

/** Where an insight was met: a line of a message. */
export interface Sighting {
  readonly messageUuid: string;
  readonly line: number;
  readonly sessionId: string;
  readonly agentId?: string | undefined;
  readonly projectKey: string;
  /** Epoch ms. */
  readonly at: number;
}

/** What is written of a new insight beside its document. */
export interface NewInsight {
  readonly id: string;
  readonly hash: string;
  readonly rowid: number;
  readonly origin: InsightOrigin;
  readonly type: InsightType;
  readonly topics: readonly string[];
  readonly confidence: number;
  readonly quality: number;
  readonly reasons: readonly ScorePoint[];
  readonly capturedAt: number;
}

const SELECT = `
  SELECT i.id, i.document_rowid, i.origin, i.type, i.topics, i.confidence, i.quality, i.reasons,
         i.rating, i.captured_at, d.body, d.project_key,
         (SELECT count(*) FROM insight_sighting s WHERE s.insight_id = i.id) AS seen,
         (SELECT s.session_id FROM insight_sighting s WHERE s.insight_id = i.id
          ORDER BY s.at, s.message_uuid LIMIT 1) AS session_id,
         (SELECT s.message_uuid FROM insight_sighting s WHERE s.insight_id = i.id
          ORDER BY s.at, s.message_uuid LIMIT 1) AS message_uuid
  FROM insight i JOIN document d ON d.rowid = i.document_rowid`;

/** All SQL on `insight` and its sightings. */
export function insightStore(db: Database) {
  const byHash = db.query<{ id: string }, [string]>("SELECT id FROM insight WHERE hash = ?");
  const sight = db.query<undefined, (string | number | null)[]>(
    `INSERT OR IGNORE INTO insight_sighting
       (insight_id, message_uuid, line, session_id, agent_id, project_key, at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );

  // Files are read newest first: an earlier sighting may come later.
  const date = db.query<undefined, [number, string]>(
    "UPDATE insight SET captured_at = min(captured_at, ?) WHERE id = ?",
  );

  function fromRow(row: Row): StoredInsight {
    const projects = db
      .query<{ project_key: string }, [string, number]>(
        `SELECT project_key FROM insight_sighting WHERE insight_id = ?
         GROUP BY project_key ORDER BY min(at) LIMIT ?`,
      )
      .all(row.id, MAX_PROJECTS)
      .map(({ project_key }) => project_key);
    return {
      id: row.id,
      rowid: row.document_rowid,
      content: row.body,
      origin: InsightOrigin.parse(row.origin),
      type: InsightType.parse(row.type),
      topics: JSON.parse(row.topics) as string[],
      confidence: row.confidence,
      quality: row.quality,
      reasons: JSON.parse(row.reasons) as ScorePoint[],
      rating: row.rating,
      capturedAt: row.captured_at,
      projectKey: projects[0] ?? row.project_key,
      projectKeys: projects.length > 0 ? projects : [row.project_key],
      seenCount: Math.max(1, row.seen),
      sessionId: row.session_id,
      messageUuid: row.message_uuid,
    };
  }

  return {
    idOf: (hash: string): string | undefined => byHash.get(hash)?.id,

    add(insight: NewInsight): void {
      db.query(
        `INSERT INTO insight (id, hash, document_rowid, origin, type, topics, confidence, quality,
           reasons, captured_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        insight.id,
        insight.hash,
        insight.rowid,
        insight.origin,
        insight.type,
        JSON.stringify(insight.topics),
        insight.confidence,
        insight.quality,
        JSON.stringify(insight.reasons),
        insight.capturedAt,
      );
    },

    /** Notes where `id` was met; the same place again counts once. */
    sight(id: string, at: Sighting): void {
      const { messageUuid, line, sessionId, agentId, projectKey } = at;
      sight.run(id, messageUuid, line, sessionId, agentId ?? null, projectKey, at.at);
      date.run(at.at, id);
    },

    byId(id: string): StoredInsight | undefined {
      const row = db.query<Row, [string]>(`${SELECT} WHERE i.id = ?`).get(id);
      return row ? fromRow(row) : undefined;
    },

    byRowid(rowid: number): StoredInsight | undefined {
      const row = db.query<Row, [number]>(`${SELECT} WHERE i.document_rowid = ?`).get(rowid);
      return row ? fromRow(row) : undefined;
    },

    /** Document rows of all insights, newest first: notes stored as reflections are no insights. */
    newest(): number[] {
      return db
        .query<{ rowid: number }, []>(
          `SELECT i.document_rowid AS rowid FROM insight i JOIN document d ON d.rowid = i.document_rowid
           WHERE d.kind = 'insight' ORDER BY i.captured_at DESC, i.document_rowid DESC`,
        )
        .all()
        .map(({ rowid }) => rowid);
    },

    /** Insights met in a session of Claude Code's, by time. */
    ofSession(sessionId: string): StoredInsight[] {
      return db
        .query<Row, [string]>(
          `${SELECT} WHERE i.id IN
             (SELECT insight_id FROM insight_sighting WHERE session_id = ?)
           ORDER BY i.captured_at`,
        )
        .all(sessionId)
        .map(fromRow);
    },

    /** Best insights met in a project, or notes stored for it: by rating, then quality, then time. */
    ofProject(
      projectKey: string,
      limit: number,
      kind: "insight" | "reflection" = "insight",
    ): StoredInsight[] {
      return db
        .query<Row, [string, number, string]>(
          `${SELECT} WHERE d.kind = ?3 AND i.rating >= 0 AND (d.project_key = ?1 OR i.id IN
             (SELECT insight_id FROM insight_sighting WHERE project_key = ?1))
           ORDER BY i.rating DESC, i.quality DESC, i.captured_at DESC LIMIT ?2`,
        )
        .all(projectKey, limit, kind)
        .map(fromRow);
    },

    rate(id: string, rating: number): void {
      db.query("UPDATE insight SET rating = ? WHERE id = ?").run(rating, id);
    },
  };
}
