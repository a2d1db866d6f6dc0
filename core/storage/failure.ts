import { statSync } from "node:fs";
import { SbError } from "../kernel/errors.ts";

/** What mends a text index: all of it is made from the documents. */
export const INDEX_HINT = "sb doctor --fix makes it anew from the memories: none is lost";

/** What SQLite's primary result codes mean to a person, and what to do. */
const MEANINGS: readonly {
  readonly code: RegExp;
  readonly as: "unavailable" | "corrupt";
  readonly text: string;
  readonly hint: string;
}[] = [
  {
    code: /^SQLITE_(BUSY|LOCKED)/,
    as: "unavailable",
    text: "the database is locked by another process",
    hint: "try again; end other sb processes if it stays so",
  },
  {
    code: /^SQLITE_READONLY/,
    as: "unavailable",
    text: "the database is read-only",
    hint: "make the data folder writable, or set SB_DATA_DIR",
  },
  {
    code: /^SQLITE_(FULL|IOERR)/,
    as: "unavailable",
    text: "the disk is full or failing",
    hint: "free some space, then run the command again: nothing stored is lost",
  },
  {
    code: /^SQLITE_(CANTOPEN|PERM|AUTH)/,
    as: "unavailable",
    text: "the database cannot be opened",
    hint: "check that the data folder is a folder that you may write in, or set SB_DATA_DIR",
  },
  // A virtual table: the text indexes are the only ones that are written.
  {
    code: /^SQLITE_CORRUPT_VTAB/,
    as: "corrupt",
    text: "the index of words is damaged",
    hint: INDEX_HINT,
  },
  {
    code: /^SQLITE_(CORRUPT|NOTADB)/,
    as: "corrupt",
    text: "the database is damaged",
    hint: "sb doctor --fix mends what can be mended without loss, and says what to do about the rest",
  },
];

/**
 * A failure of SQLite or of the disk as an `SbError`; anything else comes back as it is.
 * `database` is the file that was being opened: what the system refuses then is about it.
 */
export function storageFailure(error: unknown, database?: string): unknown {
  if (error instanceof SbError || !(error instanceof Error)) return error;
  const { code, path } = error as { code?: unknown; path?: unknown };
  const name = String(code ?? "");
  const known = MEANINGS.find((entry) => entry.code.test(name)) ?? diskMeaning(name, database);
  if (!known) return error;
  const meaning = database !== undefined && isFolder(database) ? A_FOLDER : known;
  const place = database ?? (name.startsWith("SQLITE_") ? undefined : path);
  const where = place === undefined ? "" : `: ${String(place)}`;
  return new SbError(meaning.as, `${meaning.text}${where}`, { hint: meaning.hint, cause: error });
}

type Meaning = Omit<(typeof MEANINGS)[number], "code">;

/** SQLite says of it that reading failed, as of a failing disk. */
const A_FOLDER: Meaning = {
  as: "unavailable",
  text: "a folder lies where the database should be",
  hint: "move the folder away, or set SB_DATA_DIR",
};

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

const NOT_PERMITTED: Meaning = {
  as: "unavailable",
  text: "the system does not permit it",
  hint: "check the permissions of the file and of its folder",
};

function diskMeaning(code: string, database?: string): Meaning | undefined {
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EIO") return MEANINGS[2];
  if (code === "EROFS" && database !== undefined) return MEANINGS[1];
  if (/^E(ACCES|PERM|ROFS)$/.test(code))
    return database === undefined ? NOT_PERMITTED : MEANINGS[3];
  // A folder that cannot be made: ENOENT comes below /proc. Elsewhere it is the caller's to understand.
  if (database !== undefined && /^E(NOTDIR|EXIST|LOOP|NOENT)$/.test(code)) return MEANINGS[3];
  return undefined;
}
