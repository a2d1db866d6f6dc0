-- Which rules on pausing and ignoring left exchanges of a file out, as a hash: when they are no longer
-- the same, the file is read again.
ALTER TABLE transcript_file ADD COLUMN left_out TEXT;

-- The latest transcript of a project, wherever it lies.
CREATE INDEX transcript_file_by_project ON transcript_file (project_key, modified_at);

-- Whose project the head of a file names that was not read, so that it is looked at once. As a hash:
-- nothing is kept of a project that is left alone. Without one the file had `size` bytes and no folder.
CREATE TABLE transcript_head (
  path_hash    TEXT    PRIMARY KEY,
  project_hash TEXT,
  size         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
