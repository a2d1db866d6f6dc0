import type { Database } from "bun:sqlite";
import { redact } from "../kernel/redact.ts";
import type { ProjectService } from "../project/service.ts";
import type { DocumentKind } from "../search/model.ts";
import type { Tombstones } from "../search/tombstones.ts";
import { cleanRecord } from "./clean.ts";
import { type ExportFilter, exportStore } from "./export-store.ts";
import { FORMAT_VERSION } from "./record.ts";

/** What is exported: all that may be recalled, where nothing narrows it. */
export interface ExportRequest {
  readonly project?: string | undefined;
  readonly kinds?: readonly DocumentKind[] | undefined;
  /** Epoch ms: what happened earlier is left out. */
  readonly since?: number | undefined;
  /** Paused and ignored projects too. */
  readonly hidden?: boolean;
}

/** How many records of each type were written, and what was left out as paused or ignored. */
export interface ExportReport {
  readonly records: number;
  readonly by_type: Readonly<Record<string, number>>;
  readonly hidden_projects: number;
}

interface Deps {
  readonly ports: { db: Database };
  readonly project: ProjectService;
  readonly tombstones: Tombstones;
}

/**
 * The lines of an export, each one record of JSON with its newline, from one moment of the store.
 * Memory stays flat. Every text is redacted again. The same store gives the same bytes.
 */
export function* exportLines(deps: Deps, request: ExportRequest): Generator<string, ExportReport> {
  const { db } = deps.ports;
  const hidden = request.hidden ? [] : [...deps.project.hiddenKeys()];
  const filter: ExportFilter = {
    hiddenKeys: hidden,
    ...(request.project ? { projectKeys: deps.project.keysOf(request.project) } : {}),
    ...(request.kinds ? { kinds: request.kinds } : {}),
    ...(request.since === undefined ? {} : { since: request.since }),
  };
  const counts: Record<string, number> = {};
  let records = 0;
  db.run("BEGIN");
  try {
    for (const { type, ...record } of allRecords(deps, filter)) {
      if (type !== "header") {
        counts[type] = (counts[type] ?? 0) + 1;
        records += 1;
      }
      yield `${JSON.stringify({ type, ...cleanRecord(record, (text) => redact(text).text) })}\n`;
    }
  } finally {
    db.run("ROLLBACK");
  }
  return { records, by_type: counts, hidden_projects: hidden.length };
}

/** A record before it is redacted. */
export type RawRecord = { readonly type: string } & Readonly<Record<string, unknown>>;

function* allRecords({ ports, tombstones }: Deps, filter: ExportFilter): Generator<RawRecord> {
  const store = exportStore(ports.db, filter);
  const isWhole = !filter.kinds;
  yield { type: "header", format: "session-buddy", version: FORMAT_VERSION };
  yield* store.projects();
  if (isWhole) yield* store.dependencies();
  if (isWhole && !filter.projectKeys && filter.since === undefined) {
    for (const { kind, key, at } of tombstones.all()) {
      yield { type: "tombstone", kind, key, at: new Date(at).toISOString() };
    }
  }
  yield* store.documents();
  if (!isWhole) return;
  yield* store.conversations();
  yield* store.sessions();
  yield* store.checkpoints();
}
