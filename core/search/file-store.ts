import type { Database } from "bun:sqlite";

/** The last part of a path in lower case: as the index `document_file_by_name` spells it. */
const NAME =
  "lower(replace(replace(path, '\\', '/'), rtrim(replace(path, '\\', '/'), replace(replace(path, '\\', '/'), '/', '')), ''))";

/** How an exchange touched a file. */
export interface FileTouch {
  readonly path: string;
  readonly action: string;
  readonly times: number;
}

/** A document that touched a file. */
export interface FileRow extends FileTouch {
  readonly rowid: number;
}

export type FileStore = ReturnType<typeof fileStore>;

/** All SQL on `document_file` but its filling, which goes with the document. */
export function fileStore(db: Database) {
  return {
    /** Every path whose last part is `name`, in lower case. */
    pathsNamed(name: string): string[] {
      return db
        .query<{ path: string }, [string, string]>(
          `SELECT DISTINCT path FROM document_file WHERE ${NAME} IN (?, ?)`,
        )
        .all(name.normalize("NFC"), name.normalize("NFD"))
        .map(({ path }) => path);
    },

    /** Every path there is, once. */
    paths(): string[] {
      return db
        .query<{ path: string }, []>("SELECT DISTINCT path FROM document_file")
        .all()
        .map(({ path }) => path);
    },

    /** Which documents touched any of `paths`. */
    touching(paths: readonly string[]): FileRow[] {
      return db
        .query<FileRow, [string]>(
          `SELECT document_rowid AS rowid, path, action, times FROM document_file
           WHERE path IN (SELECT value FROM json_each(?))`,
        )
        .all(JSON.stringify(paths));
    },

    /** What one document touched. */
    touchedBy(rowid: number): FileTouch[] {
      return db
        .query<FileTouch, [number]>(
          "SELECT path, action, times FROM document_file WHERE document_rowid = ? ORDER BY path, action",
        )
        .all(rowid);
    },

    /** Paths whose last part begins with `start`, in lower case, with how many documents touched them. */
    pathsBeginning(start: string, limit: number): { path: string; rowids: number[] }[] {
      return db
        .query<{ path: string; rowids: string }, [string, string, number]>(
          `SELECT path, json_group_array(DISTINCT document_rowid) AS rowids FROM document_file
           WHERE ${NAME} >= ? AND ${NAME} < ? GROUP BY path ORDER BY count(*) DESC LIMIT ?`,
        )
        .all(start, `${start}\u{10ffff}`, limit)
        .map(({ path, rowids }) => ({ path, rowids: JSON.parse(rowids) as number[] }));
    },
  };
}
