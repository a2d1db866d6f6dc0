-- What documents hold besides words: blocks of code, and errors by their signature.
-- Derived: search/derive.ts fills it bit by bit from the queue, the newest documents first.

-- `source` is `fence` (then `start` and `stop` are in the body), `edit` or `write` (then `place` is
-- the tool call and the block its input). `kinds` and `names` are lists between blanks.
CREATE TABLE code_block (
  rowid          INTEGER PRIMARY KEY,
  document_rowid INTEGER NOT NULL REFERENCES document (rowid) ON DELETE CASCADE,
  source         TEXT    NOT NULL,
  place          INTEGER NOT NULL,
  start          INTEGER NOT NULL,
  stop           INTEGER NOT NULL,
  language       TEXT    NOT NULL,
  kinds          TEXT    NOT NULL,
  names          TEXT    NOT NULL
) STRICT;

CREATE INDEX code_block_by_document ON code_block (document_rowid);
CREATE INDEX code_block_by_language ON code_block (language);

CREATE VIRTUAL TABLE code_fts USING fts5 (
  names, code, parts, content = '', contentless_delete = 1, tokenize = 'porter unicode61'
);
CREATE VIRTUAL TABLE code_term USING fts5vocab (code_fts, 'row');
CREATE TRIGGER code_block_gone AFTER DELETE ON code_block BEGIN
  DELETE FROM code_fts WHERE rowid = old.rowid;
END;

-- `type` and `message` as in search/error-signature.ts; the line itself is only indexed.
CREATE TABLE document_error (
  rowid          INTEGER PRIMARY KEY,
  document_rowid INTEGER NOT NULL REFERENCES document (rowid) ON DELETE CASCADE,
  type           TEXT    NOT NULL,
  message        TEXT    NOT NULL
) STRICT;

CREATE INDEX document_error_by_document ON document_error (document_rowid);
CREATE INDEX document_error_by_message ON document_error (message);
CREATE INDEX document_error_by_type ON document_error (type COLLATE NOCASE);

CREATE VIRTUAL TABLE error_fts USING fts5 (
  line, parts, content = '', contentless_delete = 1, tokenize = 'porter unicode61'
);
CREATE VIRTUAL TABLE error_term USING fts5vocab (error_fts, 'row');
CREATE TRIGGER document_error_gone AFTER DELETE ON document_error BEGIN
  DELETE FROM error_fts WHERE rowid = old.rowid;
END;

-- Documents still to be gone through: reading transcripts is not to wait for it.
CREATE TABLE derive_queue (
  document_rowid INTEGER PRIMARY KEY REFERENCES document (rowid) ON DELETE CASCADE
) STRICT;
INSERT INTO derive_queue (document_rowid) SELECT rowid FROM document;
