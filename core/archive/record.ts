import * as z from "zod/mini";
import { Handoff } from "../session/handoff.ts";

/** Version of the format that is written; a file of a later one is refused. */
export const FORMAT_VERSION = 1;

/** Longest id, key or uuid, in characters. */
const ID_CHARS = 200;

/** A date, or a time to the millisecond; without a zone it is UTC. */
const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

const id = z.string().check(z.minLength(1), z.maxLength(ID_CHARS), z.regex(/^[^\s\p{Cc}]+$/u));
const text = z.string();
const time = z.pipe(
  z.string().check(z.regex(TIME, "no ISO 8601 time")),
  z.transform((written, context) => {
    const at = Date.parse(
      /^\d{4}-\d\d-\d\d$|[Zz]$|[+-]\d\d:?\d\d$/.test(written) ? written : `${written}Z`,
    );
    if (Number.isNaN(at))
      context.issues.push({ code: "custom", message: "no such time", input: written });
    return at;
  }),
);
const share = z.number().check(z.minimum(0), z.maximum(1));
const count = z.int().check(z.minimum(0));

const touches = z.int().check(z.minimum(1), z.maximum(10_000));

/** Which project a record belongs to: by its key where it came from a store, else by its name. */
const place = {
  project: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
  project_key: z.optional(id),
};

const Sighting = z.object({
  message_uuid: id,
  line: count,
  session_id: id,
  agent_id: z.optional(id),
  project_key: id,
  at: time,
});

/** What an exchange keeps beside its text, as far as it is read again. */
const Detail = z.looseObject({
  cwd: z.optional(text),
  model: z.optional(text),
  ended_at: z.optional(count),
  usage: z.optional(
    z.object({ input: count, output: count, cacheCreation: count, cacheRead: count }),
  ),
  context_tokens: z.optional(count),
  tools: z.optional(
    z.array(
      z.looseObject({
        name: text,
        command: z.optional(text),
        files: z.optional(z.array(z.looseObject({ path: text, action: text }))),
        input: z.optional(text),
        message: z.optional(text),
        failed: z.optional(z.boolean()),
        output: z.optional(text),
        output_hash: z.optional(text),
      }),
    ),
  ),
});

const document = {
  id: z.optional(id),
  content: text,
  ...place,
  session_id: z.optional(id),
  agent_id: z.optional(id),
  branch: z.optional(text),
  created_at: z.optional(time),
  tags: z.optional(z.array(text)),
  title: z.optional(text),
  /** `[uuid, role, start, end]` over `content`, in UTF-16 units. */
  passages: z.optional(z.array(z.tuple([id, text, count, count]))),
  tools: z.optional(text),
  detail: z.optional(Detail),
  /** `[path, read or write, how often]` */
  files: z.optional(z.array(z.tuple([text, text, z.optional(touches)]))),
};

/** Notes and insights; what is left out is assessed by the usual rules. */
const insight = {
  ...document,
  origin: z.optional(z.enum(["captured", "manual"])),
  insight_type: z.optional(
    z.enum(["pattern", "architecture", "best_practice", "gotcha", "general"]),
  ),
  topics: z.optional(z.array(text)),
  confidence: z.optional(share),
  quality: z.optional(share),
  reasons: z.optional(z.array(z.object({ rule: text, points: z.number() }))),
  rating: z.optional(z.int().check(z.minimum(-1), z.maximum(1))),
  captured_at: z.optional(time),
  sightings: z.optional(z.array(Sighting)),
};

/** Every kind of record by its `type`. Times come out as epoch ms. */
export const RECORDS = {
  header: z.object({ format: z.literal("session-buddy"), version: z.int() }),
  project: z.object({
    key: id,
    name: text,
    root: z.optional(text),
    remote: z.optional(text),
    vcs: z.enum(["git", "none"]),
    first_seen: time,
    last_seen: time,
    paused: z.optional(z.boolean()),
  }),
  dependency: z.object({
    source_key: id,
    target_key: id,
    kind: id,
    origin: z.enum(["manifest", "declared"]),
    added_at: time,
  }),
  tombstone: z.object({
    kind: z.enum(["message", "document", "insight", "conversation"]),
    key: id,
    at: time,
  }),
  exchange: z.object(document),
  handoff: z.object(document),
  fix: z.object(document),
  reflection: z.object(insight),
  insight: z.object(insight),
  conversation: z.object({
    session_id: id,
    ...place,
    title: z.optional(text),
    title_rank: z.optional(count),
    branch: z.optional(text),
    started_at: time,
    ended_at: time,
    context_tokens: z.optional(count),
    compactions: z.optional(count),
  }),
  session: z.object({
    id,
    ...place,
    root: text,
    conversation: z.optional(id),
    head: z.optional(text),
    state: z.enum(["ended", "recovered"]),
    started_at: time,
    ended_at: z.optional(time),
    handoff_path: z.optional(text),
    handoff: z.optional(Handoff),
  }),
  checkpoint: z.object({
    id,
    session_id: id,
    name: z.optional(text),
    at: time,
    git: z.record(z.string(), z.unknown()),
    detail: z.unknown(),
  }),
} as const;

export type RecordType = keyof typeof RECORDS;
export type RecordOf<T extends RecordType> = z.output<(typeof RECORDS)[T]>;

/** A record that has been read, checked and redacted. */
export type ImportRecord = {
  [T in RecordType]: { readonly type: T; readonly value: RecordOf<T> };
}[RecordType];

/** The document of an exchange, hand-off or fix. */
export type DocumentRecord = RecordOf<"exchange">;
/** A note or an insight. */
export type InsightRecord = RecordOf<"insight">;
