-- What a cursor belongs to, and how much is kept for cursors: see search/page.ts.
-- What was kept before says nothing of it.
DELETE FROM result_set;

-- The tool that was asked, and what for: JSON of checksums, null where the question is forgotten.
ALTER TABLE result_set ADD COLUMN tool TEXT NOT NULL DEFAULT '';
ALTER TABLE result_set ADD COLUMN asked TEXT;
ALTER TABLE result_set ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;

CREATE INDEX result_set_by_time ON result_set (created_at, bytes);
