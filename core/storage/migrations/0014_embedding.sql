-- Vectors of documents' chunks. Truth: `embedding`; the rest says what is missing and where to look.
CREATE TABLE embedding_model (
  id   INTEGER PRIMARY KEY,
  name TEXT    NOT NULL UNIQUE
) STRICT;

-- `range_start` and `range_end`: the chunk's place in the body, in UTF-16 units.
-- `vector`: see storage/vector-code.ts. An id is never given twice, so that packs can rely on it.
CREATE TABLE embedding (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  document_rowid INTEGER NOT NULL REFERENCES document (rowid) ON DELETE CASCADE,
  model_id       INTEGER NOT NULL REFERENCES embedding_model (id),
  chunk          INTEGER NOT NULL,
  range_start    INTEGER NOT NULL,
  range_end      INTEGER NOT NULL,
  vector         BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX embedding_by_document ON embedding (document_rowid, model_id, chunk);

-- Documents that wait for their vectors, and who is at work on them until when (epoch ms).
CREATE TABLE embedding_due (
  document_rowid INTEGER PRIMARY KEY REFERENCES document (rowid) ON DELETE CASCADE,
  at             INTEGER NOT NULL,
  claimed_by     TEXT    NOT NULL DEFAULT '',
  claimed_until  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX embedding_due_by_time ON embedding_due (at DESC, claimed_until);
CREATE INDEX embedding_due_claimed ON embedding_due (claimed_by) WHERE claimed_until > 0;

-- Ids go by blocks of 1,024. A block's revision changes with everything that its pack tells:
-- what a process holds of it, or what lies in `embedding_pack`, is good while the revision is.
CREATE TABLE embedding_block (
  block    INTEGER PRIMARY KEY,
  revision INTEGER NOT NULL
) STRICT;

-- Derived: see storage/vector-pack.ts.
CREATE TABLE embedding_pack (
  block    INTEGER PRIMARY KEY REFERENCES embedding_block (block) ON DELETE CASCADE,
  revision INTEGER NOT NULL,
  model_id INTEGER NOT NULL,
  packed   BLOB    NOT NULL
) STRICT;

CREATE TRIGGER embedding_insert AFTER INSERT ON embedding BEGIN
  -- Far from what a block of this number had if it was emptied away: ids only grow.
  INSERT INTO embedding_block (block, revision) VALUES (new.id >> 10, new.id << 20)
  ON CONFLICT (block) DO UPDATE SET revision = revision + 1;
END;

CREATE TRIGGER embedding_update AFTER UPDATE ON embedding BEGIN
  UPDATE embedding_block SET revision = revision + 1 WHERE block = new.id >> 10;
END;

CREATE TRIGGER embedding_delete AFTER DELETE ON embedding BEGIN
  UPDATE embedding_block SET revision = revision + 1 WHERE block = old.id >> 10;
  -- Nothing of a vector that was forgotten stays.
  DELETE FROM embedding_pack WHERE block = old.id >> 10;
END;

-- New documents are put into the queue by the store: a trigger on their insert would have the text
-- index flushed for each of them.

-- Vectors of a text that has changed say nothing.
CREATE TRIGGER document_changed AFTER UPDATE OF body ON document
WHEN old.body IS NOT new.body BEGIN
  DELETE FROM embedding WHERE document_rowid = new.rowid;
  INSERT INTO embedding_due (document_rowid, at) VALUES (new.rowid, new.at)
  ON CONFLICT (document_rowid) DO UPDATE SET at = excluded.at, claimed_by = '', claimed_until = 0;
END;

-- Packs tell these of a document too.
CREATE TRIGGER document_moved AFTER UPDATE OF project_key, kind, at ON document
WHEN old.project_key IS NOT new.project_key OR old.kind IS NOT new.kind OR old.at IS NOT new.at BEGIN
  UPDATE embedding_block SET revision = revision + 1
  WHERE block IN (SELECT id >> 10 FROM embedding WHERE document_rowid = new.rowid);
END;

INSERT INTO embedding_due (document_rowid, at) SELECT rowid, at FROM document;
