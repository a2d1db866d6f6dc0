import type { Database } from "bun:sqlite";
import { written } from "../storage/patience.ts";
import { actionOf } from "../transcript/tool.ts";
import { type CodeBlock, fencesIn, writtenBlock } from "./code.ts";
import { errorsIn, type FoundError } from "./error-signature.ts";
import type { KeptCall } from "./model.ts";
import { hiddenWords } from "./terms.ts";

/** Characters of a block that are indexed. */
const BLOCK_CHARS = 8_000;

/** Most errors of one document: a build that fails everywhere says the same again and again. */
const MOST_ERRORS = 20;

/** Documents gone through in one transaction: some ten milliseconds of work. */
const BATCH = 64;

/** What is looked at. */
export interface Source {
  readonly body: string;
  readonly detail?: unknown;
}

/** The tool calls of an exchange, as its detail keeps them. */
export function callsOf({ detail }: Source): readonly KeptCall[] {
  const { tools } = (detail ?? {}) as { tools?: readonly KeptCall[] };
  return Array.isArray(tools) ? tools : [];
}

/** The blocks of code in what was said and in what tools were given to write. */
export function codeOf(document: Source): CodeBlock[] {
  const blocks = fencesIn(document.body);
  callsOf(document).forEach(({ name, input, files }, place) => {
    const source = actionOf(name);
    if (!input || source === "read") return;
    blocks.push(writtenBlock(input, { source, place, path: files?.[0]?.path ?? "" }));
  });
  return blocks;
}

/** The text of a block in its document. */
export function textOfBlock(
  document: Source,
  block: Pick<CodeBlock, "source" | "place" | "start" | "stop">,
) {
  const whole = block.source === "fence" ? document.body : callsOf(document)[block.place]?.input;
  return (whole ?? "").slice(block.start, block.stop);
}

/** A text that may tell of errors, and the call that gave it back, if one did. */
interface ErrorText {
  readonly text: string;
  readonly call: KeptCall | undefined;
}

/** The texts that may tell of errors: what commands gave back, every failure, and what was said. */
export function* errorTexts(document: Source): Generator<ErrorText> {
  for (const call of callsOf(document)) {
    const { output, failed, command } = call;
    // What a reading tool gave back is somebody's code, not what happened.
    if (output && (failed || command)) yield { text: output, call };
  }
  yield { text: document.body, call: undefined };
}

/** The errors that a document tells, each signature once. */
export function errorsOf(document: Source): FoundError[] {
  const found = new Map<string, FoundError>();
  for (const { text } of errorTexts(document)) {
    for (const error of errorsIn(text)) {
      if (found.size < MOST_ERRORS && !found.has(error.signature))
        found.set(error.signature, error);
    }
  }
  return [...found.values()];
}

interface WaitingRow {
  rowid: number;
  body: string;
  detail: string | null;
}

/** All SQL that fills `code_block` and `document_error`, and on the queue of what waits for it. */
export function deriver(db: Database) {
  const addBlock = db.query<undefined, (string | number)[]>(
    `INSERT INTO code_block (document_rowid, source, place, start, stop, language, kinds, names)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const indexBlock = db.query<undefined, (string | number)[]>(
    "INSERT INTO code_fts (rowid, names, code, parts) VALUES (?, ?, ?, ?)",
  );
  const addError = db.query<undefined, [number, string, string]>(
    "INSERT INTO document_error (document_rowid, type, message) VALUES (?, ?, ?)",
  );
  const indexError = db.query<undefined, [number, string, string]>(
    "INSERT INTO error_fts (rowid, line, parts) VALUES (?, ?, ?)",
  );
  const clear = [
    db.query<undefined, [number]>("DELETE FROM code_block WHERE document_rowid = ?"),
    db.query<undefined, [number]>("DELETE FROM document_error WHERE document_rowid = ?"),
  ];
  const add = db.query<undefined, [number]>(
    "INSERT OR IGNORE INTO derive_queue (document_rowid) VALUES (?)",
  );
  const done = db.query<undefined, [number]>("DELETE FROM derive_queue WHERE document_rowid = ?");
  const count = db.query<{ n: number }, []>("SELECT count(*) AS n FROM derive_queue");
  const waiting =
    "SELECT d.rowid, d.body, d.detail FROM derive_queue q JOIN document d ON d.rowid = q.document_rowid";
  const newest = db.query<WaitingRow, [number]>(
    `${waiting} ORDER BY q.document_rowid DESC LIMIT ?`,
  );
  const named = db.query<WaitingRow, [string]>(
    `${waiting} WHERE q.document_rowid IN (SELECT value FROM json_each(?))`,
  );

  /** Writes what `document` holds, in place of what was known of it. */
  function put(rowid: number, document: Source): void {
    for (const statement of clear) statement.run(rowid);
    for (const block of codeOf(document)) {
      const { source, place, start, stop, language, kinds, names } = block;
      const list = (words: readonly string[]) => ` ${words.join(" ")} `;
      const values = [source, place, start, stop, language, list(kinds), list(names)];
      const { lastInsertRowid } = addBlock.run(rowid, ...values);
      const code = textOfBlock(document, block).slice(0, BLOCK_CHARS);
      indexBlock.run(Number(lastInsertRowid), names.join(" "), code, hiddenWords(code));
    }
    for (const { type = "", message, line } of errorsOf(document)) {
      const { lastInsertRowid } = addError.run(rowid, type, message);
      indexError.run(Number(lastInsertRowid), line, hiddenWords(line));
    }
  }

  function take(rows: readonly WaitingRow[]): void {
    for (const { rowid, body, detail } of rows) {
      const document = { body, detail: detail ? JSON.parse(detail) : undefined };
      put(rowid, document);
      renameActions(rowid, callsOf(document));
      done.run(rowid);
    }
  }

  /** An edit was kept as `write` once: the tool's name says which it was. */
  function renameActions(rowid: number, calls: readonly KeptCall[]): void {
    for (const { name, files = [] } of calls) {
      if (actionOf(name) !== "edit") continue;
      for (const { path, action } of files) {
        if (action !== "write") continue;
        db.query<undefined, [number, string]>(
          `UPDATE OR IGNORE document_file SET action = 'edit'
           WHERE document_rowid = ? AND path = ? AND action = 'write'`,
        ).run(rowid, path);
      }
    }
  }

  return {
    /** Notes that the document at `rowid` is new or another than before. */
    enqueue: (rowid: number): void => void add.run(rowid),

    /** Drops all that was made, with its indexes, and has every document gone through again. */
    anew(): void {
      for (const index of ["code_fts", "error_fts"]) {
        db.run(`INSERT INTO ${index} (${index}) VALUES ('delete-all')`); // else nothing can be deleted
      }
      db.run("DELETE FROM code_block");
      db.run("DELETE FROM document_error");
      db.run("INSERT OR IGNORE INTO derive_queue (document_rowid) SELECT rowid FROM document");
    },

    /**
     * Goes through what waits for about `budgetMs`, at least one batch, the newest first. Where more
     * than a batch waits, those of `first` (rowids) come before. Each batch has a transaction of its
     * own: cut off anywhere, it goes on from there. A store that takes no write now is left.
     * @returns how many documents still wait.
     */
    catchUp(budgetMs: number, first: () => readonly number[] = () => []): number {
      const deadline = performance.now() + budgetMs;
      const stillWaiting = () => count.get()?.n ?? 0;
      let left = stillWaiting();
      if (budgetMs <= 0) return left;
      const wanted = left > BATCH ? first() : [];
      let goesOn = true;
      if (wanted.length > 0) {
        goesOn = written(db, () => take(named.all(JSON.stringify(wanted))));
        left = stillWaiting();
      }
      while (goesOn && left > 0) {
        goesOn = written(db, () => take(newest.all(BATCH))) && performance.now() < deadline;
        left = stillWaiting();
      }
      return left;
    },
  };
}
