import type { Database } from "bun:sqlite";
import { postings } from "../storage/postings.ts";
import { merged, numbersIn, without } from "./row-lists.ts";
import { matchExpression, stem, type Term } from "./terms.ts";

/** The documents that hold a term, each once, both lists ascending. */
export interface Holders {
  /** Where it was said. */
  readonly said: Uint32Array;
  /** Where it stands in what tools were given and gave back, and not in what was said. */
  readonly inTools: Uint32Array;
}

/** Columns of what was said, and of what tools were given and gave back. */
const SAID = "{title body parts}";
const TOOLS = "{tools}";
const TOOLS_COLUMN = 2;

/** Tells which documents hold a term, by the text index. */
export function termHolders(db: Database) {
  const ofWord = postings(db, "document_fts", TOOLS_COLUMN);
  // In one text: tens of thousands of rows take twice as long, and leave as many arrays behind.
  const matching = db.query<{ rowids: string | null; count: number }, [string]>(
    "SELECT group_concat(rowid) AS rowids, count(*) AS count FROM document_fts WHERE document_fts MATCH ?",
  );

  function holding(match: string): Uint32Array {
    const found = matching.get(match);
    return numbersIn(found?.rowids ?? "", found?.count ?? 0);
  }

  /** The lists of a word in all its forms, as they lie in the index; undefined where that tells none. */
  function listed({ words: [word = "", ...more], prefix, forms = [] }: Term): Holders | undefined {
    if (more.length > 0 || prefix) return undefined;
    let said: Uint32Array = NONE;
    let given: Uint32Array = NONE;
    for (const spelt of new Set([word, ...forms].map(stem))) {
      const found = ofWord(spelt);
      if (!found) return undefined;
      said = merged(said, found.others);
      given = merged(given, found.apart);
    }
    if (said.length + given.length === 0) return undefined;
    return { said, inTools: forms.length > 0 ? without(given, said) : given };
  }

  return {
    /** Which documents match an FTS5 expression, in order. */
    holding,

    /** Which documents hold `term`. */
    of(term: Term): Holders {
      const found = listed(term);
      if (found) return found;
      const match = matchExpression([term]);
      const said = holding(`${SAID} : (${match})`);
      return { said, inTools: without(holding(`${TOOLS} : (${match})`), said) };
    },
  };
}

const NONE = new Uint32Array(0);
