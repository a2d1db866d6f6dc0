import type { Database } from "bun:sqlite";
import type { Config } from "../kernel/config.ts";
import type { Clock, IdSource } from "../kernel/ports.ts";
import { countTokens, isoTime, truncate } from "../kernel/text.ts";
import type { ProjectService } from "../project/service.ts";
import type { DocumentKind, Hit, NewDocument, Stored, StoredDocument } from "./model.ts";
import { pages, type RankedRow, type ResultSet } from "./page.ts";
import { evenBm25, idealBm25, type Match, type Score, score, share, withSessions } from "./rank.ts";
import { SNIPPET_CHARS, snippetOf } from "./snippet.ts";
import { type Candidate, documentStore, type Filter } from "./store.ts";
import { matchExpression, queryTerms, stem, type Term } from "./terms.ts";

/** Up to so many documents each term is weighed by itself (`evenBm25`): more would cost time. */
const SMALL_STORE = 1_000;

/** Bytes of an answer beside its hits: total, mode, tokens and the longest cursor. */
const FRAME_BYTES = 160;

export interface SearchRequest {
  readonly query: string;
  readonly project?: string | undefined;
  readonly scope?: "project" | "related" | "all" | undefined;
  readonly minScore?: number | undefined;
  readonly limit: number;
  readonly maxTokens: number;
  readonly kinds?: readonly DocumentKind[] | undefined;
  /** Results to leave out before the first one shown. */
  readonly offset?: number | undefined;
}

export interface SearchPage {
  /** All matches at or above the least score, equal content counted once. */
  readonly total: number;
  readonly hits: Hit[];
  readonly cursor?: string;
  readonly mode: "text";
  /** What the hits cost, roughly. */
  readonly tokens: number;
}

type PageSize = Pick<SearchRequest, "limit" | "maxTokens">;

export type SearchService = ReturnType<typeof searchService>;

/** Keeps documents and finds them again. */
export function searchService(deps: {
  ports: { db: Database; clock: Clock; ids: IdSource; config: Config };
  project: ProjectService;
}) {
  const { ports, project } = deps;
  const store = documentStore(ports.db);
  const remembered = pages(ports);

  /** Which documents a request may see. */
  function filterOf(request: Pick<SearchRequest, "project" | "scope" | "kinds">): Filter {
    const base = { hiddenKeys: [...project.hiddenKeys()], kinds: request.kinds };
    if (request.project && request.project !== "*") {
      return { ...base, projectKeys: project.keysOf(request.project) };
    }
    if (request.scope !== "project" && request.scope !== "related") return base;
    const { key } = project.identify();
    const related = request.scope === "related" ? project.proximityFrom(key).keys() : [];
    return { ...base, projectKeys: [key, ...related] };
  }

  /** Every match at or above the least score, best first, equal content once. */
  function rank(request: Omit<SearchRequest, "limit" | "maxTokens">): Ranked[] {
    const terms = queryTerms(request.query);
    const filter = filterOf(request);
    if (terms.length === 0) return [];
    const projectKey = project.identify().key;
    const { candidates, ideal } = candidatesOf(terms, filter);
    const from = {
      now: ports.clock.now(),
      halfLifeDays: ports.config.search.half_life_days,
      projectKey,
      near: project.proximityFrom(projectKey),
      ideal,
    };
    const ranked = withSessions(candidates)
      .map((candidate) => ({ candidate, parts: score(candidate, from) }))
      .filter(({ parts }) => parts.score >= (request.minScore ?? 0))
      .sort((a, b) => b.parts.score - a.parts.score || b.candidate.rowid - a.candidate.rowid);
    return foldEqual(ranked);
  }

  /** What matches any of `terms`, and the highest BM25 that there could be. */
  function candidatesOf(terms: readonly Term[], filter: Filter) {
    const total = store.count();
    const candidates = store.candidates(matchExpression(terms), filter);
    if (total > SMALL_STORE) {
      return { candidates, ideal: idealBm25(terms.map(frequency), total) };
    }
    const found = terms.map((term) => store.weights(matchExpression([term])));
    const { bm25, ideal } = evenBm25(found, total);
    const weighed = candidates.map((one) => ({ ...one, bm25: bm25.get(one.rowid) ?? one.bm25 }));
    return { candidates: weighed, ideal };
  }

  /** In how many documents `term` can stand at most: its rarest word bounds a phrase. */
  function frequency(term: Term): number {
    const least = Math.min(...term.words.map((word) => store.frequency(stem(word))));
    // A prefix is no word of the index, and a rare accent may be spelt otherwise: look.
    return least > 0 ? least : store.matches(matchExpression([term]));
  }

  /** The hits from `offset` on that fit, and where the next page begins, if there is one. */
  function pageAt(set: ResultSet, offset: number, size: PageSize) {
    const terms = queryTerms(set.query);
    const hits: Hit[] = [];
    let left = size.maxTokens * 4 - FRAME_BYTES;
    let next = offset;
    for (const row of set.rows.slice(offset, offset + size.limit)) {
      const hit = hitOf(row, terms, hits.length === 0 ? left : undefined);
      const bytes = hit ? Buffer.byteLength(JSON.stringify(hit)) + 1 : 0;
      if (hit && bytes > left && hits.length > 0) break;
      // A document forgotten since the first page leaves no gap: the page goes on behind it.
      if (hit) hits.push(hit);
      left -= bytes;
      next += 1;
    }
    return { hits, tokens: countTokens(JSON.stringify(hits)), next };
  }

  /** The hit of `row`, its snippet cut until the whole fits into `bytes`. */
  function hitOf(row: RankedRow, terms: readonly Term[], bytes = Number.POSITIVE_INFINITY) {
    const document = store.byRowid(row[0]);
    if (!document) return undefined;
    const name = project.get(document.projectKey)?.name ?? document.projectKey;
    for (let chars = SNIPPET_CHARS; ; chars = Math.floor(chars / 2)) {
      const hit = describe(document, row, { name, terms, chars });
      if (chars < 40 || Buffer.byteLength(JSON.stringify(hit)) + 1 <= bytes) return hit;
    }
  }

  return {
    /** Stores a document; call it inside a transaction when many come at once. */
    put: (document: NewDocument): Stored => store.put(document, ports.clock.now()),
    owner: store.owner,
    byId: store.byId,
    byRowid: store.byRowid,
    ofSession: store.ofSession,
    remove: store.remove,
    count: store.count,
    tally: store.tally,
    timeRange: store.timeRange,
    neighbours: store.neighbours,
    keepPage: remembered.keep,
    openPage: remembered.open,

    /** First page of what matches any word of the query. No word, no match: an empty page. */
    search(request: SearchRequest): SearchPage {
      const rows = rank(request).map(toRow);
      const set = { query: request.query, rows };
      const { hits, tokens, next } = pageAt(set, request.offset ?? 0, request);
      const cursor = next < set.rows.length ? remembered.keep(set, next) : {};
      return { total: rows.length, hits, ...cursor, mode: "text", tokens };
    },

    /** A later page of the search that gave `cursor`. */
    more(cursor: string, size: PageSize): SearchPage {
      const { set, offset, cursorAt } = remembered.open(cursor);
      const { hits, tokens, next } = pageAt(set, offset, size);
      const rest = next < set.rows.length ? { cursor: cursorAt(next) } : {};
      return { total: set.rows.length, hits, ...rest, mode: "text", tokens };
    },

    /** Every match as a row to remember, best first. */
    ranked: (request: Omit<SearchRequest, "limit" | "maxTokens">): RankedRow[] =>
      rank(request).map(toRow),

    /** Every match, best first, and the documents of the first `limit`: for summaries. */
    matching(request: Omit<SearchRequest, "maxTokens">): {
      matches: Match[];
      documents: StoredDocument[];
    } {
      const matches = rank(request).map(({ candidate }) => candidate);
      const best = matches.slice(0, request.limit);
      return { matches, documents: best.flatMap(({ rowid }) => store.byRowid(rowid) ?? []) };
    },
  };
}

/** A match and what it is worth. */
interface Ranked {
  readonly candidate: Candidate;
  readonly parts: Score;
}

/** Best first; of documents with equal content only the best stays. */
function foldEqual(ranked: readonly Ranked[]): Ranked[] {
  const seen = new Set<string>();
  return ranked.filter(({ candidate: { hash } }) => !seen.has(hash) && seen.add(hash));
}

function toRow({ candidate, parts }: Ranked): RankedRow {
  const { text, recency, proximity } = parts;
  return [candidate.rowid, share(parts.score), share(text), share(recency), share(proximity)];
}

function describe(
  document: StoredDocument,
  [, worth, text, recency, proximity]: RankedRow,
  shown: { name: string; terms: readonly Term[]; chars: number },
): Hit {
  const spans = document.passages.map(([uuid, role, start, end]) => ({ uuid, role, start, end }));
  const snippet = snippetOf({ body: document.body, spans }, shown.terms, shown.chars);
  const tags = document.tags.slice(0, 10).map((tag) => truncate(tag, 40));
  return {
    id: document.id,
    kind: document.kind,
    project: truncate(shown.name, 80),
    ...(document.sessionId ? { session_id: truncate(document.sessionId, 64) } : {}),
    at: isoTime(document.at),
    score: worth,
    why: { text, recency, proximity },
    snippet: snippet.text,
    ...(snippet.uuids.length > 0 ? { message_uuids: [...snippet.uuids] } : {}),
    ...(document.title ? { title: truncate(document.title, 80) } : {}),
    ...(tags.length > 0 ? { tags } : {}),
  };
}
