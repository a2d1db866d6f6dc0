import { countTokens, truncate } from "../kernel/text.ts";
import type { Filter } from "./filter.ts";
import type { FindDeps } from "./find.ts";
import { STOP_WORDS } from "./stop-words.ts";
import { matchExpression, stem, wordsOf } from "./terms.ts";

/** What can be suggested, in the order of the answer. */
export const SUGGESTED = ["project", "tag", "title", "file", "term"] as const;
export type Suggested = (typeof SUGGESTED)[number];

/** Something that is there and begins as was typed. */
export interface Suggestion {
  readonly text: string;
  readonly field: Suggested;
  /** How many documents have it. */
  readonly documents: number;
}

/** Terms of the index that are looked at for each one that is shown. */
const TRIES = 2;

/** Shortest stem that a longer word typed may have. */
const LEAST_STEM = 3;

const TEXT_CHARS = 120;

const LAST = "\u{10ffff}";

interface Request {
  readonly prefix: string;
  readonly field?: Suggested | undefined;
  readonly limit: number;
  readonly maxTokens: number;
}

/** What is there that begins with `prefix`, in documents that may be seen. */
export function suggest(deps: FindDeps, request: Request) {
  const start = request.prefix.trim().toLowerCase();
  const filter = deps.search.filterOf({});
  const fields = request.field ? [request.field] : SUGGESTED;
  const each = request.field ? request.limit : Math.max(2, Math.ceil(request.limit / 2));
  const found =
    start === ""
      ? []
      : fields.flatMap((field) => FINDERS[field](deps, { start, filter, limit: each }));
  const suggestions: Suggestion[] = [];
  for (const { text, ...rest } of found.slice(0, request.limit)) {
    const next = [...suggestions, { ...rest, text: truncate(text, TEXT_CHARS) }];
    if (countTokens(JSON.stringify(next)) > request.maxTokens - 20) break;
    suggestions.push(...next.slice(-1));
  }
  return { suggestions };
}

type Finder = (
  deps: FindDeps,
  asked: { start: string; filter: Filter; limit: number },
) => Suggestion[];

const FINDERS: Readonly<Record<Suggested, Finder>> = {
  project({ project, search }, { start, limit }) {
    const counts = new Map(search.tally("project_key").map(({ key, count }) => [key, count]));
    const hidden = project.hiddenKeys();
    return project
      .list()
      .filter(({ key, name }) => !hidden.has(key) && name.toLowerCase().startsWith(start))
      .map(({ key, name }) => ({ text: name, field: "project", documents: counts.get(key) ?? 0 }))
      .filter((one): one is Suggestion => one.documents > 0)
      .sort((a, b) => b.documents - a.documents)
      .slice(0, limit);
  },

  tag: ({ facets }, { start, filter, limit }) =>
    facets
      .tagsBeginning(start, filter, limit)
      .map(([text, documents]) => ({ text, field: "tag", documents })),

  title: ({ facets }, { start, filter, limit }) =>
    facets
      .titlesBeginning(start, filter, limit)
      .map(([text, documents]) => ({ text, field: "title", documents })),

  file: ({ files, facets }, { start, filter, limit }) =>
    files
      .pathsBeginning(start.replace(/^.*[\\/]/, ""), limit * TRIES)
      .filter(({ path }) => path.toLowerCase().replaceAll("\\", "/").includes(start))
      .map(({ path, rowids }) => ({
        text: path,
        field: "file" as const,
        documents: facets.visible(rowids, filter),
      }))
      .filter(({ documents }) => documents > 0)
      .slice(0, limit),

  term: (deps, { start, filter, limit }) => termsFrom(deps, { start, filter, limit }),
};

/**
 * Words of documents that begin so. The index has stems alone, so the word is taken from a
 * document that holds one, which is one that may be seen.
 */
function termsFrom({ facets }: FindDeps, { start, filter, limit }: Parameters<Finder>[1]) {
  const [word] = wordsOf(start).slice(-1);
  if (word === undefined) return [];
  const stems = new Set(facets.termsBetween(word, word + LAST, limit * TRIES));
  // A word typed nearly whole is longer than its stem: `authentica`, of which the index has `authent`.
  for (let end = word.length - 1; end >= LEAST_STEM; end -= 1) stems.add(word.slice(0, end));
  stems.add(word.replace(/y$/, "i"));
  const found = new Map<string, Suggestion>();
  for (const stemmed of stems) {
    const match = matchExpression([{ words: [stemmed], prefix: false }]);
    const { count, text } = facets.holding(match, filter);
    const said = count === 0 ? undefined : spelt(text, stemmed, word);
    if (said && !found.has(said)) found.set(said, { text: said, field: "term", documents: count });
  }
  return [...found.values()].sort((a, b) => b.documents - a.documents).slice(0, limit);
}

/** The first word of `text` that has this stem and begins so. */
function spelt(text: string, stemmed: string, start: string): string | undefined {
  return wordsOf(text).find(
    (word) => word.startsWith(start) && stem(word) === stemmed && !STOP_WORDS.has(word),
  );
}
