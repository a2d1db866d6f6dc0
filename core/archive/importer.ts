import type { Database } from "bun:sqlite";
import { assessInsight } from "../insight/classify.ts";
import { insightHash } from "../insight/model.ts";
import { insightStore } from "../insight/store.ts";
import type { Clock, IdSource } from "../kernel/ports.ts";
import { sha256 } from "../kernel/text.ts";
import type { ProjectService } from "../project/service.ts";
import type { DocumentKind, NewDocument } from "../search/model.ts";
import type { SearchService } from "../search/service.ts";
import type { TombstoneKind, Tombstones } from "../search/tombstones.ts";
import type { TranscriptService } from "../transcript/service.ts";
import { importStore } from "./import-store.ts";
import { BadRecord } from "./parse.ts";
import type { DocumentRecord, ImportRecord, InsightRecord, RecordOf } from "./record.ts";

/** What became of a record. `forgotten`: it has a tombstone, or belongs to something that has. */
export type Outcome = "imported" | "updated" | "duplicate" | "forgotten";

export interface ImporterDeps {
  readonly ports: { db: Database; clock: Clock; ids: IdSource };
  readonly project: ProjectService;
  readonly search: SearchService;
  readonly transcript: TranscriptService;
  readonly tombstones: Tombstones;
}

type Placed = { readonly project?: string | undefined; readonly project_key?: string | undefined };

/** Stores records, each once; call it inside a transaction. `revive`: tombstones are lifted. */
export function importer(deps: ImporterDeps, { revive }: { revive: boolean }) {
  const { ports, project, search, transcript, tombstones } = deps;
  const store = importStore(ports.db);
  const insights = insightStore(ports.db);
  const keys = new Map<string, string>();

  /** Key of the project that a record belongs to; a project that is not known is made. */
  function placeOf({ project: name, project_key }: Placed): string {
    const known = keys.get(`${project_key}\0${name}`);
    if (known) return known;
    const key = project_key ?? project.keyForWriting(name);
    if (!project.get(key)) {
      const at = ports.clock.now();
      store.project({ key, name: name ?? key, vcs: "none", first_seen: at, last_seen: at });
    }
    keys.set(`${project_key}\0${name}`, key);
    return key;
  }

  /** Whether one of `marks` was forgotten; with `revive` they are lifted, and none was. */
  function isForgotten(marks: readonly (readonly [TombstoneKind, string])[]) {
    if (tombstones.isEmpty()) return false;
    const found = marks.filter(([kind, key]) => tombstones.has(kind, key));
    if (!revive) return found.length > 0;
    for (const [kind, key] of found) tombstones.lift(kind, key);
    return false;
  }

  function documentOf(kind: DocumentKind, id: string, record: DocumentRecord): NewDocument {
    return {
      id,
      kind,
      projectKey: placeOf(record),
      sessionId: record.session_id,
      agentId: record.agent_id,
      branch: record.branch,
      at: record.created_at ?? ports.clock.now(),
      body: record.content,
      ...(record.title ? { title: record.title } : {}),
      ...(record.passages ? { passages: record.passages } : {}),
      ...(record.tools ? { tools: record.tools } : {}),
      ...(record.detail ? { detail: record.detail } : {}),
      ...(record.tags ? { tags: record.tags } : {}),
      files: (record.files ?? []).flatMap(([path, action, times = 1]) =>
        Array<{ path: string; action: string }>(times).fill({ path, action }),
      ),
    };
  }

  /** An exchange, hand-off or fix: known by its id; of two lengths of one, the longer stays. */
  function takeDocument(kind: DocumentKind, record: DocumentRecord): Outcome {
    if (record.content === "" && !record.tools) throw new BadRecord("content: nothing to store");
    const id = record.id ?? idOf(kind, record);
    const known = search.byId(id);
    if (known && known.kind !== kind)
      throw new BadRecord(`id: taken by another kind, ${known.kind}`);
    if (known && known.body.length >= record.content.length) return "duplicate";
    const uuids = (record.passages ?? []).map(([uuid]) => uuid);
    const marks = [id, ...uuids].map((uuid) => ["message", uuid] as const);
    if (isForgotten([["document", id], ...marks])) return "forgotten";
    const isTold = (uuid: string) => (search.owner(uuid)?.id ?? id) !== id;
    if (!known && uuids.length > 0 && uuids.every(isTold)) return "duplicate";
    return search.put(documentOf(kind, id, record)).state === "stored" ? "imported" : "updated";
  }

  function takeInsight(kind: "reflection" | "insight", given: InsightRecord): Outcome {
    const record = { ...given, content: given.passages ? given.content : given.content.trim() };
    if (record.content === "") throw new BadRecord("content: nothing to store");
    const own = insightHash(record.content);
    const hash = kind === "reflection" ? `note:${own}` : own;
    const known = insights.idOf(hash);
    if (known) {
      sight(known, record);
      return "duplicate";
    }
    if (isForgotten([["insight", hash]])) return "forgotten";
    const id = record.id && !search.byId(record.id) ? record.id : ports.ids.next();
    const assessed = isAssessed(record) ? undefined : assessInsight(record.content);
    // A record of an export that names no tags has none; one by hand is found by its topics.
    const tags = [...(record.tags ?? (assessed ? (record.topics ?? assessed.topics) : []))];
    const { rowid } = search.put(documentOf(kind, id, { ...record, tags }));
    const { insight_type, topics, confidence, quality, reasons } = record;
    insights.add({
      id,
      hash,
      rowid,
      origin: record.origin ?? "manual",
      type: insight_type ?? assessed?.type ?? "general",
      topics: topics ?? assessed?.topics ?? [],
      confidence: confidence ?? assessed?.confidence ?? 0,
      quality: quality ?? assessed?.quality ?? 0,
      reasons: reasons ?? assessed?.reasons ?? [],
      capturedAt: record.captured_at ?? record.created_at ?? ports.clock.now(),
    });
    sight(id, record);
    return "imported";
  }

  /** Adds where an insight was met, and its rating where it has none. */
  function sight(id: string, { sightings = [], rating = 0 }: InsightRecord): void {
    for (const { message_uuid, line, session_id, agent_id, project_key, at } of sightings) {
      placeOf({ project_key });
      const place = { messageUuid: message_uuid, line, sessionId: session_id, agentId: agent_id };
      insights.sight(id, { ...place, projectKey: project_key, at });
    }
    if (rating !== 0) store.rate(id, rating);
  }

  /** One that lost something goes on without its title, as long as anything of it is remembered. */
  function takeConversation(record: RecordOf<"conversation">): Outcome {
    const { session_id: sessionId, title_rank, branch, compactions = 0 } = record;
    const hasLost = isForgotten([["conversation", sessionId]]);
    if (hasLost && search.lastOfSession(sessionId, "exchange", 1).length === 0) return "forgotten";
    const title = hasLost ? undefined : record.title;
    const known = transcript.conversation(sessionId);
    transcript.extend({
      sessionId,
      projectKey: placeOf(record),
      ...(title ? { title, titleRank: title_rank ?? 0 } : {}),
      ...(branch ? { branch } : {}),
      startedAt: record.started_at,
      endedAt: record.ended_at,
      contextTokens: record.context_tokens ?? 0,
      compactions: Math.max(0, compactions - (known?.compactions ?? 0)),
    });
    return known ? "duplicate" : "imported";
  }

  function takeSession(record: RecordOf<"session">): Outcome {
    if (isForgotten([["document", `handoff-${record.id}`]])) return "forgotten";
    return isNew(store.session(record, placeOf(record)));
  }

  return {
    /** @throws BadRecord for what cannot be stored as it is. */
    take(record: ImportRecord): Outcome {
      switch (record.type) {
        case "header":
          return "duplicate";
        case "project":
          return isNew(store.project(record.value));
        case "dependency":
          return isNew(store.dependency(record.value));
        case "tombstone": {
          const { kind, key, at } = record.value;
          if (revive || tombstones.has(kind, key)) return "duplicate";
          tombstones.add(kind, key, at);
          return "imported";
        }
        case "reflection":
        case "insight":
          return takeInsight(record.type, record.value);
        case "conversation":
          return takeConversation(record.value);
        case "session":
          return takeSession(record.value);
        case "checkpoint":
          if (!store.hasSession(record.value.session_id)) return "forgotten";
          return isNew(store.checkpoint(record.value));
        default:
          return takeDocument(record.type, record.value);
      }
    },
  };
}

function isNew(added: boolean): Outcome {
  return added ? "imported" : "duplicate";
}

/** Whether a record says all that the rules would. */
function isAssessed({
  insight_type,
  topics,
  confidence,
  quality,
  reasons,
}: InsightRecord): boolean {
  return [insight_type, topics, confidence, quality, reasons].every((part) => part !== undefined);
}

/** Of a document that has none: the same content at the same time is the same document. */
function idOf(kind: DocumentKind, { content, created_at, tools }: DocumentRecord): string {
  return `${kind}-${sha256(JSON.stringify([content, tools ?? "", created_at ?? 0])).slice(0, 32)}`;
}
