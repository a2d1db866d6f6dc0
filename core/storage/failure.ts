import { SbError } from "../kernel/errors.ts";

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
  {
    code: /^SQLITE_(CORRUPT|NOTADB)/,
    as: "corrupt",
    text: "the database is damaged",
    hint: "move the file away and run sb ingest --all to rebuild it from the transcripts",
  },
];

/** A failure of SQLite or of the disk as an `SbError`; anything else comes back as it is. */
export function storageFailure(error: unknown, path?: string): unknown {
  if (error instanceof SbError || !(error instanceof Error)) return error;
  const code = String((error as { code?: unknown }).code ?? "");
  // A folder that cannot be made, as below /proc; elsewhere ENOENT is for the caller to understand.
  const cannotBe = path && code === "ENOENT" ? MEANINGS[3] : undefined;
  const meaning = MEANINGS.find((entry) => entry.code.test(code)) ?? diskMeaning(code) ?? cannotBe;
  if (!meaning) return error;
  const where = path ? `: ${path}` : "";
  return new SbError(meaning.as, `${meaning.text}${where}`, { hint: meaning.hint, cause: error });
}

function diskMeaning(code: string) {
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EIO") return MEANINGS[2];
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return MEANINGS[1];
  if (code === "ENOTDIR" || code === "EEXIST" || code === "ELOOP") return MEANINGS[3];
  return undefined;
}
