import { z } from "zod";
import { CODE_KINDS } from "./code.ts";
import { PATH_MATCHES } from "./file-path.ts";
import { DOCUMENT_KINDS, type DocumentKind } from "./kinds.ts";

export { DOCUMENT_KINDS, type DocumentKind };

/** One result, in every search tool. */
export const Hit = z.object({
  id: z.string(),
  kind: z.enum(DOCUMENT_KINDS),
  project: z.string(),
  session_id: z.string().optional(),
  /** ISO 8601, UTC. */
  at: z.string(),
  score: z.number().min(0).max(1),
  /**
   * All that the score is made of, each in 0..1 where nothing else is said; the score is
   * `match × (0.98 + 0.02 recency) × (0.7 + 0.3 proximity) × kind × (1 + 0.03 use)`, 1 at most,
   * without what is missing. `match` is what words, likeness and the rest of its session are worth
   * together, or the older statement that it replaces, and above 1 at times; where it is missing
   * it is `text`. `use`, in -1..1, tells of votes, of how often it was opened, and of where else it
   * was given. By file, it is `match × (0.6 + 0.4 recency) × (0.7 + 0.3 proximity)`; what is listed
   * without words scores 1.
   */
  why: z.object({
    text: z.number().optional(),
    semantic: z.number().optional(),
    match: z.number().optional(),
    recency: z.number(),
    proximity: z.number(),
    kind: z.number().optional(),
    use: z.number().optional(),
    path: z.enum(PATH_MATCHES).optional(),
  }),
  snippet: z.string(),
  /** The messages that the snippet shows. */
  message_uuids: z.array(z.string()).optional(),
  title: z.string().optional(),
  tags: z.array(z.string()).optional(),
  /** Files that tool calls touched, in search by file. */
  files: z
    .array(z.object({ path: z.string(), action: z.string(), times: z.number().int() }))
    .optional(),
  /** The block of code that the snippet begins with. */
  code: z
    .object({
      language: z.string(),
      kinds: z.array(z.enum(CODE_KINDS)),
      names: z.array(z.string()),
      source: z.enum(["fence", "edit", "write"]),
      path: z.string().optional(),
    })
    .optional(),
  /** The error that was found, as it was told. */
  error: z
    .object({ type: z.string().optional(), line: z.string(), command: z.string().optional() })
    .optional(),
});
export type Hit = z.infer<typeof Hit>;

/** A message's place in a document's body: uuid, role, start and end in UTF-16 units. */
export type PassageRow = readonly [uuid: string, role: string, start: number, end: number];

/** A tool call as it is stored with its exchange: `detail.tools`. */
export interface KeptCall {
  readonly name: string;
  readonly command?: string;
  readonly files?: readonly { readonly path: string; readonly action: string }[];
  readonly input?: string;
  /** Uuid of the message whose text `input` is; unknown for what was stored without it. */
  readonly message?: string;
  readonly failed?: boolean;
  readonly output?: string;
  readonly output_hash?: string;
}

/** A document to be stored. Every text is already redacted. */
export interface NewDocument {
  readonly id: string;
  readonly kind: DocumentKind;
  readonly projectKey: string;
  readonly sessionId?: string | undefined;
  readonly agentId?: string | undefined;
  readonly branch?: string | undefined;
  /** Epoch ms. */
  readonly at: number;
  readonly title?: string;
  readonly body: string;
  readonly passages?: readonly PassageRow[];
  /** What tools were given and gave back: searched with less weight than the body. */
  readonly tools?: string;
  /** Stored as JSON. */
  readonly detail?: unknown;
  readonly tags?: readonly string[];
  readonly files?: readonly { readonly path: string; readonly action: string }[];
}

/** What became of a document: new, longer than before, or known as it is. */
export interface Stored {
  readonly rowid: number;
  readonly state: "stored" | "updated" | "unchanged";
}

/** A document as it is read back. */
export interface StoredDocument {
  readonly rowid: number;
  readonly id: string;
  readonly kind: DocumentKind;
  readonly projectKey: string;
  readonly sessionId?: string;
  readonly agentId?: string;
  readonly branch?: string;
  readonly at: number;
  readonly title: string;
  readonly body: string;
  readonly passages: readonly PassageRow[];
  readonly tools: string;
  readonly detail: unknown;
  readonly tags: readonly string[];
}
