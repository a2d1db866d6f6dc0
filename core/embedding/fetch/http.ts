import { SbError } from "../../kernel/errors.ts";

/** How many times a server may send us on. */
const MAX_REDIRECTS = 5;

/** How long servers may keep us waiting, in milliseconds. */
export interface Patience {
  /** Until an answer begins. */
  readonly answerMs: number;
  /** Between two pieces of its body. */
  readonly pieceMs: number;
  /** A body that brings fewer bytes in so many milliseconds of waiting for it is given up. */
  readonly slowest: { readonly bytes: number; readonly inMs: number };
  /** Before a cut download is taken up again, one try after the other; then it is given up for now. */
  readonly pausesMs: readonly number[];
}

export interface Ask {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `Authorization`, for the origin of `url` alone. */
  readonly authorization?: string | undefined;
  readonly patience: Patience;
}

/** An answer that has begun; `abort` ends it wherever it is. */
export interface Answer {
  readonly response: Response;
  readonly abort: () => void;
}

/** No answer came: the address cannot be reached, or the connection broke. */
export class Unreachable extends Error {}

/** An answer comes, and so slowly that its end would not be seen: asking again helps nothing. */
export class TooSlow extends Unreachable {}

/**
 * Sends one GET and follows redirects. Nothing but this request goes out: no cookie, no referrer,
 * and credentials never to another origin than they are for.
 * @throws Unreachable when there is no answer, SbError `unavailable` for an address that is none.
 */
export async function ask(request: Ask): Promise<Answer> {
  const first = addressOf(request.url);
  let url = first;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const answer = await askOnce(url, {
      ...request,
      authorization: url.origin === first.origin ? request.authorization : undefined,
    });
    const { status, headers } = answer.response;
    const location = headers.get("location");
    if (status < 300 || status > 399 || status === 304 || location === null) return answer;
    answer.abort();
    url = addressOf(location, url);
  }
  throw new SbError("unavailable", `${first.host} redirects without end`, {
    hint: "try again later",
  });
}

async function askOnce(url: URL, { headers, authorization, patience }: Ask): Promise<Answer> {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), patience.answerMs);
  try {
    const response = await fetch(url, {
      redirect: "manual",
      signal: control.signal,
      // A file is to come as its checksum knows it, and a range counts bytes of the file itself.
      headers: {
        "user-agent": "session-buddy",
        "accept-encoding": "identity",
        ...headers,
        ...(authorization ? { authorization } : {}),
      },
    });
    return { response, abort: () => control.abort() };
  } catch (cause) {
    const why = control.signal.aborted
      ? `no answer in ${patience.answerMs / 1000} s`
      : reasonOf(cause);
    throw new Unreachable(`${url.host}: ${why}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The body of an answer piece by piece.
 * @throws Unreachable when it stops coming or breaks, TooSlow when next to nothing comes.
 */
export async function* piecesOf(
  { response, abort }: Answer,
  patience: Patience,
): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const isTooSlow = paceOf(patience);
  try {
    for (;;) {
      const asked = performance.now();
      const { done, value } = await withinTime(reader.read(), patience.pieceMs);
      if (done) return;
      const late = isTooSlow(value.length, performance.now() - asked);
      if (late) throw new TooSlow(`${new URL(response.url).host} is too slow: ${late}`);
      yield value;
    }
  } catch (cause) {
    if (cause instanceof Unreachable) throw cause;
    throw new Unreachable(`the connection broke: ${reasonOf(cause)}`, { cause });
  } finally {
    abort();
  }
}

/**
 * Takes the pieces of a body with how long each was waited for, stretch after stretch; what is done
 * with a piece meanwhile is not the server's time. @returns how little came, if it was too little.
 */
function paceOf({ slowest }: Patience): (bytes: number, ms: number) => string | undefined {
  let [came, waited] = [0, 0];
  return (bytes, ms) => {
    came += bytes;
    waited += ms;
    if (waited < slowest.inMs) return undefined;
    if (came < slowest.bytes) return `${came} bytes in ${(waited / 1000).toFixed(1)} s`;
    [came, waited] = [0, 0];
    return undefined;
  };
}

/** A body as text, of at most `limit` bytes. @throws Unreachable, or SbError when it is longer. */
export async function textOf(answer: Answer, patience: Patience, limit: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of piecesOf(answer, patience)) {
    bytes += piece.length;
    if (bytes > limit) throw new SbError("unavailable", "the server answers with too much");
    parts.push(piece);
  }
  return Buffer.concat(parts).toString("utf8");
}

async function withinTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Unreachable(`nothing came for ${ms / 1000} s`)),
    ms,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function addressOf(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new SbError("unavailable", `no address to fetch from: "${text.slice(0, 200)}"`, {
    hint: "an address begins with https:// or http://",
  });
}

/** What a failed `fetch` says, short: its code where it has one. */
function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return String(typeof code === "string" ? code : (message ?? error));
}
