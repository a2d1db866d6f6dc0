-- Sessions of ours: written ahead at the start, so that a crash leaves something to finish.
-- `head` is git's HEAD at the start, by which the session's own commits are known.
-- `owner_pid` and `owner_started_at` name the client process the session lives in.
CREATE TABLE session (
  id               TEXT    PRIMARY KEY,
  project_key      TEXT    NOT NULL,
  root             TEXT    NOT NULL,
  claude_session   TEXT,
  head             TEXT,
  owner_pid        INTEGER NOT NULL,
  owner_started_at INTEGER NOT NULL,
  state            TEXT    NOT NULL,
  started_at       INTEGER NOT NULL,
  ended_at         INTEGER,
  handoff_path     TEXT,
  handoff          TEXT
) STRICT;

CREATE INDEX session_by_project ON session (project_key, started_at DESC);
CREATE INDEX session_active ON session (state) WHERE state = 'active';

CREATE TABLE checkpoint (
  id         TEXT    PRIMARY KEY,
  session_id TEXT    NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  name       TEXT,
  at         INTEGER NOT NULL,
  git        TEXT    NOT NULL,
  detail     TEXT    NOT NULL
) STRICT;

CREATE INDEX checkpoint_by_session ON checkpoint (session_id, at);
