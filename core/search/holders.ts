import type { Database } from "bun:sqlite";
import type { Postings } from "../storage/doclist.ts";
import { postings } from "../storage/postings.ts";
import { numbersIn, toldApart } from "./row-lists.ts";
import { matchExpression, stem, type Term } from "./terms.ts";

/** The documents that hold a term, each once. */
export interface Holders {
  /** Where it was said, in no order. */
  readonly said: Uint32Array;
  /** Where it stands in what tools were given and gave back, and not in what was said, ascending. */
  readonly inTools: Uint32Array;
}

/** Columns of what was said; the others are what tools were given and gave back. */
const SAID = "{title body parts}";
const TOOLS_COLUMN = 2;

const ASCII_WORD = /^[a-z0-9]+$/;

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
    // Beyond ASCII the index folds letters by a table of its own.
    if (more.length > 0 || prefix || !ASCII_WORD.test(word)) return undefined;
    const found: Postings[] = [];
    for (const spelt of new Set([word, ...forms].map(stem))) {
      const one = ofWord(spelt);
      if (!one) return undefined;
      if (one.others.length + one.apart.length > 0) found.push(one);
    }
    const [only, ...others] = found;
    if (!only) return undefined;
    if (others.length === 0) return { said: only.others, inTools: only.apart };
    return holdersIn(
      found.map(({ others }) => others),
      found.map(({ apart }) => apart),
    );
  }

  return {
    /** Which documents match an FTS5 expression, in order. */
    holding,

    /** Which documents hold `term`. */
    of(term: Term): Holders {
      const found = listed(term);
      if (found) return found;
      const match = matchExpression([term]);
      const all = holding(match);
      if (all.length === 0) return { said: all, inTools: all };
      return holdersIn([holding(`${SAID} : (${match})`)], [all]);
    },
  };
}

function holdersIn(said: readonly Uint32Array[], given: readonly Uint32Array[]): Holders {
  const { one, other } = toldApart(said, given);
  return { said: one, inTools: other };
}
