import type { Database } from "bun:sqlite";
import { SbError } from "../kernel/errors.ts";
import { cutTo, fillPage } from "../kernel/fill-page.ts";
import type { Clock, IdSource } from "../kernel/ports.ts";
import { isoTime, truncate } from "../kernel/text.ts";
import type { ProjectService } from "../project/service.ts";
import type { DocumentKind } from "../search/model.ts";
import type { Origin } from "../search/page.ts";
import { isThere, type RankedRow } from "../search/page-pack.ts";
import type { SearchService } from "../search/service.ts";
import type { Tombstones } from "../search/tombstones.ts";
import type { Redactor } from "../storage/redactions.ts";
import { assessInsight } from "./classify.ts";
import { extractInsights } from "./extract.ts";
import { type Insight, type InsightType, insightHash } from "./model.ts";
import { insightStore, type Sighting, type StoredInsight } from "./store.ts";

/** The message an insight may stand in. */
export type Source = Omit<Sighting, "line">;

/** What became of a text stored by hand. A duplicate is an outcome, not an error. */
export interface Kept {
  readonly id: string;
  readonly duplicate: boolean;
}

interface Listing {
  readonly query: string;
  readonly limit: number;
  readonly type?: InsightType | undefined;
  readonly topic?: string | undefined;
  readonly project?: string | undefined;
  readonly cursor?: string | undefined;
  readonly maxTokens: number;
  readonly origin?: Origin | undefined;
}

export type InsightService = ReturnType<typeof insightService>;

/** Captures insights, keeps notes, and lists both. */
export function insightService(deps: {
  ports: { db: Database; clock: Clock; ids: IdSource };
  search: SearchService;
  project: ProjectService;
  redactor: Redactor;
  tombstones: Tombstones;
}) {
  const { ports, search, project, redactor, tombstones } = deps;
  const store = insightStore(ports.db);

  /** Puts a new insight or note into the index and beside it. The text is already redacted. */
  function add(text: string, hash: string, as: NewText): string {
    const id = ports.ids.next();
    const assessed = assessInsight(text);
    const { rowid } = search.put({
      id,
      kind: as.kind,
      projectKey: as.projectKey,
      sessionId: as.sessionId,
      agentId: as.agentId,
      at: as.at,
      body: text,
      tags: as.tags ?? assessed.topics,
    });
    store.add({ id, hash, rowid, origin: as.origin, ...assessed, capturedAt: as.at });
    return id;
  }

  function keep(
    content: string,
    kind: DocumentKind,
    given: { tags?: string[]; project?: string },
  ): Kept {
    const text = redactor.clean(content).trim();
    if (text === "") throw new SbError("invalid_input", "content: nothing to store");
    // A note and an insight with the same words are two things: neither hides the other.
    const hash = kind === "reflection" ? `note:${insightHash(text)}` : insightHash(text);
    const known = store.idOf(hash);
    if (known) return { id: known, duplicate: true };
    // Said again by a person, it is wanted again.
    tombstones.lift("insight", hash);
    const tags = given.tags?.map(redactor.clean);
    const projectKey = project.keyForWriting(given.project);
    const at = ports.clock.now();
    const id = add(text, hash, {
      kind,
      projectKey,
      at,
      origin: "manual",
      ...(tags ? { tags } : {}),
    });
    redactor.note();
    return { id, duplicate: false };
  }

  function shown(row: StoredInsight): Insight {
    const nameOf = (key: string) => project.get(key)?.name ?? key;
    return {
      id: row.id,
      content: row.content,
      type: row.type,
      topics: [...row.topics],
      confidence: row.confidence,
      quality: row.quality,
      project: nameOf(row.projectKey),
      projects: row.projectKeys.map(nameOf),
      captured_at: isoTime(row.capturedAt),
      seen_count: row.seenCount,
      source: { session_id: row.sessionId, message_uuid: row.messageUuid },
      origin: row.origin,
    };
  }

  /** What answers `query`, by its words and by likeness. */
  async function answering(query: string): Promise<RankedRow[]> {
    const { found } = await search.seek({ query, kinds: ["insight"] });
    return search.rowsOf(found.ranked);
  }

  function visible(rowid: number): StoredInsight | undefined {
    const hidden = project.hiddenKeys();
    const insight = store.byRowid(rowid);
    return insight?.projectKeys.every((key) => hidden.has(key)) ? undefined : insight;
  }

  /** Rows of a listing's first page and after, filtered, in their final order. */
  async function rowsOf(listing: Listing): Promise<RankedRow[]> {
    const isAll = listing.query.trim() === "" || listing.query.trim() === "*";
    const rows = isAll
      ? store.newest().map((rowid): RankedRow => [rowid, 1, 0, 1, 1])
      : await answering(listing.query);
    const keys =
      listing.project && listing.project !== "*" ? project.keysOf(listing.project) : undefined;
    return rows.filter(([rowid]) => {
      const insight = visible(rowid);
      if (!insight) return false;
      if (keys && !insight.projectKeys.some((key) => keys.includes(key))) return false;
      if (listing.type && insight.type !== listing.type) return false;
      return !listing.topic || insight.topics.includes(listing.topic.toLowerCase());
    });
  }

  return {
    /**
     * Captures the insights of one assistant message; what was met before is only sighted again.
     * @returns how many are new.
     */
    capture(text: string, source: Source): number {
      let added = 0;
      for (const { content, hash, line } of extractInsights(text)) {
        let id = store.idOf(hash);
        if (!id) {
          if (tombstones.has("insight", hash)) continue;
          id = add(content, hash, { kind: "insight", origin: "captured", ...source });
          added += 1;
        }
        store.sight(id, { ...source, line });
      }
      return added;
    },

    /** Stores a note that every search finds. */
    storeReflection: (content: string, given: { tags?: string[]; project?: string }): Kept =>
      ports.db.transaction(() => keep(content, "reflection", given)).immediate(),

    /** Stores an insight by hand. */
    storeInsight: (content: string, given: { project?: string }): Kept =>
      ports.db.transaction(() => keep(content, "insight", given)).immediate(),

    /** One page of insights: newest first for `*`, best match first for words. */
    async list(listing: Listing): Promise<{ total: number; insights: Insight[]; cursor?: string }> {
      const { cursor, origin, limit, maxTokens } = listing;
      const opened = cursor === undefined ? undefined : search.openPage(cursor, origin);
      const set = opened?.set ?? { query: listing.query, rows: await rowsOf(listing) };
      const load = ([rowid]: RankedRow, room: number | undefined) => {
        const insight = visible(rowid);
        return insight && cutTo(shown(insight), room);
      };
      const { items, next } = fillPage(set.rows, opened?.offset ?? 0, { limit, maxTokens, load });
      const rest = () =>
        opened ? { cursor: opened.cursorAt(next) } : search.keepPage(set, next, origin);
      return {
        total: set.rows.filter(isThere).length,
        insights: items,
        ...(set.rows.slice(next).some(isThere) ? rest() : {}),
      };
    },

    /** @throws SbError `not_found`. */
    rate(id: string, rating: -1 | 0 | 1): { id: string; rating: number } {
      if (!store.byId(id)) {
        throw new SbError("not_found", `no insight has the id "${truncate(id, 60)}"`, {
          hint: "ids are in the answer of sb insight search '*'",
        });
      }
      store.rate(id, rating);
      return { id, rating };
    },

    /** Every insight that may be shown, newest first. */
    all(): StoredInsight[] {
      const hidden = project.hiddenKeys();
      return store
        .newest()
        .flatMap((rowid) => store.byRowid(rowid) ?? [])
        .filter(({ projectKeys }) => !projectKeys.every((key) => hidden.has(key)));
    },

    get: (id: string): Insight | undefined => {
      const row = store.byId(id);
      return row && shown(row);
    },
    ofSession: store.ofSession,
    ofProject: store.ofProject,
  };
}

/** Where and when a new text belongs. */
interface NewText {
  readonly kind: DocumentKind;
  readonly origin: "captured" | "manual";
  readonly projectKey: string;
  readonly sessionId?: string;
  readonly agentId?: string | undefined;
  readonly at: number;
  readonly tags?: readonly string[];
}
