-- Recall by file and by time, and pages of more than one tool's results.
-- `times` is how often an exchange's tool calls touched the file in this way.
ALTER TABLE document_file ADD COLUMN times INTEGER NOT NULL DEFAULT 1;

-- By the last part of the path, in lower case, whichever slash parts it: see search/file-path.ts.
CREATE INDEX document_file_by_name ON document_file (
  lower(replace(replace(path, '\', '/'), rtrim(replace(path, '\', '/'), replace(replace(path, '\', '/'), '/', '')), ''))
);

CREATE INDEX document_by_time ON document (at DESC);

-- How the hits of a result set are shown, JSON: see search/view.ts.
ALTER TABLE result_set ADD COLUMN view TEXT;
