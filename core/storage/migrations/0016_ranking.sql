-- What ranking asks of each match, and which exchanges stand beside one, without reading the texts.
CREATE INDEX document_fact ON document (rowid, kind, project_key, session_id, agent_id, at, hash);

DROP INDEX document_by_session;
CREATE INDEX document_by_session ON document (session_id, at, rowid, kind, agent_id);
