import type { Database } from "bun:sqlite";
import { lstatSync, unlinkSync } from "node:fs";
import { basename } from "node:path";
import { SbError } from "../kernel/errors.ts";
import type { Paths } from "../kernel/paths.ts";
import type { Clock, Logger } from "../kernel/ports.ts";
import { collapse, isoTime, truncate } from "../kernel/text.ts";
import type { ProjectService } from "../project/service.ts";
import type { DocumentKind } from "../search/kinds.ts";
import { matchExpression, queryTerms } from "../search/terms.ts";
import { readHandoff } from "../session/handoff-file.ts";
import { backupsIn } from "../storage/backup.ts";
import { isScrubDue, requestScrub, type Scrubbed, scrub } from "../storage/scrub.ts";
import { isBroad, markDoomed, type Selector } from "./doomed.ts";
import { type DoomedFile, forgetStore } from "./forget-store.ts";
import { instantOf } from "./instant.ts";

/** Documents that a preview shows. */
const EXAMPLES = 5;
const EXAMPLE_CHARS = 120;

/** Files that a preview names. */
const MOST_FILES = 50;

/** Characters of the fingerprint that make a token. */
const TOKEN_CHARS = 16;

/** What a person or a model wants forgotten. What is given must all hold. */
export interface ForgetRequest {
  readonly ids?: readonly string[] | undefined;
  readonly project?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly since?: string | undefined;
  readonly before?: string | undefined;
  readonly query?: string | undefined;
  readonly kinds?: readonly DocumentKind[] | undefined;
}

/** What would be forgotten. */
export interface ForgetPreview {
  /** Names exactly this selection and content. */
  readonly token: string;
  readonly total: number;
  readonly by_kind: Readonly<Record<string, number>>;
  /** Insights that stay, since they were met elsewhere too. */
  readonly insights_kept: number;
  readonly conversations: number;
  readonly sessions: number;
  /** Reminders that are told in these projects alone. */
  readonly reminders?: number;
  readonly examples: {
    readonly id: string;
    readonly kind: DocumentKind;
    readonly project: string;
    readonly at: string;
    readonly text: string;
  }[];
  /** Hand-offs in the projects' folders. */
  readonly handoff_files: string[];
  /** Backups in the data folder, which keep what they have. */
  readonly backups: number;
}

export interface ForgetDeps {
  readonly ports: { db: Database; clock: Clock; log: Logger; paths: Paths };
  readonly project: ProjectService;
}

/**
 * Shows what `request` means, and changes nothing.
 * @throws SbError `invalid_input` for one that names nothing, `not_found` for an unknown id or project.
 */
export function previewForget(deps: ForgetDeps, request: ForgetRequest): ForgetPreview {
  const selector = selectorOf(deps, request);
  return deps.ports.db.transaction(() => {
    markDoomed(deps.ports.db, selector);
    return describe(deps, selector);
  })();
}

/**
 * Forgets what the preview with `token` showed: all of it or nothing. Tombstones keep it from coming
 * back; then the file is scrubbed of the text.
 * @throws SbError `conflict` when something else would be forgotten than what was shown.
 */
export function forget(
  deps: ForgetDeps,
  request: ForgetRequest,
  { token, files }: { token: string | undefined; files: boolean },
): { preview: ForgetPreview; files_deleted: string[]; scrubbed: Scrubbed } {
  const { db, clock } = deps.ports;
  const selector = selectorOf(deps, request);
  const store = forgetStore(db);
  db.run("PRAGMA secure_delete = ON");
  const { preview, doomed } = db
    .transaction(() => {
      markDoomed(db, selector);
      const shown = describe(deps, selector);
      if (token !== undefined && token !== shown.token) throw changed(shown.total);
      const onDisk = store.files();
      const kept = shown.insights_kept + (shown.reminders ?? 0);
      if (shown.total + shown.conversations + shown.sessions + kept > 0) {
        store.bury(clock.now());
        store.remove();
        const keys = wholeProjects(selector);
        if (keys.length > 0) store.removeProjects(keys);
        requestScrub(db);
      }
      return { preview: shown, doomed: onDisk };
    })
    .immediate();
  const deleted = files ? doomed.filter((file) => deleteFile(deps, file)) : [];
  const scrubbed: Scrubbed = isScrubDue(db) ? scrub(db) : { ok: true };
  return { preview, files_deleted: deleted.map(({ path }) => path), scrubbed };
}

/** The projects that are to be forgotten with all that is known of them. */
function wholeProjects({ sessionId, since, before, ...selector }: Selector): readonly string[] {
  const isPart = sessionId !== undefined || since !== undefined || before !== undefined;
  return isPart || !isBroad(selector) ? [] : (selector.projectKeys ?? []);
}

function changed(total: number): SbError {
  return new SbError("conflict", `what would be forgotten has changed: ${total} memories now`, {
    hint: "look at the preview again, and give its token",
  });
}

function describe({ ports, project }: ForgetDeps, selector: Selector): ForgetPreview {
  const store = forgetStore(ports.db);
  const counts = store.counts();
  const hidden = project.hiddenKeys();
  const reminders = store.reminders(wholeProjects(selector));
  return {
    token: store.fingerprint().slice(0, TOKEN_CHARS),
    total: Object.values(counts.byKind).reduce((sum, n) => sum + n, 0),
    by_kind: counts.byKind,
    insights_kept: counts.insightsKept,
    conversations: counts.conversations,
    sessions: counts.sessions,
    ...(reminders > 0 ? { reminders } : {}),
    // What is left alone is counted, and not recalled here either.
    examples: store
      .examples(EXAMPLES)
      .filter(({ project_key }) => !hidden.has(project_key))
      .map(({ id, kind, project_key, at, text }) => ({
        id,
        kind,
        project: truncate(project.get(project_key)?.name ?? project_key, 80),
        at: isoTime(at),
        text: truncate(collapse(text), EXAMPLE_CHARS),
      })),
    handoff_files: store
      .files()
      .slice(0, MOST_FILES)
      .map(({ path }) => path),
    backups: backupsIn(ports.paths.backups).length,
  };
}

function selectorOf({ ports, project }: ForgetDeps, request: ForgetRequest): Selector {
  const now = ports.clock.now();
  const { ids, sessionId, kinds } = request;
  const selector: Selector = {
    ...(ids && ids.length > 0 ? { ids } : {}),
    ...(request.project === undefined ? {} : { projectKeys: project.keysOf(request.project) }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(request.since === undefined ? {} : { since: instantOf(request.since, now) }),
    ...(request.before === undefined ? {} : { before: instantOf(request.before, now) }),
    ...(kinds && kinds.length > 0 ? { kinds } : {}),
    ...(request.query === undefined ? {} : { match: everyTermOf(request.query) }),
  };
  const given = Object.keys(selector);
  if (given.length === 0) {
    throw new SbError("invalid_input", "nothing says what to forget", {
      hint: "give ids, or a project, a session, a time, kinds or a query",
    });
  }
  if (selector.ids && given.length > 1) {
    throw new SbError("invalid_input", "ids stand by themselves", {
      hint: "leave the project, time and query out",
    });
  }
  if (selector.ids) needIds(ports.db, selector.ids);
  if ((selector.since ?? 0) >= (selector.before ?? Number.POSITIVE_INFINITY)) {
    throw new SbError("invalid_input", "since is not before before", { hint: "swap the two" });
  }
  return selector;
}

/** @throws SbError `not_found` naming the first id that nothing has. */
function needIds(db: Database, ids: readonly string[]): void {
  const find = db.query<{ id: string }, [string]>("SELECT id FROM document WHERE id = ?");
  const missing = ids.find((id) => !find.get(id));
  if (missing === undefined) return;
  throw new SbError("not_found", `no memory has the id "${truncate(missing, 60)}"`, {
    hint: "ids are in the hits of sb search; nothing was forgotten",
  });
}

/** An expression for documents that hold all that is asked for: any of it would be far too much. */
function everyTermOf(query: string): string {
  const terms = queryTerms(query);
  if (terms.length > 0) return terms.map((term) => matchExpression([term])).join(" AND ");
  throw new SbError("invalid_input", "the query holds no word", {
    hint: "give a word to look for",
  });
}

/** Deletes a hand-off of ours: nothing else may be reached by a path that a store names. */
function deleteFile({ ports }: ForgetDeps, { path, sessionId }: DoomedFile): boolean {
  try {
    const isOurs =
      /^session_handoff_[\d_]+\.md$/.test(basename(path)) &&
      lstatSync(path).isFile() &&
      readHandoff(path)?.session_id === sessionId;
    if (isOurs) unlinkSync(path);
    return isOurs;
  } catch (error) {
    ports.log.warn(`a hand-off is not deleted: ${String(error)}`);
    return false;
  }
}
