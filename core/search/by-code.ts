import { SbError } from "../kernel/errors.ts";
import { didYouMean } from "../kernel/suggest.ts";
import { truncate } from "../kernel/text.ts";
import type { CodeKind } from "./code.ts";
import { languageNamed, languageNames } from "./code-language.ts";
import type { FindDeps, Listing } from "./find.ts";
import { idealOf, rowsOf } from "./find-rank.ts";
import { readQuery } from "./query.ts";
import { matchExpression, queryTerms } from "./terms.ts";

/** Code in what was said and in what was written into files; without words the newest first. */
export function searchByCode(
  { ports, search, code }: FindDeps,
  request: Listing & { query: string; kind?: CodeKind | undefined; language?: string | undefined },
) {
  const about = { query: request.query, project: request.project };
  const waiting: { pending?: number } = search.catchUp(undefined, () => search.find(about));
  const query = readQuery(request.query, ports.clock.now());
  const filter = search.filterOf({ project: request.project }, query);
  const by = { kind: request.kind, language: languageOf(code, request.language) };
  const terms = queryTerms(query.text);
  const hasNoWord = terms.length === 0;
  const isListing = query.text.trim() === "" && (by.kind ?? by.language) !== undefined;
  const candidates =
    hasNoWord && !isListing
      ? []
      : code.candidates(hasNoWord ? undefined : matchExpression(terms), by, filter);
  const view = {
    by: "code" as const,
    ...(by.kind ? { kind: by.kind } : {}),
    ...(by.language ? { language: by.language } : {}),
  };
  const measure = { ideal: idealOf(code, terms), from: search.standpoint(), isListing: hasNoWord };
  const rows = rowsOf(candidates, measure);
  return search.firstPage({ query: query.text, rows, view }, { ...request, frame: waiting });
}

/** @throws SbError `invalid_input` for a language that is neither known nor stored. */
function languageOf(code: FindDeps["code"], said: string | undefined): string | undefined {
  if (said === undefined) return undefined;
  const language = languageNamed(said);
  const names = languageNames();
  if (names.includes(language) || code.has(language)) return language;
  throw new SbError("invalid_input", `no code in a language called "${truncate(said, 40)}"`, {
    hint: `for example typescript, python, go, rust, sql, shell${didYouMean(language, names)}`,
  });
}
