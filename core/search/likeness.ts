import type { Filter } from "./filter.ts";

/** A document's chunk that is most like a text: its cosine, and where it begins in the body. */
export interface Alike {
  readonly similarity: number;
  readonly start: number;
}

/** The documents most like a text, the best first, by rowid; undefined without a model. */
export type Likeness = (
  text: string,
  options: { readonly limit: number; readonly filter?: Filter },
) => Promise<ReadonlyMap<number, Alike> | undefined>;

/** What is most like a query. */
export interface Near {
  readonly byRowid: ReadonlyMap<number, Alike>;
  /** The most that any other document's cosine can be; missing where all are told of. */
  readonly rest?: number;
}

/** What is like a query; with a note where there is a model, but no answer of it. */
export interface Likest {
  readonly near?: Near;
  readonly note?: string;
}

/** So many documents are asked for: more than are read, so that of most matches it is known. */
const MOST_LIKE = 300;

/** Longest wait for a model, in milliseconds: its thread starts in a third of a second. */
const PATIENCE_MS = 2_000;

/** Characters of a query that its vector is made of: the model reads some 250 words. */
const QUERY_CHARS = 2_000;

/** Asks for what is most like `text`, and waits for the answer no longer than is bearable. */
export async function likest(
  likeness: Likeness,
  { text, filter }: { readonly text: string; readonly filter: Filter },
  patienceMs: number = PATIENCE_MS,
): Promise<Likest> {
  const { promise: late, resolve } = Promise.withResolvers<Likest>();
  const note = "the model did not answer in time: found by words alone";
  const timer = setTimeout(() => resolve({ note }), patienceMs);
  const asked = likeness(text.slice(0, QUERY_CHARS), { limit: MOST_LIKE, filter });
  try {
    return await Promise.race([asked.then(nearOf), late]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { note: `the model failed (${why.slice(0, 100)}): found by words alone` };
  } finally {
    clearTimeout(timer);
  }
}

/** Nothing where no document has a vector: words alone are all there is. */
function nearOf(found: ReadonlyMap<number, Alike> | undefined): Likest {
  if (!found || found.size === 0) return {};
  if (found.size < MOST_LIKE) return { near: { byRowid: found } };
  const rest = Math.min(...[...found.values()].map(({ similarity }) => similarity));
  return { near: { byRowid: found, rest } };
}
