import type { Database } from "bun:sqlite";
import { SbError } from "../kernel/errors.ts";
import { INDEX_HINT } from "../storage/failure.ts";
import { errorsOf, type Source, textOfBlock } from "./derive.ts";
import { hiddenWords, WORD } from "./terms.ts";

/** Rows of an index that are looked up: evenly from the oldest to the newest. */
const SAMPLES = 64;

/** Words that are looked up of each. */
const WORDS = 4;

/** Characters of a text that words are taken from. */
const TEXT_CHARS = 4_000;

/**
 * Words of which the tokenizer of the index and ours are sure to agree where they begin and end: it
 * knows the letters of an older Unicode.
 */
const SURE = /^(?:[A-Za-z0-9]{2,40}|[А-Яа-я]{2,40}|[぀-ヿ一-鿿가-힣]{2})$/;

/** A text index, and what it is made from. */
interface TextIndex {
  readonly table: "document_fts" | "code_fts" | "error_fts";
  /** What it is an index of, and what of that it holds. */
  readonly of: string;
  readonly rows: string;
  readonly what: string;
  /** A text by whose words the row must be found; empty where that cannot be told. */
  textOf(db: Database, rowid: number): string;
}

const WORDS_INDEX: TextIndex = {
  ...{ table: "document_fts", of: "words", rows: "document", what: "memories" },
  textOf: (db, rowid) => textAt(db, rowid) ?? "",
};

/** What is made from the documents again where it is damaged: see derive.ts. */
const DERIVED: readonly TextIndex[] = [
  {
    ...{ table: "code_fts", of: "code", rows: "code_block", what: "blocks of code" },
    textOf(db, rowid) {
      const block = db
        .query<{ document_rowid: number } & Parameters<typeof textOfBlock>[1], [number]>(
          "SELECT document_rowid, source, place, start, stop FROM code_block WHERE rowid = ?",
        )
        .get(rowid);
      const source = block && sourceAt(db, block.document_rowid);
      return source ? textOfBlock(source, block) : "";
    },
  },
  {
    ...{ table: "error_fts", of: "errors", rows: "document_error", what: "errors" },
    textOf(db, rowid) {
      const kept = db
        .query<{ document_rowid: number; type: string; message: string }, [number]>(
          "SELECT document_rowid, type, message FROM document_error WHERE rowid = ?",
        )
        .get(rowid);
      const source = kept && sourceAt(db, kept.document_rowid);
      const told = (source ? errorsOf(source) : []).find(
        ({ type = "", message }) => type === kept?.type && message === kept.message,
      );
      return told?.line ?? "";
    },
  },
];

/** The beginning of what was said in a document. */
function textAt(db: Database, rowid: number): string | undefined {
  const sql = `SELECT substr(title || ' ' || body, 1, ${TEXT_CHARS}) AS text FROM document
    WHERE rowid = ?`;
  return db.query<{ text: string }, [number]>(sql).get(rowid)?.text;
}

function sourceAt(db: Database, rowid: number): Source | undefined {
  const row = db
    .query<{ body: string; detail: string | null }, [number]>(
      "SELECT body, detail FROM document WHERE rowid = ?",
    )
    .get(rowid);
  return row
    ? { body: row.body, detail: row.detail ? JSON.parse(row.detail) : undefined }
    : undefined;
}

/** Some words of `text`, from its beginning to its end. */
function wordsToProve(text: string): string[] {
  // The last word may be cut off, and what stands behind a zero byte is not said to SQLite.
  const said = text
    .slice(0, TEXT_CHARS)
    .replace(/(?:\0.*|\S+)$/su, text.length < TEXT_CHARS ? "$&" : "");
  const words = [...(said.match(WORD) ?? []), ...hiddenWords(said).split(" ")];
  const sure = [...new Set(words.filter((word) => SURE.test(word)))];
  return evenly(sure.length, WORDS).map((place) => sure[place] ?? "");
}

/** Up to `most` places of `count`, the first and the last among them. */
function evenly(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, place) => place);
  return Array.from({ length: most }, (_, n) => Math.round((n * (count - 1)) / (most - 1)));
}

/** Which of the words of `rowid` that are looked up find it. */
function lookedUp(db: Database, { table, textOf }: TextIndex, rowid: number): boolean[] {
  const holds = db.query<unknown, [string, number]>(
    `SELECT 1 FROM ${table} WHERE ${table} MATCH ? AND rowid = ?`,
  );
  return wordsToProve(textOf(db, rowid)).map((word) => holds.get(`"${word}"`, rowid) !== null);
}

/** Rows of an index from the oldest to the newest. */
function samples(db: Database, { rows }: TextIndex): number[] {
  const ends = db
    .query<{ low: number | null; high: number | null }, []>(
      `SELECT (SELECT min(rowid) FROM ${rows}) AS low, (SELECT max(rowid) FROM ${rows}) AS high`,
    )
    .get();
  if (ends?.low == null || ends.high == null) return [];
  const { low, high } = ends;
  const from = db.query<{ rowid: number }, [number]>(
    `SELECT rowid FROM ${rows} WHERE rowid >= ? ORDER BY rowid LIMIT 1`,
  );
  const places = evenly(high - low + 1, SAMPLES);
  return [...new Set(places.flatMap((place) => from.get(low + place)?.rowid ?? []))];
}

/** What is wrong with one index; undefined where it is sound, whole, and found by its words. */
function problemOf(db: Database, index: TextIndex): string | undefined {
  const { table, of, rows, what } = index;
  const number = (sql: string) => db.query<{ n: number }, []>(sql).get()?.n ?? 0;
  try {
    db.run(`INSERT INTO ${table} (${table}) VALUES ('integrity-check')`);
    const all = number(`SELECT count(*) AS n FROM ${rows}`);
    const indexed = number(`SELECT count(*) AS n FROM ${table}_docsize`);
    if (all !== indexed) return `${all} ${what}, ${indexed} of them in the index of ${of}`;
    const looked = samples(db, index).map((rowid) => lookedUp(db, index, rowid));
    const lost = looked.filter((found) => found.includes(false)).length;
    if (lost === 0) return undefined;
    return `the index of ${of} is damaged: ${lost} of ${looked.length} ${what} are not found by their words`;
  } catch (error) {
    if (!String((error as { code?: unknown }).code).startsWith("SQLITE_CORRUPT")) throw error;
    return `the index of ${of} is damaged: ${error instanceof Error ? error.message : error}`;
  }
}

/** What is wrong with the text indexes. */
export interface IndexProblems {
  /** Of the index that every search reads. */
  readonly words?: string;
  /** Of those of code and of errors. */
  readonly derived?: string;
}

/**
 * Looks whether the text indexes are sound and hold everything, and looks words of some documents up
 * in them: SQLite calls an index sound that has lost all it held.
 * @throws what SQLite says where it cannot be looked at: that takes a store that can be written.
 */
export function indexProblems(db: Database): IndexProblems {
  const words = problemOf(db, WORDS_INDEX);
  const derived = DERIVED.flatMap((index) => problemOf(db, index) ?? []).join("; ");
  return { ...(words ? { words } : {}), ...(derived ? { derived } : {}) };
}

/**
 * Looks whether the oldest and the newest document are found by any of their words: a short look, for
 * where a search finds nothing. An index that has lost its pages says the same of everything.
 * @throws SbError `corrupt` where one is not.
 */
export function refuseDeadIndex(db: Database): void {
  const ends = db.query<{ rowid: number | null }, []>(
    "SELECT min(rowid) AS rowid FROM document UNION SELECT max(rowid) FROM document",
  );
  // One moment of the store: another process may forget one of them in between.
  const isAlive = db.transaction(() =>
    ends.all().every(({ rowid }) => {
      const found = rowid === null ? [] : lookedUp(db, WORDS_INDEX, rowid);
      return found.length === 0 || found.includes(true);
    }),
  )();
  if (isAlive) return;
  throw new SbError("corrupt", "the index of words has lost what it held", { hint: INDEX_HINT });
}
