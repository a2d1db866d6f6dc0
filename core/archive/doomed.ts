import type { Database } from "bun:sqlite";
import type { DocumentKind } from "../search/kinds.ts";

/** What is to be forgotten. All that is given must hold; `ids` alone are taken as they are. */
export interface Selector {
  readonly ids?: readonly string[];
  readonly projectKeys?: readonly string[];
  readonly sessionId?: string;
  /** Epoch ms, this one included. */
  readonly since?: number;
  /** Epoch ms, this one not included. */
  readonly before?: number;
  readonly kinds?: readonly DocumentKind[];
  /** FTS5 expression. */
  readonly match?: string;
}

const TABLES = ["doomed", "doomed_sighting", "doomed_session", "doomed_conversation"];

/**
 * Marks what `selector` means, with everything that tells of it, in tables of this connection:
 * `doomed` (documents), `doomed_sighting` (of insights that stay), `doomed_session` (`whole`, or its
 * hand-off alone) and `doomed_conversation` (`whole`, or its title alone).
 */
export function markDoomed(db: Database, selector: Selector): void {
  makeTables(db);
  const run = runner(db, selector);
  if (selector.ids) run(`INSERT INTO doomed SELECT d.rowid FROM document d WHERE ${SQL.ids}`);
  else markByPlace(run, selector);
  markFixes(run);
  markHandoffs(run);
  markConversations(run, selector);
}

/** Marks the `count` oldest exchanges, and nothing that tells of them. */
export function markOldest(db: Database, count: number): void {
  makeTables(db);
  db.query(
    `INSERT INTO doomed SELECT rowid FROM document WHERE kind = 'exchange'
     ORDER BY at, rowid LIMIT ?`,
  ).run(count);
}

function makeTables(db: Database): void {
  db.run("PRAGMA temp_store = MEMORY");
  for (const table of TABLES) db.run(`DROP TABLE IF EXISTS temp.${table}`);
  db.run("CREATE TEMP TABLE doomed (rowid INTEGER PRIMARY KEY)");
  db.run(`CREATE TEMP TABLE doomed_sighting (insight_id TEXT, message_uuid TEXT, line INTEGER,
    PRIMARY KEY (insight_id, message_uuid, line)) WITHOUT ROWID`);
  db.run("CREATE TEMP TABLE doomed_session (id TEXT PRIMARY KEY, whole INTEGER) WITHOUT ROWID");
  db.run(
    "CREATE TEMP TABLE doomed_conversation (id TEXT PRIMARY KEY, whole INTEGER) WITHOUT ROWID",
  );
}

/** Named parts of the conditions; `d` is a document. */
const SQL = {
  ids: "d.id IN (SELECT value FROM json_each($ids))",
  kinds: "d.kind IN (SELECT value FROM json_each($kinds))",
  match: "d.rowid IN (SELECT rowid FROM document_fts WHERE document_fts MATCH $match)",
} as const;

type Runner = (sql: string) => void;

function runner(db: Database, selector: Selector): Runner {
  const values: Record<string, string | number | null> = {
    ids: selector.ids ? JSON.stringify(selector.ids) : null,
    projects: selector.projectKeys ? JSON.stringify(selector.projectKeys) : null,
    session: selector.sessionId ?? null,
    since: selector.since ?? null,
    before: selector.before ?? null,
    kinds: selector.kinds ? JSON.stringify(selector.kinds) : null,
    match: selector.match ?? null,
  };
  return (sql) => {
    const used = Object.entries(values).filter(([name]) => sql.includes(`$${name}`));
    db.prepare(sql).run(Object.fromEntries(used));
  };
}

/** The conditions on where and when something was; the columns are those of one table. */
function placed(selector: Selector, table: string, time = "at"): string[] {
  return [
    ...(selector.projectKeys
      ? [`${table}.project_key IN (SELECT value FROM json_each($projects))`]
      : []),
    ...(selector.sessionId === undefined ? [] : [`${table}.session_id = $session`]),
    ...(selector.since === undefined ? [] : [`${table}.${time} >= $since`]),
    ...(selector.before === undefined ? [] : [`${table}.${time} < $before`]),
  ];
}

/** Whether a selector means whole stretches of work, and not single texts. */
export function isBroad({ ids, kinds, match }: Selector): boolean {
  return !ids && !kinds && match === undefined;
}

function markByPlace(run: Runner, selector: Selector): void {
  const about = [
    ...(selector.kinds ? [SQL.kinds] : []),
    ...(selector.match === undefined ? [] : [SQL.match]),
  ];
  const where = (parts: readonly string[]) => (parts.length > 0 ? parts.join(" AND ") : "1");
  const here = placed(selector, "d");
  run(`INSERT INTO doomed SELECT d.rowid FROM document d
    WHERE d.kind <> 'insight' AND ${where([...here, ...about])}`);
  const there = placed(selector, "s");
  if (there.length === 0) {
    run(`INSERT INTO doomed SELECT d.rowid FROM document d
      WHERE d.kind = 'insight' AND ${where(about)}`);
    return;
  }
  // An insight met elsewhere too stays, and forgets that it was met here.
  run(`INSERT INTO doomed_sighting SELECT s.insight_id, s.message_uuid, s.line
    FROM insight_sighting s JOIN insight i ON i.id = s.insight_id
    JOIN document d ON d.rowid = i.document_rowid WHERE ${where([...there, ...about])}`);
  run(`INSERT INTO doomed SELECT i.document_rowid FROM insight i
    WHERE i.id IN (SELECT insight_id FROM doomed_sighting) AND NOT EXISTS
      (SELECT 1 FROM insight_sighting s WHERE s.insight_id = i.id AND NOT EXISTS
        (SELECT 1 FROM doomed_sighting x WHERE x.insight_id = s.insight_id
           AND x.message_uuid = s.message_uuid AND x.line = s.line))`);
  run(`INSERT OR IGNORE INTO doomed SELECT d.rowid FROM document d
    JOIN insight i ON i.document_rowid = d.rowid
    WHERE d.kind = 'insight' AND ${where([...here, ...about])} AND NOT EXISTS
      (SELECT 1 FROM insight_sighting s WHERE s.insight_id = i.id)`);
  run(`DELETE FROM doomed_sighting WHERE insight_id IN
    (SELECT i.id FROM insight i JOIN doomed x ON x.rowid = i.document_rowid)`);
  if (!isBroad(selector)) return;
  const { sessionId: _apart, ...inTime } = selector;
  const over = placed(inTime, "s", "started_at");
  const own = selector.sessionId === undefined ? [] : ["s.claude_session = $session"];
  run(`INSERT INTO doomed_session SELECT s.id, 1 FROM session s
    WHERE s.state IN ('ended', 'recovered') AND ${where([...over, ...own])}`);
}

/** A fix tells of the exchanges in which its error was met and mended. */
function markFixes(run: Runner): void {
  run(`INSERT OR IGNORE INTO doomed SELECT f.rowid FROM document f
    JOIN document d ON d.id IN
      (json_extract(f.detail, '$.failed_in'), json_extract(f.detail, '$.fixed_in'))
    JOIN doomed x ON x.rowid = d.rowid WHERE f.kind = 'fix' AND f.detail IS NOT NULL`);
}

/** A hand-off quotes what was said in its time: it goes with any of that. */
function markHandoffs(run: Runner): void {
  run(`INSERT OR IGNORE INTO doomed_session SELECT DISTINCT s.id, 0
    FROM session s, json_each(s.handoff, '$.conversations') c
    JOIN document d ON d.session_id = c.value JOIN doomed x ON x.rowid = d.rowid
    WHERE s.handoff IS NOT NULL AND d.kind <> 'handoff' AND d.at <= s.ended_at
      AND coalesce(json_extract(d.detail, '$.ended_at'), d.at) >= s.started_at`);
  run(`INSERT OR IGNORE INTO doomed_session SELECT DISTINCT s.id, 0
    FROM session s, json_each(s.handoff, '$.conversations') c
    JOIN insight_sighting g ON g.session_id = c.value
    JOIN insight i ON i.id = g.insight_id JOIN doomed x ON x.rowid = i.document_rowid
    WHERE s.handoff IS NOT NULL AND i.captured_at >= s.started_at AND g.at <= s.ended_at`);
  run(`INSERT OR IGNORE INTO doomed_session SELECT s.id, 0 FROM session s
    JOIN document d ON d.id = 'handoff-' || s.id JOIN doomed x ON x.rowid = d.rowid`);
  run(`INSERT OR IGNORE INTO doomed SELECT d.rowid FROM document d
    JOIN doomed_session s ON d.id = 'handoff-' || s.id`);
}

/** A conversation of which nothing is left goes; one that lost something loses its title. */
function markConversations(run: Runner, selector: Selector): void {
  const left = `EXISTS (SELECT 1 FROM document d WHERE d.session_id = c.session_id
    AND d.kind = 'exchange' AND d.rowid NOT IN (SELECT rowid FROM doomed))`;
  run(`INSERT INTO doomed_conversation SELECT c.session_id, NOT ${left} FROM conversation c
    WHERE EXISTS (SELECT 1 FROM document d JOIN doomed x ON x.rowid = d.rowid
      WHERE d.session_id = c.session_id AND d.kind = 'exchange')`);
  const there = placed(selector, "c", "started_at");
  if (!isBroad(selector) || there.length === 0) return;
  run(`INSERT OR IGNORE INTO doomed_conversation SELECT c.session_id, 1 FROM conversation c
    WHERE ${there.join(" AND ")} AND NOT ${left}`);
}
