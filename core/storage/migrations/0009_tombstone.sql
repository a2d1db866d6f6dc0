-- What was forgotten and must not come back: never a text, only what it is known by.
-- `kind` is `message` (a transcript row's uuid), `document` (an id), `insight` (`insight.hash`) or
-- `conversation` (a session id: its title is not kept again).
CREATE TABLE tombstone (
  kind TEXT    NOT NULL,
  key  TEXT    NOT NULL,
  at   INTEGER NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
