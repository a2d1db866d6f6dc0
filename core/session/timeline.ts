import { SbError } from "../kernel/errors.ts";
import { collapse, isoTime, truncate } from "../kernel/text.ts";
import type { StoredDocument } from "../search/model.ts";
import type { Services } from "../services.ts";
import { tell } from "./gather.ts";
import type { ExchangeDetail } from "./remember.ts";
import type { Session } from "./store.ts";

/** One thing that happened, in one line. */
export interface Moment {
  readonly at: string;
  readonly kind: "prompt" | "checkpoint" | "failed_command" | "insight";
  readonly text: string;
  readonly id?: string;
}

const LINE_CHARS = 200;

/** A session of ours or a conversation of Claude Code's, with what happened in it. */
export interface Told {
  readonly session?: Session;
  readonly conversations: readonly string[];
  readonly moments: readonly Moment[];
  readonly files: ReturnType<typeof tell>["files"];
  readonly usage: { input: number; output: number; cache_creation: number; cache_read: number };
}

/**
 * What happened in the session or conversation called `id`; without one, in the current session.
 * @throws SbError `not_found`.
 */
export function timeline(services: Services, id: string | undefined): Told {
  const { session: sessions, search, transcript, insight } = services;
  const own = id ? sessions.get(id) : sessions.current();
  if (!own && !(id && transcript.conversation(id))) {
    throw new SbError("not_found", id ? `no session has the id "${id}"` : "no session is open", {
      hint: "sb session list shows the ids",
    });
  }
  const conversations = own ? sessions.conversationsOf(own) : [id ?? ""];
  const exchanges = own
    ? sessions.exchangesOf(own, conversations)
    : search.ofSession(id ?? "", "exchange").filter(({ agentId }) => !agentId);
  const moments: Moment[] = [
    ...exchanges.flatMap(momentsOf),
    ...(own ? sessions.checkpoints(own.id) : []).map(({ id: key, at, name }) => ({
      at: isoTime(at),
      kind: "checkpoint" as const,
      text: name ?? "checkpoint",
      id: key,
    })),
    ...conversations
      .flatMap((key) => insight.ofSession(key))
      .map((found) => ({
        at: isoTime(found.capturedAt),
        kind: "insight" as const,
        text: truncate(collapse(found.content), LINE_CHARS),
        id: found.id,
      })),
  ];
  return {
    ...(own ? { session: own } : {}),
    conversations,
    moments: moments.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
    files: tell(exchanges, own?.root ?? "").files,
    usage: sumUsage(exchanges),
  };
}

function momentsOf(document: StoredDocument): Moment[] {
  const at = isoTime(document.at);
  const prompt = document.passages.find(([, role]) => role === "user");
  const asked = prompt ? document.body.slice(prompt[2], prompt[3]) : "";
  const failed = ((document.detail as ExchangeDetail | undefined)?.tools ?? []).filter(
    ({ failed: isFailed, command }) => isFailed && command,
  );
  return [
    ...(asked
      ? [
          {
            at,
            kind: "prompt" as const,
            text: truncate(collapse(asked), LINE_CHARS),
            id: document.id,
          },
        ]
      : []),
    ...failed.map(({ command }) => ({
      at,
      kind: "failed_command" as const,
      text: truncate(collapse(command ?? ""), LINE_CHARS),
    })),
  ];
}

function sumUsage(exchanges: readonly StoredDocument[]): Told["usage"] {
  const sum = { input: 0, output: 0, cache_creation: 0, cache_read: 0 };
  for (const { detail } of exchanges) {
    const usage = (detail as ExchangeDetail | undefined)?.usage;
    if (!usage) continue;
    sum.input += usage.input;
    sum.output += usage.output;
    sum.cache_creation += usage.cacheCreation;
    sum.cache_read += usage.cacheRead;
  }
  return sum;
}
