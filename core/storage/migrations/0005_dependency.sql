-- Which project depends on which. `origin` is `manifest` when it was read from one, `declared`
-- when a person said so: a manifest that no longer names it takes only its own word back.
CREATE TABLE project_dependency (
  source_key TEXT    NOT NULL,
  target_key TEXT    NOT NULL,
  type       TEXT    NOT NULL,
  origin     TEXT    NOT NULL,
  added_at   INTEGER NOT NULL,
  PRIMARY KEY (source_key, target_key, type)
) STRICT, WITHOUT ROWID;

CREATE INDEX project_dependency_by_target ON project_dependency (target_key);
