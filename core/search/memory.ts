import { SbError } from "../kernel/errors.ts";
import { isoTime, truncate } from "../kernel/text.ts";
import type { ProjectService } from "../project/service.ts";
import type { StoredDocument } from "./model.ts";
import type { SearchService } from "./service.ts";

/** Most bytes of JSON for a name, a title, a tag: a document may have any of them without end. */
const NAME_BYTES = 90;
const TITLE_BYTES = 160;
const TAG_BYTES = 60;

/** Bytes of the keys that every answer has, of the longest `tokens`, and of a field's punctuation. */
const FRAME_BYTES = 130;

const NEIGHBOUR_CHARS = 160;

interface Neighbour {
  readonly id: string;
  readonly at: string;
  readonly snippet: string;
}

/**
 * One document and what came before and after it in its session, in `maxTokens` as a whole.
 *
 * Its text comes first and has at least half of the room where it needs that; what says whose it
 * is, and the neighbours, the nearest first, share the rest. `detail` is shown if it still fits.
 * That it was opened is noted: later searches put it a little before its like.
 * @throws SbError `not_found`.
 */
export function describeDocument(
  { search, project }: { search: SearchService; project: ProjectService },
  request: { id: string; neighbours: number; maxTokens: number },
) {
  const document = search.byId(request.id);
  if (!document || project.hiddenKeys().has(document.projectKey)) {
    throw new SbError("not_found", `no memory has the id "${truncate(request.id, 60)}"`, {
      hint: "ids are in the hits of sb search",
    });
  }
  search.opened(document.rowid);
  const all = request.maxTokens * 4;
  const head = headOf(document, {
    project: project.get(document.projectKey)?.name ?? document.projectKey,
    bytes: all / 2 - FRAME_BYTES,
  });
  const room = all - FRAME_BYTES - bytesOf(head);
  const least = Math.min(bytesOf(document.body), all / 2);
  const round = nearest(search.neighbours(document, request.neighbours), room - least);
  const content = fit(document.body, room - round.bytes);
  const left = room - round.bytes - bytesOf(content);
  return {
    ...head,
    content,
    truncated: content.length < document.body.length,
    ...(document.detail && bytesOf({ detail: document.detail }) <= left
      ? { detail: document.detail }
      : {}),
    before: round.before,
    after: round.after,
  };
}

/** Whose document it is: what must be said, and the rest as long as it fits into `bytes`. */
function headOf(document: StoredDocument, given: { project: string; bytes: number }) {
  const must = {
    id: document.id,
    kind: document.kind,
    project: fit(given.project, NAME_BYTES),
    at: isoTime(document.at),
  };
  let left = given.bytes - bytesOf({ ...must, tags: [] });
  const fits = (part: unknown) => {
    const bytes = bytesOf(part) + 1;
    if (bytes > left) return false;
    left -= bytes;
    return true;
  };
  const { sessionId, agentId, branch, title } = document;
  const may = [
    sessionId ? { session_id: sessionId } : {},
    title ? { title: fit(title, TITLE_BYTES) } : {},
    agentId ? { agent_id: fit(agentId, NAME_BYTES) } : {},
    branch ? { branch: fit(branch, NAME_BYTES) } : {},
  ].filter((part) => fits(part));
  const tags = document.tags.map((tag) => fit(tag, TAG_BYTES)).filter((tag) => fits(tag));
  const said: { session_id?: string; title?: string; agent_id?: string; branch?: string } =
    Object.assign({}, ...may);
  return { ...must, ...said, tags };
}

/** The neighbours that fit into `bytes`, the nearest first, each list in the order of time. */
function nearest(
  around: { before: readonly StoredDocument[]; after: readonly StoredDocument[] },
  bytes: number,
) {
  const before: Neighbour[] = [];
  const after: Neighbour[] = [];
  let used = 0;
  for (let step = 1; step <= Math.max(around.before.length, around.after.length); step += 1) {
    for (const [document, add] of [
      [around.before.at(-step), (one: Neighbour) => before.unshift(one)],
      [around.after.at(step - 1), (one: Neighbour) => after.push(one)],
    ] as const) {
      if (!document) continue;
      const neighbour = brief(document);
      const more = bytesOf(neighbour) + 1;
      if (used + more > bytes) return { before, after, bytes: used };
      add(neighbour);
      used += more;
    }
  }
  return { before, after, bytes: used };
}

function brief({ id, at, body }: StoredDocument): Neighbour {
  return {
    id,
    at: isoTime(at),
    snippet: truncate(body.replace(/\s+/gu, " "), NEIGHBOUR_CHARS),
  };
}

/** As much of `text` as is no more than `bytes` of JSON, its quotes counted. */
function fit(text: string, bytes: number): string {
  if (bytesOf(text) <= bytes) return text;
  let low = 0;
  let high = Math.min(text.length - 1, Math.max(0, Math.floor(bytes)));
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (bytesOf(truncate(text, middle)) <= bytes) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? "" : truncate(text, low);
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
