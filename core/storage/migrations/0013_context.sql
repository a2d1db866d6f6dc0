-- What conversations were about when they were compacted or saved. `body` is JSON, redacted text.
-- `at` is epoch milliseconds UTC.
CREATE TABLE saved_context (
  id           TEXT    PRIMARY KEY,
  conversation TEXT    NOT NULL,
  project_key  TEXT    NOT NULL,
  reason       TEXT    NOT NULL,
  at           INTEGER NOT NULL,
  body         TEXT    NOT NULL
) STRICT;

CREATE INDEX saved_context_by_conversation ON saved_context (conversation, at DESC);
CREATE INDEX saved_context_by_project ON saved_context (project_key, at DESC);
CREATE INDEX saved_context_by_time ON saved_context (at DESC);
