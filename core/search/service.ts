import type { Database } from "bun:sqlite";
import type { Config } from "../kernel/config.ts";
import type { Clock, IdSource } from "../kernel/ports.ts";
import { truncate } from "../kernel/text.ts";
import type { ProjectService } from "../project/service.ts";
import { matchingPaths } from "./by-file.ts";
import { codeStore } from "./code-store.ts";
import { deriver } from "./derive.ts";
import { fileStore } from "./file-store.ts";
import type { Filter } from "./filter.ts";
import { refuseDeadIndex } from "./index-proof.ts";
import { type Likeness, type Likest, likest, type Near } from "./likeness.ts";
import type { DocumentKind, Hit, NewDocument, Stored } from "./model.ts";
import { type Position, pages, type ResultSet } from "./page.ts";
import { isThere, type RankedRow } from "./page-pack.ts";
import { holdingPhrases } from "./phrases.ts";
import { type PageSize, presenter } from "./present.ts";
import { isNarrowed, plainQuery, type Query, readQuery } from "./query.ts";
import { type Standpoint, score, share } from "./rank.ts";
import { type Ranked, ranking } from "./ranking.ts";
import { rankingStore } from "./ranking-store.ts";
import { spread } from "./spread.ts";
import { documentStore } from "./store.ts";
import { queryTerms, type Term } from "./terms.ts";
import { useStore } from "./use-store.ts";

/** Longest that a search waits for what was stored since the last one, in milliseconds. */
const CATCH_UP_MS = 1_000;

/** Most documents that are gone through before the newest, for the words asked: some 60 ms. */
const FIRST = 200;

export interface SearchRequest extends Narrowing, PageSize {
  /** Words, and prefixes that narrow the search: see query.ts. */
  readonly query: string;
  readonly minScore?: number | undefined;
  /** The query is words alone: what looks like a prefix was not meant as one. */
  readonly isPlain?: boolean;
  /** Without a word, everything that may be found is listed, newest first. */
  readonly isListing?: boolean;
  /** Results to leave out before the first one shown. */
  readonly offset?: number | undefined;
}

/** What may be found, whatever is asked. */
export interface Narrowing {
  readonly project?: string | undefined;
  readonly scope?: "project" | "related" | "all" | undefined;
  readonly kinds?: readonly DocumentKind[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly branches?: readonly string[] | undefined;
  /** Path, name or glob: only what touched such a file. */
  readonly file?: string | undefined;
  /** Epoch ms: the first instant, and the first one after the last. */
  readonly since?: number | undefined;
  readonly before?: number | undefined;
}

export interface SearchPage {
  /** All matches at or above the least score, equal content counted once. */
  readonly total: number;
  readonly hits: Hit[];
  readonly cursor?: string;
  /** Whether a model had a part in the order, or words alone. */
  readonly mode: "hybrid" | "text";
  /** Why words alone had to do where a model is there, or why nothing can be found. */
  readonly note?: string;
}

/** A query as it was read, and what it may find. */
interface Read {
  readonly query: Query;
  readonly terms: readonly Term[];
  readonly filter: Filter;
  /** Why phrases of the query are not asked for. */
  readonly note?: string;
}

export type SearchService = ReturnType<typeof searchService>;

/** Keeps documents and finds them again. */
export function searchService(deps: {
  ports: { db: Database; clock: Clock; ids: IdSource; config: Config; cwd: string };
  project: ProjectService;
  likeness: Likeness;
}) {
  const { ports, project } = deps;
  const store = documentStore(ports.db);
  const files = fileStore(ports.db);
  const candidates = rankingStore(ports.db);
  const uses = useStore(ports.db);
  const ranked = ranking(candidates, uses.of);
  const derived = deriver(ports.db);
  const remembered = pages(ports);
  const shown = presenter({
    byRowid: store.byRowid,
    touchedBy: files.touchedBy,
    blocksOf: codeStore(ports.db).ofDocument,
    project,
  });

  /** Which documents a request may see; `query` narrows it further. */
  function filterOf(request: Narrowing, query?: Query): Filter {
    const asked = [request.file, ...(query?.files ?? [])].filter((file) => file !== undefined);
    return {
      projectKeys: both(projectsOf(request), namedIn(query)),
      hiddenKeys: [...project.hiddenKeys()],
      kinds: both(request.kinds, said(query?.kinds)),
      branches: both(request.branches, said(query?.branches)),
      tags: [...(request.tags ?? []), ...(query?.tags ?? [])],
      since: Math.max(request.since ?? 0, query?.since ?? 0),
      before: Math.min(request.before ?? Infinity, query?.before ?? Infinity),
      rowids: asked.map(touching).reduce<readonly number[] | undefined>(both, undefined),
    };
  }

  /** Keys of the projects that a request is about; undefined for all. */
  function projectsOf(request: Narrowing): readonly string[] | undefined {
    if (request.project && request.project !== "*") return project.keysOf(request.project);
    if (request.scope !== "project" && request.scope !== "related") return undefined;
    const { key } = project.identify();
    const related = request.scope === "related" ? project.proximityFrom(key).keys() : [];
    return [key, ...related];
  }

  /** Keys of the projects that a query names; undefined for all, which `*` says too. */
  function namedIn(query: Query | undefined): readonly string[] | undefined {
    const named = said(query?.projects);
    return named?.includes("*") ? undefined : named?.flatMap(project.keysOf);
  }

  /** Which documents touched the file that `path` asks for. */
  function touching(path: string): number[] {
    const paths = matchingPaths(files, { path, cwd: ports.cwd });
    return [...new Set(files.touching([...paths.keys()]).map(({ rowid }) => rowid))];
  }

  /** From where every match is looked at. */
  function standpoint(): Standpoint {
    const projectKey = project.identify().key;
    return {
      now: ports.clock.now(),
      halfLifeDays: ports.config.search.half_life_days,
      projectKey,
      near: project.proximityFrom(projectKey),
    };
  }

  /**
   * The documents that a request may find, and why its phrases are not asked of them: what stands
   * in quotes must be held, unless nothing holds it.
   */
  function scopeOf(request: Narrowing, query: Query): { filter: Filter; note?: string } {
    const filter = filterOf(request, query);
    const asked = holdingPhrases(query, candidates.holding);
    if (!asked) return { filter };
    const narrowed = { ...filter, rowids: both(filter.rowids, asked.rowids) };
    if (candidates.any(narrowed)) return { filter: narrowed };
    return { filter, note: `nothing holds ${asked.said}: its words were looked for instead` };
  }

  function queryOf({ query, isPlain }: Pick<SearchRequest, "query" | "isPlain">): Query {
    return isPlain ? plainQuery(query) : readQuery(query, ports.clock.now());
  }

  function read(request: Narrowing & Pick<SearchRequest, "query" | "isPlain" | "isListing">): Read {
    const query = queryOf(request);
    const terms = queryTerms(query.text);
    if (terms.length > 0) return { query, terms, ...scopeOf(request, query) };
    return { query, terms, filter: isList(query, request) ? filterOf(request, query) : {} };
  }

  /** Looks for what a request finds by its words. */
  function begin(request: Omit<SearchRequest, "limit" | "maxTokens">, known: Read): Finding {
    const { query, terms, filter, note } = known;
    if (terms.length > 0) {
      const { minScore = 0 } = request;
      const asked = { query: query.text, terms, filter, minScore, from: standpoint() };
      const begun = ranked(asked);
      return (near) => {
        const found = begun(near);
        if (found.length === 0) refuseDeadIndex(ports.db);
        return { query: query.text, ranked: spread(foldEqual(found)), note };
      };
    }
    if (!isList(query, request)) return () => ({ query: query.text, ranked: [] });
    return () => ({ query: "", ranked: list(filter), view: { by: "list" } });
  }

  /** What a request finds by its words, and how its hits are shown. */
  const find = (request: Parameters<typeof begin>[0]): Found => begin(request, read(request))();

  /**
   * What a request finds by its words and, where a model is there and answers in time, by likeness;
   * words are looked for while the model computes.
   */
  async function seek(request: Parameters<typeof begin>[0]): Promise<Sought> {
    const known = read(request);
    const { query, terms, filter } = known;
    const likely =
      terms.length > 0
        ? likest(deps.likeness, { text: query.text, filter })
        : isList(query, request)
          ? {}
          : WORDLESS;
    const finding = begin(request, known);
    const { near, note } = await likely;
    return { found: finding(near), isNear: near !== undefined, note };
  }

  /** All that `filter` lets through, newest first, equal content once. */
  function list(filter: Filter): Ranked[] {
    const from = standpoint();
    return foldEqual(
      candidates.newest(filter).map((candidate) => ({
        candidate,
        parts: { ...score({ ...candidate, worth: 0 }, from), score: 1, text: 0 },
      })),
    );
  }

  /** A page of `set` from `offset` on; `cursorAt` says how the next one is asked for. */
  function pageAt<F extends object>(
    set: ResultSet,
    offset: number,
    size: PageSize<F> & { cursorAt: (next: number) => { cursor?: string } },
  ): SearchPage & F {
    const { hits, next } = shown.pageAt(set, offset, size);
    const rest = set.rows.slice(next).some(isThere) ? size.cursorAt(next) : {};
    const mode = set.rows.some((row) => row[5] !== undefined) ? "hybrid" : "text";
    const page = { total: set.rows.filter(isThere).length, hits, ...rest, mode } as const;
    return { ...(size.frame ?? ({} as F)), ...page };
  }

  return {
    /** Makes the text index anew; call it inside a transaction. */
    reindex: store.reindex,
    /** Has the indexes of code and errors made anew by `catchUp`; call it inside a transaction. */
    deriveAnew: derived.anew,

    /** Stores a document; call it inside a transaction when many come at once. */
    put(document: NewDocument): Stored {
      const stored = store.put(document, ports.clock.now());
      if (stored.state !== "unchanged") derived.enqueue(stored.rowid);
      return stored;
    },
    /** Keeps another detail of a document whose texts stay the same. */
    putDetail(rowid: number, detail: unknown): void {
      store.putDetail(rowid, detail);
      derived.enqueue(rowid);
    },
    /**
     * Looks for code and errors in what was stored since the last time (see derive.ts), first in
     * what `about` finds: a question shall not miss its answer because much was stored.
     */
    catchUp(budgetMs = CATCH_UP_MS, about?: () => Found): { pending?: number } {
      const pending = derived.catchUp(budgetMs, () =>
        (about?.().ranked ?? []).slice(0, FIRST).map(({ candidate }) => candidate.rowid),
      );
      return pending > 0 ? { pending } : {};
    },
    /** Notes that a document was opened by its id: its like shall come after it. */
    opened: (rowid: number): boolean => uses.opened(rowid),
    owner: store.owner,
    byId: store.byId,
    byRowid: store.byRowid,
    ofSession: store.ofSession,
    lastOfSession: store.lastOfSession,
    detailsSince: store.detailsSince,
    remove: store.remove,
    count: store.count,
    tally: store.tally,
    timeRange: store.timeRange,
    neighbours: store.neighbours,
    newest: candidates.newest,
    keepPage: remembered.keep,
    openPage: remembered.open,
    keepIds: remembered.keepIds,
    openIds: remembered.openIds,

    filterOf,
    standpoint,
    find,
    firstPage,
    rowsOf: (ranked: readonly Ranked[]): RankedRow[] => ranked.map(toRow),

    /** First page of what matches any word of the query. No word, no match: an empty page. */
    search<F extends object>(request: SearchRequest & PageSize<F>): SearchPage & F {
      return shownPage(request, find(request));
    },

    /**
     * `search` by words and, where a model is there and answers in time, by likeness. It waits for
     * no model to come, and without one it is `search`.
     */
    async recall<F extends object>(request: SearchRequest & PageSize<F>): Promise<SearchPage & F> {
      const { found, isNear, note } = await seek(request);
      const page = shownPage(request, found, leftAloneNote() ?? note);
      return isNear ? { ...page, mode: "hybrid" as const } : page;
    },

    seek,

    /** A later page of the search that gave `cursor`: of `size.origin`, else of whichever tool. */
    more<F extends object>(cursor: string, size: PageSize<F>): SearchPage & F {
      const { set, offset, cursorAt }: Position = remembered.open(cursor, size.origin);
      return pageAt(set, offset, { ...size, cursorAt: (next) => ({ cursor: cursorAt(next) }) });
    },

    /** Every match as a row to remember, best first. */
    ranked: (request: Omit<SearchRequest, "limit" | "maxTokens">): RankedRow[] =>
      find(request).ranked.map(toRow),
  };

  /** The first page of `found`, and why words alone had to do. */
  function shownPage<F extends object>(
    request: SearchRequest & PageSize<F>,
    { query, ranked, view, note }: Found,
    why?: string,
  ): SearchPage & F {
    const said = [why, note].filter((one) => one !== undefined).join("; ");
    const frame = { ...(request.frame ?? ({} as F)), ...(said ? { note: said } : {}) };
    return firstPage({ query, rows: ranked.map(toRow), view }, { ...request, frame });
  }

  /** That the project one stands in is not searched: else one looks in vain for what was just said. */
  function leftAloneNote(): string | undefined {
    const here = project.identify();
    if (!project.isLeftAlone(here)) return undefined;
    return `${truncate(here.name, 40)} is paused or ignored: nothing of it is recalled`;
  }

  /** First page of `set`, which is remembered where there is more of it. */
  function firstPage<F extends object>(
    set: ResultSet,
    size: PageSize<F> & { offset?: number | undefined },
  ): SearchPage & F {
    const cursorAt = (next: number) => remembered.keep(set, next, size.origin);
    return pageAt(set, size.offset ?? 0, { ...size, cursorAt });
  }
}

/** Where there is nothing to ask a model, or an index. */
const WORDLESS: Likest = { note: "the query holds no word to look for" };

/** Prefixes alone list what they let through; other text without a word finds nothing. */
function isList(query: Query, request: Pick<SearchRequest, "isListing">): boolean {
  return query.text.trim() === "" && (isNarrowed(query) || request.isListing === true);
}

/** What a request finds, once it is known what is most like its query, where a model tells that. */
type Finding = (near?: Near) => Found;

/** What a search found with a model's help; why without it, where there is a model. */
interface Sought {
  readonly found: Found;
  readonly isNear: boolean;
  readonly note?: string | undefined;
}

/** What a search found, as it is to be shown. */
export interface Found extends Pick<ResultSet, "query" | "view"> {
  readonly ranked: readonly Ranked[];
  /** Why phrases of the query were not asked for. */
  readonly note?: string | undefined;
}

/** Members of both lists; the one that is there where the other asks for nothing. */
function both<T>(
  one: readonly T[] | undefined,
  other: readonly T[] | undefined,
): readonly T[] | undefined {
  if (!one || !other) return one ?? other;
  const wanted = new Set(other);
  return one.filter((member) => wanted.has(member));
}

/** A list that a query may leave empty: then it asks for nothing. */
function said<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list?.length ? list : undefined;
}

/** Best first; of documents with equal content only the best stays. */
function foldEqual(ranked: readonly Ranked[]): Ranked[] {
  const seen = new Set<string>();
  return ranked.filter(({ candidate: { hash } }) => !seen.has(hash) && seen.add(hash));
}

function toRow({ candidate, parts }: Ranked): RankedRow {
  const { text, semantic, recency, proximity, use } = parts;
  const shares = [share(parts.score), share(text), share(recency), share(proximity)] as const;
  const match = share(parts.match) === shares[1] ? undefined : share(parts.match);
  const like = semantic === undefined ? undefined : share(semantic);
  const row = [candidate.rowid, ...shares, like, candidate.start] as const;
  const used = use === undefined ? undefined : share(use);
  if (match !== undefined) return [...row, used, match];
  if (used !== undefined) return [...row, used];
  return like === undefined ? [candidate.rowid, ...shares] : row;
}
