-- Fixes are documents, found by the signature of the error that they mended: see error/store.ts.
CREATE INDEX document_fix ON document (json_extract(detail, '$.signature'), at DESC)
  WHERE kind = 'fix';
