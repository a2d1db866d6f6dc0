import type { Database } from "bun:sqlite";
import type { Config } from "../kernel/config.ts";
import { SbError } from "../kernel/errors.ts";
import type { Clock } from "../kernel/ports.ts";
import { sha256 } from "../kernel/text.ts";
import type { SearchService } from "../search/service.ts";
import { type ExchangeDetail, toolText } from "../session/remember.ts";
import { isCompacted, requestScrub, scrub } from "../storage/scrub.ts";
import { markOldest } from "./doomed.ts";
import { forgetStore } from "./forget-store.ts";

/** Documents changed in one transaction: some 20 ms of work. */
const SLICE = 64;

/** Work on what was made from them, at a step. */
const SLICE_MS = 20;

const DAY_MS = 86_400_000;
const MEGABYTE = 1_000_000;

/** What the configuration's `retention` would clear. Insights and notes are never in it. */
export interface RetentionPlan {
  /** Names this very plan. */
  readonly token: string;
  /** Exchanges whose tool outputs are older than allowed. */
  readonly tool_outputs: number;
  /** About how many of the oldest exchanges must go for the store to fit. */
  readonly exchanges: number;
  /** Bytes in use. */
  readonly bytes: number;
  /** Bytes allowed; null without a limit. */
  readonly limit: number | null;
}

export interface RetentionDeps {
  readonly ports: { db: Database; clock: Clock; config: Config };
  readonly search: SearchService;
}

/** Whether anything is configured. */
export function isRetentionSet({ retention }: Config): boolean {
  return retention.max_db_mb > 0 || retention.tool_output_days > 0;
}

/** @throws SbError `invalid_input` when nothing is configured. */
export function planRetention(deps: RetentionDeps): RetentionPlan {
  const { db, config } = deps.ports;
  if (!isRetentionSet(config)) {
    throw new SbError("invalid_input", "no retention is configured", {
      hint: 'set "retention" in ~/.claude/session-buddy.json: max_db_mb, tool_output_days',
    });
  }
  const limit = config.retention.max_db_mb * MEGABYTE;
  const bytes = usedBytes(db);
  const outputs = countOutputs(deps);
  const exchanges = limit > 0 ? excess(db, bytes, limit) : 0;
  const token = sha256(JSON.stringify([outputs, exchanges, limit])).slice(0, 16);
  return { token, tool_outputs: outputs, exchanges, bytes, limit: limit > 0 ? limit : null };
}

/**
 * Clears tool outputs that are too old, then the oldest exchanges until the store fits: a slice at
 * each step, each whole. Cut off anywhere, the next run does the rest.
 */
export function* retain(
  deps: RetentionDeps,
): Generator<void, { outputs: number; exchanges: number }> {
  deps.ports.db.run("PRAGMA secure_delete = ON");
  const outputs = yield* clearOutputs(deps);
  const exchanges = yield* forgetOldest(deps);
  return { outputs, exchanges };
}

/**
 * Forgets until the store fits. What it needs is only known of a compact file: deleted words stay in
 * the text indexes until then. So it is compacted before anything is forgotten, and after each round.
 */
function* forgetOldest({ ports }: RetentionDeps): Generator<void, number> {
  const { db, config, clock } = ports;
  const limit = config.retention.max_db_mb * MEGABYTE;
  const store = forgetStore(db);
  let forgotten = 0;
  while (limit > 0 && usedBytes(db) > limit && isCompacted(scrub(db))) {
    yield;
    const count = excess(db, usedBytes(db), limit);
    if (count === 0) break;
    for (let left = count; left > 0; left -= SLICE) {
      db.transaction(() => {
        markOldest(db, Math.min(SLICE, left));
        store.bury(clock.now());
        store.remove();
        requestScrub(db);
      }).immediate();
      yield;
    }
    forgotten += count;
  }
  return forgotten;
}

/** Bytes of the file that hold something. */
function usedBytes(db: Database): number {
  return (pragma(db, "page_count") - pragma(db, "freelist_count")) * pragma(db, "page_size");
}

function pragma(db: Database, name: "page_count" | "freelist_count" | "page_size"): number {
  const row = db.query<Record<string, number>, []>(`PRAGMA ${name}`).get();
  return Number(Object.values(row ?? {})[0]);
}

/** Bytes that a row's texts take; `octet_length` reads no text for it. */
const WEIGHT = `octet_length(title) + octet_length(body) + octet_length(tools)
  + coalesce(octet_length(detail), 0) + coalesce(octet_length(passages), 0)`;

/** How many of the oldest exchanges stand for what is over the limit, their share of the index counted. */
function excess(db: Database, bytes: number, limit: number): number {
  if (bytes <= limit) return 0;
  const all = db
    .query<{ n: number | null }, []>(`SELECT sum(${WEIGHT}) AS n FROM document`)
    .get()?.n;
  // Each table and index takes a page, however little it holds: that is no document's share.
  const pages = db
    .query<{ n: number }, []>("SELECT count(*) AS n FROM sqlite_schema WHERE rootpage > 0")
    .get()?.n;
  const shared = Math.max(1, bytes - (pages ?? 0) * pragma(db, "page_size"));
  let over = Math.min(1, (bytes - limit) / shared) * (all ?? 0);
  let count = 0;
  const oldest = db.prepare<{ n: number }, []>(
    `SELECT ${WEIGHT} AS n FROM document WHERE kind = 'exchange' ORDER BY at, rowid`,
  );
  for (const { n } of oldest.iterate()) {
    if (over <= 0) break;
    over -= n;
    count += 1;
  }
  return count;
}

/** A text after the key: the tokens of an exchange have it too, with a number. */
const HAS_OUTPUT = `kind = 'exchange' AND at < ?1 AND instr(detail, '"output":"') > 0`;

/** Epoch ms; tool outputs of before it go. */
function cutoff({ ports }: RetentionDeps): number {
  const { tool_output_days: days } = ports.config.retention;
  return days > 0 ? ports.clock.now() - days * DAY_MS : 0;
}

function countOutputs(deps: RetentionDeps): number {
  return (
    deps.ports.db
      .query<{ n: number }, [number]>(`SELECT count(*) AS n FROM document WHERE ${HAS_OUTPUT}`)
      .get(cutoff(deps))?.n ?? 0
  );
}

function* clearOutputs(deps: RetentionDeps): Generator<void, number> {
  const { db } = deps.ports;
  const until = cutoff(deps);
  const next = db.query<{ rowid: number; at: number }, [number, number, number]>(
    `SELECT rowid, at FROM document WHERE ${HAS_OUTPUT} AND (at, rowid) > (?2, ?3)
     ORDER BY at, rowid LIMIT ${SLICE}`,
  );
  let cleared = 0;
  for (let after = { at: -1, rowid: -1 }; until > 0; ) {
    const rows = next.all(until, after.at, after.rowid);
    const last = rows.at(-1);
    if (!last) break;
    db.transaction(() => {
      for (const { rowid } of rows) if (clearOutput(deps, rowid)) cleared += 1;
      requestScrub(db);
    }).immediate();
    after = last;
    yield;
  }
  // The errors that they told are known by now: they are looked for again.
  for (let left = Infinity; cleared > 0; ) {
    const { pending = 0 } = deps.search.catchUp(SLICE_MS);
    if (pending === 0 || pending >= left) break;
    left = pending;
    yield;
  }
  return cleared;
}

/** Takes what tools gave back out of an exchange: what they were asked for stays. */
function clearOutput({ search }: RetentionDeps, rowid: number): boolean {
  const document = search.byRowid(rowid);
  const detail = document?.detail as ExchangeDetail | undefined;
  if (!document || !detail?.tools?.some(({ output }) => output !== undefined)) return false;
  const calls = detail.tools.map(({ output: _output, ...call }) => call);
  const { rowid: _rowid, ...kept } = document;
  const cleared = { ...detail, tools: calls };
  const { state } = search.put({ ...kept, tools: toolText(calls), detail: cleared });
  // Of a command that went well the output is no part of the texts: they are the same without it.
  if (state === "unchanged") search.putDetail(rowid, cleared);
  return true;
}
