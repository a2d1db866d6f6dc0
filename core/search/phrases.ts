import { truncate } from "../kernel/text.ts";
import type { Query } from "./query.ts";
import { HAS_CJK, matchExpression, queryTerms, wordsOf } from "./terms.ts";

/** Reads which documents match an FTS5 expression. */
type Holding = (match: string) => Iterable<number>;

/**
 * The documents that hold every phrase that stands in quotes, and the phrases; undefined where none
 * is asked for. An error that was pasted in is full of quotes, and asks for none.
 */
export function holdingPhrases(
  { phrases, errors }: Pick<Query, "phrases" | "errors">,
  holding: Holding,
): { readonly rowids: number[]; readonly said: string } | undefined {
  const asked = phrases.filter((phrase) => wordsOf(phrase).length > 0);
  if (asked.length === 0 || errors.length > 0) return undefined;
  const rowids = [...holding(asked.map(expressionOf).join(" AND "))];
  return { rowids, said: asked.map((phrase) => `"${truncate(phrase, 60)}"`).join(" and ") };
}

/**
 * FTS5 expression of a phrase: its words one behind the other. Of scripts without spaces it asks for
 * the pairs of characters, which the index holds for parts of a run.
 */
function expressionOf(phrase: string): string {
  const [whole, ...parts] = queryTerms(`"${phrase}"`);
  const needed = HAS_CJK.test(phrase) && parts.length > 0 ? parts : whole ? [whole] : [];
  return `(${needed.map((term) => `(${matchExpression([term])})`).join(" AND ")})`;
}
