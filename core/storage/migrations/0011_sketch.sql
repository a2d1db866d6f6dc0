-- Sketches of documents, by which near duplicates are found: see search/sketch.ts.
-- Made when somebody asks; a document that changes loses its own.
CREATE TABLE document_sketch (
  document_rowid INTEGER PRIMARY KEY REFERENCES document (rowid) ON DELETE CASCADE,
  sketch         BLOB    NOT NULL
) STRICT;
CREATE TRIGGER document_sketch_stale AFTER UPDATE OF hash ON document BEGIN
  DELETE FROM document_sketch WHERE document_rowid = old.rowid;
END;
