import type { Filter } from "./filter.ts";

/** A document's chunk that is most like a text: its cosine, and where it begins in the body. */
export interface Alike {
  readonly similarity: number;
  readonly start: number;
}

/** What is most like a text, the best first, by rowid, and how like it others are. */
export interface Near {
  readonly found: ReadonlyMap<number, Alike>;
  /** There were vectors, and none can be compared any more. */
  readonly isLost?: boolean;
  /** Those of `rowids` that can be compared. */
  readonly of: (rowids: readonly number[]) => ReadonlyMap<number, Alike>;
}

/** Asks what is like a text; undefined without a model. */
export type Likeness = (
  text: string,
  options: { readonly limit: number; readonly filter?: Filter },
) => Promise<Near | undefined>;

/** What is like a query; with a note where there is a model, but no answer of it. */
export interface Likest {
  readonly near?: Near;
  readonly note?: string;
}

/** So many documents are asked for: as many as are read of those that no word finds. */
const MOST_LIKE = 48;

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

/** Nothing where no document has a vector yet: words alone are all there is. */
function nearOf(near: Near | undefined): Likest {
  if (near?.isLost) return { note: LOST };
  return near && near.found.size > 0 ? { near } : {};
}

const LOST =
  "no memory has a sound vector of the model (sb ingest --all --embed makes them): found by words alone";
