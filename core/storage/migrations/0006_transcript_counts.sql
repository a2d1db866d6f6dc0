-- Status sums these over every file: from this index alone, a twentieth of the table's pages.
CREATE INDEX transcript_file_counts ON transcript_file (read_at, rows, bad_rows, unknown_rows);
