import type { Database } from "bun:sqlite";
import { isoTime } from "../kernel/text.ts";
import type { DocumentKind } from "../search/model.ts";
import type { RawRecord } from "./export.ts";

/** What narrows an export. */
export interface ExportFilter {
  readonly hiddenKeys: readonly string[];
  readonly projectKeys?: readonly string[];
  readonly kinds?: readonly DocumentKind[];
  readonly since?: number;
}

type Row = Record<string, string | number | null>;

/** Everything read for an export, a row at a time, in the order it was stored in. */
export function exportStore(db: Database, filter: ExportFilter) {
  const lists = {
    $hidden: JSON.stringify(filter.hiddenKeys),
    $projects: filter.projectKeys ? JSON.stringify(filter.projectKeys) : null,
    $kinds: filter.kinds ? JSON.stringify(filter.kinds) : null,
    $since: filter.since ?? null,
  };
  type Name = keyof typeof lists;

  /** Rows of `sql`, whose named values are those of `lists` that it speaks of. */
  function rows(sql: string): Iterable<Row> {
    const used = Object.entries(lists).filter(([name]) => sql.includes(name));
    const values = Object.fromEntries(used.map(([name, value]) => [name.slice(1), value]));
    return db.prepare<Row, [Record<string, string | number | null>]>(sql).iterate(values);
  }

  const isIn = (column: string, list: Name) =>
    `${column} IN (SELECT value FROM json_each(${list}))`;

  /** Whether a project's key is one that is exported. */
  const isOpen = (column: string) => {
    const wanted = filter.projectKeys ? ` AND ${isIn(column, "$projects")}` : "";
    return `NOT ${isIn(column, "$hidden")}${wanted}`;
  };
  const isLate = (column: string) => (filter.since === undefined ? "1" : `${column} >= $since`);

  const filesOf = db.query<{ path: string; action: string; times: number }, [number]>(
    "SELECT path, action, times FROM document_file WHERE document_rowid = ? ORDER BY path, action",
  );
  const insightOf = db.query<Row, [number]>(
    `SELECT id, origin, type, topics, confidence, quality, reasons, rating, captured_at
     FROM insight WHERE document_rowid = ?`,
  );
  const sightingsSql = `SELECT message_uuid, line, session_id, agent_id, project_key, at
    FROM insight_sighting WHERE insight_id = ?1 AND NOT project_key IN (SELECT value FROM json_each(?2))
    ORDER BY at, message_uuid, line`;
  const sightingsOf = db.query<Row, [string, string]>(sightingsSql);

  function* projects(): Generator<RawRecord> {
    for (const row of rows(
      `SELECT p.key, p.name, p.root, p.remote, p.vcs, p.first_seen, p.last_seen, p.paused
       FROM project p WHERE ${isOpen("p.key")} ORDER BY p.rowid`,
    )) {
      yield {
        type: "project",
        ...given({ key: row["key"], name: row["name"], root: row["root"], remote: row["remote"] }),
        vcs: row["vcs"],
        first_seen: timeOf(row["first_seen"]),
        last_seen: timeOf(row["last_seen"]),
        ...(row["paused"] ? { paused: true } : {}),
      };
    }
  }

  function* documents(): Generator<RawRecord> {
    // An insight belongs to every project it was met in, not to the first alone.
    const seen = (test: string) =>
      `EXISTS (SELECT 1 FROM insight i JOIN insight_sighting s ON s.insight_id = i.id
        WHERE i.document_rowid = d.rowid AND ${test})`;
    const kinds = filter.kinds ? `AND ${isIn("d.kind", "$kinds")}` : "";
    for (const row of rows(
      `SELECT d.rowid, d.id, d.kind, d.project_key, p.name AS project, d.session_id, d.agent_id,
         d.branch, d.at, d.tags, d.title, d.body, d.passages, d.tools, d.detail
       FROM document d LEFT JOIN project p ON p.key = d.project_key
       WHERE (${isOpen("d.project_key")} OR ${seen(isOpen("s.project_key"))})
         AND (${isLate("d.at")} OR ${seen(isLate("s.at"))}) ${kinds} ORDER BY d.rowid`,
    )) {
      yield documentOf(row);
    }
  }

  function documentOf(row: Row): RawRecord {
    const rowid = Number(row["rowid"]);
    const insight = insightOf.get(rowid);
    const sightings = insight ? sightingsOf.all(String(insight["id"]), lists.$hidden) : [];
    const files = filesOf.all(rowid).map(({ path, action, times }) => [path, action, times]);
    const tags = parsed(row["tags"]) as unknown[];
    // The project it was met in first may be one that is left out.
    const isHidden = filter.hiddenKeys.includes(String(row["project_key"]));
    const key = isHidden ? sightings[0]?.["project_key"] : row["project_key"];
    return {
      type: String(row["kind"]),
      id: row["id"],
      content: row["body"],
      ...given({
        project: isHidden ? null : row["project"],
        project_key: key,
        session_id: isHidden ? null : row["session_id"],
        agent_id: isHidden ? null : row["agent_id"],
        branch: row["branch"],
      }),
      created_at: timeOf(row["at"]),
      ...(tags.length > 0 ? { tags } : {}),
      ...given({ title: row["title"], passages: parsed(row["passages"]), tools: row["tools"] }),
      ...given({ detail: parsed(row["detail"]), files: files.length > 0 ? files : null }),
      ...(insight ? insightPart(insight, sightings) : {}),
    };
  }

  function* dependencies(): Generator<RawRecord> {
    for (const row of rows(
      `SELECT source_key, target_key, type, origin, added_at FROM project_dependency
       WHERE ${isOpen("source_key")} AND NOT ${isIn("target_key", "$hidden")}
       ORDER BY source_key, target_key, type`,
    )) {
      const { source_key, target_key, type, origin, added_at } = row;
      const kind = type;
      yield {
        type: "dependency",
        source_key,
        target_key,
        kind,
        origin,
        added_at: timeOf(added_at),
      };
    }
  }

  function* conversations(): Generator<RawRecord> {
    for (const row of rows(
      `SELECT session_id, project_key, title, title_rank, branch, started_at, ended_at,
         context_tokens, compactions
       FROM conversation WHERE ${isOpen("project_key")} AND ${isLate("ended_at")} ORDER BY rowid`,
    )) {
      yield {
        type: "conversation",
        session_id: row["session_id"],
        project_key: row["project_key"],
        ...given({ title: row["title"], branch: row["branch"] }),
        ...(row["title"] ? { title_rank: row["title_rank"] } : {}),
        started_at: timeOf(row["started_at"]),
        ended_at: timeOf(row["ended_at"]),
        context_tokens: row["context_tokens"],
        compactions: row["compactions"],
      };
    }
  }

  /** Sessions that have ended: one that runs belongs to a process of this machine. */
  const ended = () =>
    `state IN ('ended', 'recovered') AND ${isOpen("project_key")} AND ${isLate("started_at")}`;

  function* sessions(): Generator<RawRecord> {
    for (const row of rows(
      `SELECT id, project_key, root, claude_session, head, state, started_at, ended_at,
         handoff_path, handoff FROM session WHERE ${ended()} ORDER BY rowid`,
    )) {
      yield {
        type: "session",
        id: row["id"],
        project_key: row["project_key"],
        root: row["root"],
        ...given({ conversation: row["claude_session"], head: row["head"] }),
        state: row["state"],
        started_at: timeOf(row["started_at"]),
        ...(row["ended_at"] === null ? {} : { ended_at: timeOf(row["ended_at"]) }),
        ...given({ handoff_path: row["handoff_path"], handoff: parsed(row["handoff"]) }),
      };
    }
  }

  function* checkpoints(): Generator<RawRecord> {
    for (const row of rows(
      `SELECT id, session_id, name, at, git, detail FROM checkpoint
       WHERE session_id IN (SELECT id FROM session WHERE ${ended()}) ORDER BY rowid`,
    )) {
      yield {
        type: "checkpoint",
        id: row["id"],
        session_id: row["session_id"],
        ...given({ name: row["name"] }),
        at: timeOf(row["at"]),
        git: parsed(row["git"]),
        detail: parsed(row["detail"]),
      };
    }
  }

  return { projects, documents, dependencies, conversations, sessions, checkpoints };
}

function insightPart(insight: Row, sightings: readonly Row[]) {
  return {
    origin: insight["origin"],
    insight_type: insight["type"],
    topics: parsed(insight["topics"]),
    confidence: insight["confidence"],
    quality: insight["quality"],
    reasons: parsed(insight["reasons"]),
    rating: insight["rating"],
    captured_at: timeOf(insight["captured_at"]),
    ...(sightings.length > 0 ? { sightings: sightings.map(sightingOf) } : {}),
  };
}

function sightingOf(row: Row) {
  const { message_uuid, line, session_id, agent_id, project_key, at } = row;
  return { message_uuid, line, session_id, ...given({ agent_id }), project_key, at: timeOf(at) };
}

/** The entries that say something. */
function given(entries: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(entries).filter(
      ([, value]) => value !== null && value !== undefined && value !== "",
    ),
  );
}

function parsed(json: string | number | null | undefined): unknown {
  return typeof json === "string" ? JSON.parse(json) : null;
}

function timeOf(epochMs: string | number | null | undefined): string {
  return isoTime(Number(epochMs));
}
