import { SbError } from "../kernel/errors.ts";
import { countTokens, isoTime, truncate } from "../kernel/text.ts";
import type { ProjectService } from "../project/service.ts";
import type { DocumentKind, StoredDocument } from "./model.ts";
import type { SearchService } from "./service.ts";
import { STOP_WORDS } from "./stop-words.ts";
import { wordsOf } from "./terms.ts";

/** Terms are counted over this many of the best matches. */
const SAMPLE = 200;

const MOST_TERMS = 10;

interface Parts {
  readonly search: SearchService;
  readonly project: ProjectService;
}

/** What a search finds, in figures instead of hits. */
export function summarise(
  { search, project }: Parts,
  request: { query: string; project?: string | undefined; minScore: number },
) {
  const { total, matches } = search.matching({ ...request, limit: SAMPLE });
  const documents = matches.map(({ document }) => document);
  const times = documents.map(({ at }) => at);
  const summary = {
    total,
    time_range:
      times.length > 0
        ? { from: isoTime(Math.min(...times)), to: isoTime(Math.max(...times)) }
        : null,
    by_kind: tally(documents, ({ kind }) => kind),
    by_project: tally(documents, ({ projectKey }) => project.get(projectKey)?.name ?? projectKey),
    top_terms: topTerms(documents, request.query),
  };
  return { ...summary, tokens: countTokens(JSON.stringify(summary)) };
}

function tally(
  documents: readonly StoredDocument[],
  keyOf: (document: StoredDocument) => string,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const document of documents) {
    const key = keyOf(document);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** Words that stand in most of the documents, without the query's own and those that say nothing. */
function topTerms(documents: readonly StoredDocument[], query: string) {
  const asked = new Set(wordsOf(query));
  const counts = new Map<string, number>();
  for (const { body } of documents) {
    for (const word of new Set(wordsOf(body.slice(0, 20_000)))) {
      if (word.length < 3 || STOP_WORDS.has(word) || asked.has(word) || /^\d+$/.test(word))
        continue;
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || a.localeCompare(b))
    .slice(0, MOST_TERMS)
    .map(([term, count]) => ({ term, documents: count }));
}

/**
 * One document whole, within `maxTokens`, and what came before and after it in its session.
 * @throws SbError `not_found`.
 */
export function describeDocument(
  { search, project }: Parts,
  request: { id: string; neighbours: number; maxTokens: number },
) {
  const document = search.byId(request.id);
  if (!document || project.hiddenKeys().has(document.projectKey)) {
    throw new SbError("not_found", `no memory has the id "${truncate(request.id, 60)}"`, {
      hint: "ids are in the hits of sb search",
    });
  }
  const { before, after } = search.neighbours(document, request.neighbours);
  const rest = {
    id: document.id,
    kind: document.kind as DocumentKind,
    project: project.get(document.projectKey)?.name ?? document.projectKey,
    ...(document.sessionId ? { session_id: document.sessionId } : {}),
    ...(document.agentId ? { agent_id: document.agentId } : {}),
    ...(document.branch ? { branch: document.branch } : {}),
    at: isoTime(document.at),
    ...(document.title ? { title: document.title } : {}),
    tags: [...document.tags],
    before: before.map(brief),
    after: after.map(brief),
  };
  const content = within(document.body, request.maxTokens - countTokens(JSON.stringify(rest)) - 30);
  const detail = document.detail ? { detail: document.detail } : {};
  const room = request.maxTokens - countTokens(JSON.stringify({ ...rest, content })) - 30;
  const kept = countTokens(JSON.stringify(detail)) <= room ? detail : {};
  const answer = { ...rest, content, truncated: content.length < document.body.length, ...kept };
  return { ...answer, tokens: countTokens(JSON.stringify(answer)) };
}

function brief({ id, at, body }: StoredDocument) {
  return { id, at: isoTime(at), snippet: truncate(body.replace(/\s+/gu, " "), 160) };
}

/** As much of `text` as fits into `tokens` once it is JSON. */
function within(text: string, tokens: number): string {
  let chars = Math.min(text.length, Math.max(0, tokens) * 4);
  while (chars > 0 && countTokens(JSON.stringify(truncate(text, chars))) > tokens) {
    chars = Math.floor(chars * 0.8);
  }
  return truncate(text, chars);
}
