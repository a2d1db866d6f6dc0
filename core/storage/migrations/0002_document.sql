-- Everything that can be recalled, whatever its kind, and its text index.
-- `rowid` is the key of the index; `id` is the public one. `body` is redacted text.
-- `passages` is JSON [[uuid, role, start, end], …] over `body`, in UTF-16 units.
-- `tools` is what the tools were given and gave back, capped. `detail` is JSON, by kind.
-- `hash` is SHA-256 hex of body and tools. The long columns stand last, so that
-- ranking reads the short ones without walking a document's overflow pages.
CREATE TABLE document (
  rowid       INTEGER PRIMARY KEY,
  id          TEXT    NOT NULL UNIQUE,
  kind        TEXT    NOT NULL,
  project_key TEXT    NOT NULL,
  session_id  TEXT,
  agent_id    TEXT,
  branch      TEXT,
  at          INTEGER NOT NULL,
  hash        TEXT    NOT NULL,
  stored_at   INTEGER NOT NULL,
  tags        TEXT    NOT NULL DEFAULT '[]',
  title       TEXT    NOT NULL DEFAULT '',
  body        TEXT    NOT NULL,
  passages    TEXT,
  tools       TEXT    NOT NULL DEFAULT '',
  detail      TEXT
) STRICT;

CREATE INDEX document_by_project ON document (project_key, at DESC);
CREATE INDEX document_by_session ON document (session_id, at);
CREATE INDEX document_by_kind ON document (kind, at DESC);

-- Which message is told by which document: a copied row (fork, resume) is known by its uuid.
CREATE TABLE message (
  uuid           TEXT    PRIMARY KEY,
  document_rowid INTEGER NOT NULL REFERENCES document (rowid) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX message_by_document ON message (document_rowid);

-- Files that tool calls named, for search by file.
CREATE TABLE document_file (
  document_rowid INTEGER NOT NULL REFERENCES document (rowid) ON DELETE CASCADE,
  path           TEXT    NOT NULL,
  action         TEXT    NOT NULL,
  PRIMARY KEY (document_rowid, path, action)
) STRICT, WITHOUT ROWID;

CREATE INDEX document_file_by_path ON document_file (path);

-- Contentless: the text lives once, in `document`. The indexed text is not the stored text:
-- it also holds the parts of identifiers and pairs of CJK characters (search/terms.ts),
-- which is why the store writes it and no trigger does.
CREATE VIRTUAL TABLE document_fts USING fts5 (
  title, body, tools, parts,
  content = '', contentless_delete = 1, tokenize = 'porter unicode61'
);
CREATE VIRTUAL TABLE document_term USING fts5vocab (document_fts, 'row');

-- Result sets of paged searches, so that later writes neither shift nor repeat a page.
-- `hits` is packed: see search/page.ts.
CREATE TABLE result_set (
  id         TEXT    PRIMARY KEY,
  created_at INTEGER NOT NULL,
  query      TEXT    NOT NULL,
  hits       TEXT    NOT NULL
) STRICT;
