import { bytesInList } from "../kernel/fill-page.ts";
import { isoTime } from "../kernel/text.ts";
import { itemPage, listPage } from "../search/list-page.ts";
import type { Origin } from "../search/page.ts";
import type { Services } from "../services.ts";
import { presentSession } from "./present-session.ts";
import { timeline } from "./timeline.ts";

/** Of the room for a session, what its files may take: what happened comes first. */
const FILES_SHARE = 0.3;

interface Paged {
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly maxTokens: number;
  readonly origin: Origin;
}

type Session = ReturnType<typeof presentSession>;
type Conversation = ReturnType<typeof presentConversation>;

/** Sessions of ours and conversations of Claude Code's, together newest first. */
export function sessionList(services: Services, request: Paged & { project: string | undefined }) {
  const { project, session, transcript, search } = services;
  const { project: name, ...paged } = request;
  const hidden = project.hiddenKeys();
  const keys = () => {
    const of = name && name !== "*" ? project.keysOf(name) : undefined;
    const all = [
      ...session.times(of).map((one) => ({ ...one, key: `s:${one.id}` })),
      ...transcript.times(of).map((one) => ({ ...one, key: `c:${one.id}` })),
    ];
    return all
      .filter(({ projectKey }) => !hidden.has(projectKey))
      .sort((a, b) => b.at - a.at || (a.key < b.key ? 1 : -1))
      .map(({ key }) => key);
  };
  const load = (key: string): { session?: Session; conversation?: Conversation } | undefined => {
    const id = key.slice(2);
    const found = key.startsWith("s:") ? session.get(id) : transcript.conversation(id);
    if (!found || hidden.has(found.projectKey)) return undefined;
    return "id" in found
      ? { session: presentSession(project, found) }
      : { conversation: presentConversation(services, found) };
  };
  const { total, items, more } = listPage(search, { ...paged, keys, load });
  return {
    total,
    sessions: items.flatMap(({ session: one }) => one ?? []),
    conversations: items.flatMap(({ conversation: one }) => one ?? []),
    ...more,
  };
}

function presentConversation(
  { project }: Services,
  found: NonNullable<ReturnType<Services["transcript"]["conversation"]>>,
) {
  return {
    conversation: found.sessionId,
    project: project.get(found.projectKey)?.name ?? found.projectKey,
    ...(found.title ? { title: found.title } : {}),
    ...(found.branch ? { branch: found.branch } : {}),
    started_at: isoTime(found.startedAt),
    ended_at: isoTime(found.endedAt),
    context_tokens: found.contextTokens,
  };
}

/** What happened in a session, the newest moments first paged, each page in the order of time. */
export function sessionPage(services: Services, request: Paged & { id: string | undefined }) {
  const { id, ...paged } = request;
  const told = timeline(services, id);
  const frame = {
    ...(told.session ? { session: presentSession(services.project, told.session) } : {}),
    conversations: [...told.conversations],
    files: fitting(told.files, paged.maxTokens * 4 * FILES_SHARE),
    files_total: told.files.length,
    usage: told.usage,
  };
  const { total, items, more } = itemPage(services.search, {
    ...{ ...paged, frame },
    items: told.moments.toReversed(),
    keyOf: ({ at, kind, id: of, text }) => `${at} ${kind} ${of ?? Bun.hash(text)}`,
    show: (moment) => ({ ...moment }),
  });
  return { ...frame, moments: items.reverse(), total, ...more };
}

/** The first of `items` that are no more than `bytes` of JSON. */
function fitting<T>(items: readonly T[], bytes: number): T[] {
  let left = bytes;
  const end = items.findIndex((item) => {
    left -= bytesInList(item);
    return left < 0;
  });
  return items.slice(0, end < 0 ? items.length : end);
}
