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
  const { matches, documents } = search.matching({ ...request, limit: SAMPLE });
  const byProject = tally(matches.map(({ projectKey }) => projectKey));
  const summary = {
    total: matches.length,
    time_range: timeRange(matches.map(({ at }) => at)),
    by_kind: Object.fromEntries(tally(matches.map(({ kind }) => kind))),
    by_project: named(byProject, (key) => project.get(key)?.name ?? key),
    top_terms: topTerms(documents, request.query),
  };
  return { ...summary, tokens: countTokens(JSON.stringify(summary)) };
}

/** First and last of `times`, epoch ms, of which there may be more than a call takes arguments. */
function timeRange(times: readonly number[]): { from: string; to: string } | null {
  const [first] = times;
  if (first === undefined) return null;
  const from = times.reduce((low, time) => Math.min(low, time), first);
  const to = times.reduce((high, time) => Math.max(high, time), first);
  return { from: isoTime(from), to: isoTime(to) };
}

function tally(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** `counts` by name: two keys of one name are counted together. */
export function named(
  counts: Iterable<readonly [key: string, count: number]>,
  nameOf: (key: string) => string,
): Record<string, number> {
  const byName = new Map<string, number>();
  for (const [key, count] of counts) {
    const name = nameOf(key);
    byName.set(name, (byName.get(name) ?? 0) + count);
  }
  return Object.fromEntries(byName);
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
