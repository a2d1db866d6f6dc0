-- What Claude Code's hooks told, and what they gave back. Times are epoch milliseconds UTC.

-- Which conversation a client process is in: its environment goes stale after /clear, this does not.
CREATE TABLE client (
  pid             INTEGER NOT NULL,
  started_at      INTEGER NOT NULL,
  conversation    TEXT    NOT NULL,
  source          TEXT    NOT NULL,
  at              INTEGER NOT NULL,
  PRIMARY KEY (pid, started_at)
) STRICT, WITHOUT ROWID;

-- When each event last came, and how often: whether recording works is told from it.
CREATE TABLE hook_event (
  event   TEXT    PRIMARY KEY,
  last_at INTEGER NOT NULL,
  count   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Events of the last minutes: two registrations (plugin and settings) deliver one event twice.
CREATE TABLE hook_seen (
  key TEXT    PRIMARY KEY,
  at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX hook_seen_by_time ON hook_seen (at);

-- Receipts: everything that was put into a conversation unasked, and why.
CREATE TABLE injection (
  id           INTEGER PRIMARY KEY,
  conversation TEXT    NOT NULL,
  project_key  TEXT    NOT NULL,
  event        TEXT    NOT NULL,
  at           INTEGER NOT NULL,
  tokens       INTEGER NOT NULL
) STRICT;

CREATE INDEX injection_by_conversation ON injection (conversation, at);
CREATE INDEX injection_by_time ON injection (at);

-- `text` is the line as it was said: redacted, one line, cut.
CREATE TABLE injected_item (
  injection_id INTEGER NOT NULL REFERENCES injection (id) ON DELETE CASCADE,
  position     INTEGER NOT NULL,
  ref          TEXT    NOT NULL,
  kind         TEXT    NOT NULL,
  text         TEXT    NOT NULL,
  reason       TEXT    NOT NULL,
  tokens       INTEGER NOT NULL,
  PRIMARY KEY (injection_id, position)
) STRICT, WITHOUT ROWID;
