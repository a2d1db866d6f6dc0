import { bytesInList, fillPage, type PageRoom } from "../kernel/fill-page.ts";
import { isoTime, truncate } from "../kernel/text.ts";
import type { ProjectService } from "../project/service.ts";
import type { CodeStore } from "./code-store.ts";
import type { FileTouch } from "./file-store.ts";
import type { Hit, StoredDocument } from "./model.ts";
import type { Origin, ResultSet } from "./page.ts";
import { isThere, type RankedRow } from "./page-pack.ts";
import { kindWeight, share } from "./rank.ts";
import { SNIPPET_CHARS, snippetOf } from "./snippet.ts";
import { queryTerms, type Term } from "./terms.ts";
import { fileParts, matchPaths, type View } from "./view.ts";
import { codeParts, errorParts, type Shown } from "./view-parts.ts";

/** Below so many characters of snippet a hit goes without title and tags. */
const BARE_CHARS = 80;

/** Fewest characters of a snippet: what is still longer then is shown all the same. */
const LEAST_CHARS = 20;

/** How much of a result set is shown at once. */
export interface PageSize<F extends object = object> extends PageRoom {
  readonly frame?: F;
  /** Whose cursor the page is asked by, or its own is to be. */
  readonly origin?: Origin | undefined;
}

/** Part of a result set, and where the next part begins. */
export interface Part {
  readonly hits: Hit[];
  readonly next: number;
}

/** A document, and how it is shown. */
interface ToShow extends Shown {
  readonly document: StoredDocument;
  readonly view: View | undefined;
}

/** What all hits of a page are shown with, and how many bytes one may take. */
interface Frame {
  readonly view?: View | undefined;
  readonly terms: readonly Term[];
  readonly hidden: ReadonlySet<string>;
  readonly bytes: number;
}

/** Turns remembered results into hits. */
export function presenter(deps: {
  readonly byRowid: (rowid: number) => StoredDocument | undefined;
  readonly touchedBy: (rowid: number) => FileTouch[];
  readonly blocksOf: CodeStore["ofDocument"];
  readonly project: Pick<ProjectService, "get" | "hiddenKeys">;
}) {
  /** The hit of `row`, cut until the whole fits into `bytes`. */
  function hitOf(row: RankedRow, { view, terms, hidden, bytes }: Frame): Hit | undefined {
    const document = isThere(row) ? deps.byRowid(row[0]) : undefined;
    // Its project may have been paused since the first page.
    if (!document || hidden.has(document.projectKey)) return undefined;
    const name = deps.project.get(document.projectKey)?.name ?? document.projectKey;
    for (let chars = SNIPPET_CHARS; ; chars = Math.floor(chars / 2)) {
      const hit = describe(document, row, { name, terms, chars });
      const shown = viewed(hit, { document, view, terms, chars });
      if (chars < LEAST_CHARS || bytesInList(shown) <= bytes) return shown;
    }
  }

  /** `hit` as the tool shows it that found it. */
  function viewed(hit: Hit, { document, view, ...shown }: ToShow): Hit {
    if (!view) return hit;
    if (view.by === "code") {
      return { ...hit, ...codeParts(document, deps.blocksOf(document.rowid, view), shown) };
    }
    if (view.by === "error") return { ...hit, ...errorParts(document, view, shown) };
    // A listing has no words that could match.
    if (view.by === "list") return { ...hit, why: unranked(hit.why) };
    if (view.by === "concept") {
      const touched = view.withFiles ? deps.touchedBy(document.rowid) : [];
      return touched.length === 0 ? hit : { ...hit, ...fileParts(touched) };
    }
    const touched = deps.touchedBy(document.rowid);
    const matches = matchPaths([...new Set(touched.map(({ path }) => path))], view);
    const found = touched.flatMap((touch) => {
      const match = matches.get(touch.path);
      return match ? [{ ...touch, match }] : [];
    });
    const path = found[0]?.match;
    const why = { ...unranked(hit.why), ...(path ? { path } : {}) };
    return { ...hit, why, ...fileParts(found) };
  }

  return {
    /**
     * The hits from `offset` on that fit into `size.maxTokens` less `frame`, what the answer says
     * beside them. At least one is shown, however small the room.
     */
    pageAt(set: ResultSet, offset: number, size: PageSize): Part {
      const page = { ...set, terms: queryTerms(set.query), hidden: deps.project.hiddenKeys() };
      const { items: hits, next } = fillPage(set.rows, offset, {
        ...size,
        load: (row, room = Number.POSITIVE_INFINITY) => hitOf(row, { ...page, bytes: room }),
      });
      return { hits, next };
    },
  };
}

/** What a hit that no words ranked is worth by, its match apart. */
function unranked({ text: _, semantic: _like, kind: _kind, ...why }: Hit["why"]): Hit["why"] {
  return why;
}

/** All that the score is made of, as `Hit` says. */
function whyOf(document: StoredDocument, row: RankedRow): Hit["why"] {
  const [, , text, recency, proximity, semantic, , use, match] = row;
  return {
    // What is listed without words matches none.
    ...(text > 0 ? { text } : {}),
    ...(semantic === undefined ? {} : { semantic }),
    ...(match === undefined ? {} : { match }),
    recency,
    proximity,
    ...(text > 0 || semantic !== undefined ? { kind: kindWeight(document.kind) } : {}),
    ...(use === undefined ? {} : { use: share(use) }),
  };
}

function describe(
  document: StoredDocument,
  row: RankedRow,
  shown: { name: string; terms: readonly Term[]; chars: number },
): Hit {
  const { 1: score, 6: aim } = row;
  const spans = document.passages.map(([uuid, role, start, end]) => ({ uuid, role, start, end }));
  const snippet = snippetOf({ body: document.body, spans, aim }, shown.terms, shown.chars);
  const isBare = shown.chars < BARE_CHARS;
  const tags = isBare ? [] : document.tags.slice(0, 10).map((tag) => truncate(tag, 40));
  return {
    id: document.id,
    kind: document.kind,
    project: truncate(shown.name, isBare ? 24 : 80),
    ...(document.sessionId ? { session_id: truncate(document.sessionId, 64) } : {}),
    at: isoTime(document.at),
    score,
    why: whyOf(document, row),
    snippet: snippet.text,
    ...(snippet.uuids.length > 0 ? { message_uuids: [...snippet.uuids] } : {}),
    ...(document.title && !isBare ? { title: truncate(document.title, 80) } : {}),
    ...(tags.length > 0 ? { tags } : {}),
  };
}
