-- Projects, and how far each transcript has been read.
-- Times are epoch milliseconds UTC.
CREATE TABLE project (
  key        TEXT    PRIMARY KEY,
  name       TEXT    NOT NULL,
  root       TEXT    NOT NULL,
  remote     TEXT,
  vcs        TEXT    NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen  INTEGER NOT NULL,
  paused     INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX project_by_name ON project (name COLLATE NOCASE);

-- `path_hash` is SHA-256 hex of the path: the path itself is kept redacted, so it is no key.
CREATE TABLE transcript_file (
  path_hash    TEXT    PRIMARY KEY,
  path         TEXT    NOT NULL,
  session_id   TEXT    NOT NULL,
  agent_id     TEXT,
  project_key  TEXT,
  cursor       TEXT    NOT NULL,
  modified_at  INTEGER NOT NULL,
  size         INTEGER NOT NULL,
  rows         INTEGER NOT NULL,
  bad_rows     INTEGER NOT NULL,
  unknown_rows INTEGER NOT NULL,
  read_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX transcript_file_by_session ON transcript_file (session_id);

-- What a conversation is called and what it cost, by Claude Code's session id.
CREATE TABLE conversation (
  session_id     TEXT    PRIMARY KEY,
  project_key    TEXT    NOT NULL,
  title          TEXT,
  title_rank     INTEGER NOT NULL DEFAULT 9,
  branch         TEXT,
  started_at     INTEGER NOT NULL,
  ended_at       INTEGER NOT NULL,
  context_tokens INTEGER NOT NULL DEFAULT 0,
  compactions    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX conversation_by_project ON conversation (project_key, ended_at DESC);

-- Facts about the store itself: the first run over old history, redaction counts, pauses.
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
