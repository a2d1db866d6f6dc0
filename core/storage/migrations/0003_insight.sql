-- Insights, each once in the whole store. `hash`: see `insightHash` in insight/model.ts.
-- `document_rowid` is its place in the search index.
CREATE TABLE insight (
  id             TEXT    PRIMARY KEY,
  hash           TEXT    NOT NULL UNIQUE,
  document_rowid INTEGER NOT NULL REFERENCES document (rowid) ON DELETE CASCADE,
  origin         TEXT    NOT NULL,
  type           TEXT    NOT NULL,
  topics         TEXT    NOT NULL,
  confidence     REAL    NOT NULL,
  quality        REAL    NOT NULL,
  reasons        TEXT    NOT NULL,
  rating         INTEGER NOT NULL DEFAULT 0,
  captured_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX insight_by_document ON insight (document_rowid);
CREATE INDEX insight_by_time ON insight (captured_at DESC);

-- Where it was seen: one row a message and line, so that reading twice counts once.
CREATE TABLE insight_sighting (
  insight_id   TEXT    NOT NULL REFERENCES insight (id) ON DELETE CASCADE,
  message_uuid TEXT    NOT NULL,
  line         INTEGER NOT NULL,
  session_id   TEXT    NOT NULL,
  agent_id     TEXT,
  project_key  TEXT    NOT NULL,
  at           INTEGER NOT NULL,
  PRIMARY KEY (insight_id, message_uuid, line)
) STRICT, WITHOUT ROWID;

CREATE INDEX insight_sighting_by_project ON insight_sighting (project_key);
