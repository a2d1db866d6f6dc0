-- What a person wants to be reminded of. Times are epoch milliseconds UTC.
-- `anchor` is the first time it was due and `rule` how it comes again (reminder/recurrence.ts): each
-- time is reckoned from the two, so that none drifts. `told_*`: the last time it was told, and in
-- which conversation; one that does not come again is done with that.
CREATE TABLE reminder (
  id          TEXT    PRIMARY KEY,
  project_key TEXT,
  title       TEXT    NOT NULL,
  description TEXT    NOT NULL,
  said        TEXT    NOT NULL,
  anchor      INTEGER NOT NULL,
  rule        TEXT,
  due_at      INTEGER NOT NULL,
  state       TEXT    NOT NULL,
  created_at  INTEGER NOT NULL,
  told_in     TEXT,
  told_due    INTEGER,
  told_at     INTEGER
) STRICT;

CREATE INDEX reminder_by_due ON reminder (state, due_at);
CREATE INDEX reminder_by_telling ON reminder (told_in) WHERE told_in IS NOT NULL;
