import { errorsIn, generalised } from "./error-signature.ts";
import type { ErrorFilter, ErrorStore } from "./error-store.ts";
import type { Filter } from "./filter.ts";
import type { FindDeps, Listing } from "./find.ts";
import { idealOf, rowsOf, type Weighed } from "./find-rank.ts";
import { readQuery } from "./query.ts";
import type { Found } from "./service.ts";
import { matchExpression, queryTerms, type Term } from "./terms.ts";

/** What the same error is worth, a match of an error's words, and one of words elsewhere. */
const SAME_WORTH = 20;
const LINE_WORTH = 0.9;
const WORDS_WORTH = 0.7;

/** Least that a line must be worth by its words: what shares but a common one with the query is another error. */
const LEAST_LINE = 0.1;

/** Least share of the words that a conversation about it must hold: one that all have is none. */
const LEAST_ABOUT = 0.15;

/** Nothing that holds so much of the words scores less: age, distance, kind and votes leave two thirds. */
const LEAST_SCORE = 0.6 * LEAST_ABOUT;

/** An exit code with its number, which a signature leaves out. */
const EXIT = /^exit(?:ed)?(?: with)?(?: code| status)? ?(\d+)$/i;

interface Request extends Listing {
  readonly query: string;
  readonly type?: string | undefined;
}

/**
 * Errors in what tools gave back, in prompts and in answers: the same signature first, whatever
 * paths, names and numbers it came with, then lines with its words, then conversations about it.
 */
export function searchByError(deps: FindDeps, request: Request) {
  const { ports, search, errors } = deps;
  const about = { query: request.query, project: request.project, minScore: LEAST_SCORE };
  let spoken: Found | undefined;
  const speaking = () => {
    spoken ??= search.find(about);
    return spoken;
  };
  const frame: { pending?: number } = search.catchUp(undefined, speaking);
  const query = readQuery(request.query, ports.clock.now());
  const given = search.filterOf({ project: request.project }, query);
  const { by, filter } = narrowed(errors, request.type, given);
  const terms = telling(queryTerms(query.text));
  const ideal = idealOf(errors, terms);
  const messages = messagesOf(query.text);
  const isListing = query.text.trim() === "" && by.type !== undefined;
  const asked = { messages, terms, ideal, by, filter, speaking };
  const found = isListing ? errors.any(by, filter) : gather(deps, asked);
  const rows = rowsOf(found, { ideal, from: search.standpoint(), isListing });
  const view = { by: "error" as const, messages, ...by };
  return search.firstPage({ query: query.text, rows, view }, { ...request, frame });
}

/** The type that is asked for; of an exit code the documents that tell of this number. */
function narrowed(errors: ErrorStore, type: string | undefined, filter: Filter) {
  const [, exitCode] = EXIT.exec(type ?? "") ?? [];
  if (exitCode === undefined) return { by: type === undefined ? {} : { type }, filter };
  const by = { type: "exit code" };
  return {
    by,
    filter: { ...filter, rowids: rowidsOf(errors.matching(`"${exitCode}"`, by, filter)) },
  };
}

interface Asked {
  readonly messages: readonly string[];
  readonly terms: readonly Term[];
  readonly ideal: number;
  readonly by: ErrorFilter;
  readonly filter: Filter;
  /** What the words of the query find; looked up once, however often it is asked for. */
  readonly speaking: () => Found;
}

/** Documents that tell of the error, each by its best reason, whose worth stands in `bm25`. */
function gather(deps: FindDeps, asked: Asked): Weighed[] {
  const { errors } = deps;
  const { messages, terms, ideal, by, filter } = asked;
  if (terms.length === 0) return [];
  const found = new Map<number, Weighed>();
  for (const one of errors.matching(matchExpression(terms), by, filter)) {
    const bm25 = one.bm25 * LINE_WORTH;
    if (-bm25 >= LEAST_LINE * ideal) found.set(one.rowid, { ...one, bm25 });
  }
  const same = errors.saying(messages, by, filter);
  for (const one of same) found.set(one.rowid, { ...one, bm25: -SAME_WORTH * ideal });
  // The very error says more than any words about one.
  if (same.length === 0) {
    for (const one of spokenOf(deps, { ...asked, isFound: found.size > 0 })) {
      if (!found.has(one.rowid)) found.set(one.rowid, one);
    }
  }
  return [...found.values()];
}

/** Documents whose words fit: those that tell of errors, any where there is no error to be found. */
function spokenOf(
  { errors }: FindDeps,
  { ideal, by, filter, speaking, isFound }: Asked & { readonly isFound: boolean },
): Weighed[] {
  const about = speaking().ranked.filter(({ parts }) => parts.text >= LEAST_ABOUT);
  const rowids = about.map(({ candidate }) => candidate.rowid);
  const known = new Set(rowidsOf(errors.any(by, both(filter, rowids))));
  const isFallback = !isFound && known.size === 0 && by.type === undefined;
  return about
    .filter(({ candidate }) => isFallback || known.has(candidate.rowid))
    .map(({ candidate, parts }) => ({ ...candidate, bm25: -parts.text * ideal * WORDS_WORTH }));
}

function both(filter: Filter, rowids: readonly number[]): Filter {
  const allowed = filter.rowids && new Set(filter.rowids);
  return { ...filter, rowids: allowed ? rowids.filter((rowid) => allowed.has(rowid)) : rowids };
}

/** `terms` without what every error is called, unless there is nothing else. */
function telling(terms: readonly Term[]): readonly Term[] {
  const kept = terms.filter(
    ({ words }) => words.length > 1 || !/^(?:errors?|exception)$/.test(words[0] ?? ""),
  );
  return kept.length > 0 ? kept : terms;
}

/** The messages, without what differs from case to case, that a query may be. */
function messagesOf(text: string): string[] {
  const whole = generalised(text.replace(/^"|"$/g, ""));
  const all = [...errorsIn(text).map(({ message }) => message), /\S \S/.test(whole) ? whole : ""];
  return [...new Set(all)].filter((message) => message !== "");
}

function rowidsOf(candidates: readonly { readonly rowid: number }[]): number[] {
  return candidates.map(({ rowid }) => rowid);
}
