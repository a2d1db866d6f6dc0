import type { Database } from "bun:sqlite";
import { SbError } from "../kernel/errors.ts";
import type { Clock, IdSource } from "../kernel/ports.ts";
import { collapse, sha256, truncate } from "../kernel/text.ts";
import type { ProjectService } from "../project/service.ts";
import { generalised } from "../search/error-signature.ts";
import type { SearchService } from "../search/service.ts";
import type { Tombstones } from "../search/tombstones.ts";
import type { Redactor } from "../storage/redactions.ts";
import { findFixes } from "./find-fixes.ts";
import { certainty, errorCases, type FoundFix, mainError, type Observed } from "./model.ts";
import { type FixDetail, fixStore, type StoredFix } from "./store.ts";

/** Characters of a fix's title. */
const TITLE_CHARS = 160;

/** A fix that may help, and how sure that is, in 0..1. */
export interface Match {
  readonly fix: StoredFix;
  readonly certainty: number;
  /** 1 in the current project, less the further away a project is. */
  readonly proximity: number;
}

/** Where an observed conversation belongs. */
export interface Origin {
  readonly projectKey: string;
  /** Folder of the project: paths below it are told from there on. */
  readonly root: string;
  readonly conversation: string;
}

/** A fix that somebody tells by hand. */
export interface Recorded {
  readonly error: string;
  readonly action: string;
  readonly changes?: string | undefined;
  readonly type: string;
}

export type ErrorService = ReturnType<typeof errorService>;

/** Knows which errors were met, and what mended them. */
export function errorService(deps: {
  ports: { db: Database; clock: Clock; ids: IdSource };
  project: ProjectService;
  search: SearchService;
  redactor: Redactor;
  tombstones: Tombstones;
}) {
  const { ports, project, search, redactor, tombstones } = deps;
  const store = fixStore(ports.db);

  function keep(fix: FoundFix, { projectKey, root, conversation }: Origin): void {
    const id = `fix-${sha256(`${conversation}|${fix.failedIn}|${fix.command}`).slice(0, 32)}`;
    if (tombstones.has("document", id)) return;
    const detail: FixDetail = {
      signature: fix.error.signature,
      type: fix.error.type ?? null,
      line: fix.error.line,
      command: fix.command,
      origin: "observed",
      failed_at: fix.failedAt,
      attempts: fix.attempts,
      failed_in: fix.failedIn,
      fixed_in: fix.fixedIn,
    };
    search.put({
      id,
      kind: "fix",
      projectKey,
      sessionId: conversation,
      at: fix.fixedAt,
      title: truncate(collapse(fix.error.line), TITLE_CHARS),
      body: bodyOf(fix, root),
      detail,
    });
  }

  /** Fixes of the errors in `text`, the surest first, of projects that may be seen. */
  function matches(text: string, command: string | undefined, keys?: ReadonlySet<string>): Match[] {
    const errors = errorCases(text);
    const here = project.identify().key;
    const near = project.proximityFrom(here);
    const hidden = project.hiddenKeys();
    // People give a message without the word before it, or one that has no form of an error at all.
    const fixes =
      errors.length > 0
        ? store.bySignature(errors.map(({ signature }) => signature))
        : store.byMessage(generalised(text.trim()));
    return fixes
      .filter(({ projectKey }) => !hidden.has(projectKey) && (!keys || keys.has(projectKey)))
      .map((fix) => {
        const { signature } = fix.detail;
        const { line = text } = errors.find((error) => error.signature === signature) ?? {};
        return {
          fix,
          certainty: certainty({ line, command }, fix.detail),
          proximity: fix.projectKey === here ? 1 : (near.get(fix.projectKey) ?? 0.25),
        };
      })
      .sort((a, b) => b.certainty * b.proximity - a.certainty * a.proximity);
  }

  return {
    /** Keeps what was mended in a conversation; exchanges are in their order. Call it in a transaction. */
    observe(exchanges: readonly Observed[], origin: Origin): void {
      for (const fix of findFixes(exchanges)) keep(fix, origin);
    },

    matches,

    /** The surest fix that a project may be told of unasked: its own, or of one it is related to. */
    known(
      output: string,
      from: { command?: string | undefined; projectKey: string },
    ): Match | undefined {
      const error = mainError(output);
      if (!error) return undefined;
      const related = project.proximityFrom(from.projectKey).keys();
      const keys = new Set([from.projectKey, ...related]);
      return matches(error.line, from.command, keys)[0];
    },

    /** Keeps a fix that somebody tells. @returns its id. @throws SbError `invalid_input`. */
    record(told: Recorded): string {
      const line = redactor.clean(told.error).trim();
      const action = redactor.clean(told.action).trim();
      if (line === "" || action === "") {
        throw new SbError("invalid_input", "error_message and action_taken must not be empty");
      }
      const [found] = errorCases(line);
      const head = truncate(collapse(line), TITLE_CHARS);
      const signature = found?.signature ?? `${told.type.toLowerCase()}: ${generalised(head)}`;
      const now = ports.clock.now();
      const id = `fix-${ports.ids.next()}`;
      const changes = told.changes ? [`Changed:\n${redactor.clean(told.changes)}`] : [];
      ports.db
        .transaction(() => {
          const detail: FixDetail = {
            signature,
            type: found?.type ?? (told.type === "unknown" ? null : told.type),
            line: found?.line ?? head,
            command: "",
            origin: "recorded",
            failed_at: now,
            attempts: [],
            failed_in: null,
            fixed_in: null,
          };
          search.put({
            id,
            kind: "fix",
            projectKey: project.keyForWriting(),
            at: now,
            title: head,
            body: [`Error: ${line}`, `Fix: ${action}`, ...changes].join("\n"),
            detail,
          });
          redactor.note();
        })
        .immediate();
      return id;
    },

    /** @throws SbError `not_found`. */
    get(id: string): StoredFix {
      const fix = store.byId(id);
      if (fix && !project.hiddenKeys().has(fix.projectKey)) return fix;
      throw new SbError("not_found", `no fix has the id "${truncate(id, 60)}"`, {
        hint: "sb find fix lists them: fix-…",
      });
    },
  };
}

/** What was wrong and what was done, in lines that are searched and told. */
function bodyOf(fix: FoundFix, root: string): string {
  const lines = [`Error: ${collapse(fix.error.line)}`, `Command: ${collapse(fix.command)}`];
  for (const { path, text } of fix.edits) {
    const shown = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
    lines.push(`Changed ${shown}${text ? `: ${collapse(text)}` : ""}`);
  }
  for (const command of fix.commands) lines.push(`Ran ${collapse(command)}`);
  if (fix.explanation) lines.push(`Why: ${collapse(fix.explanation)}`);
  return lines.join("\n");
}
