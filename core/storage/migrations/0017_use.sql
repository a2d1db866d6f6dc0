-- How often somebody opened a document by its id: what was of use before is likely to be so again.
CREATE TABLE document_use (
  document_rowid INTEGER PRIMARY KEY REFERENCES document (rowid) ON DELETE CASCADE,
  opened         INTEGER NOT NULL
) STRICT;
