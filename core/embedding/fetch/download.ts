import { type FileHandle, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { SbError } from "../../kernel/errors.ts";
import { type Answer, ask, type Patience, piecesOf, TooSlow, Unreachable } from "./http.ts";
import { matches, type Pin } from "./pins.ts";
import { placeFailure } from "./place.ts";

/** Statuses that another try may change. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

export interface Download {
  readonly url: string;
  readonly authorization?: string | undefined;
  readonly pin: Pin;
  /** Where it is put: whole and checked when `download` returns, to be taken up again before. */
  readonly path: string;
  readonly patience: Patience;
}

/** How a try ended that may be taken up again. */
type Outcome =
  | { readonly kind: "whole" }
  | { readonly kind: "cut"; readonly why: string }
  | { readonly kind: "unreached"; readonly why: string };

/**
 * Brings a pinned file, going on where an earlier try was cut, in this process or another.
 * @throws SbError `unavailable` when it cannot be had (what came is kept for the next time),
 * `corrupt` when what came is something else.
 */
export async function download(
  file: Download,
  onBytes: (bytes: number) => void = () => {},
): Promise<void> {
  let tries = 0;
  let restarted = false;
  let received = false;
  for (;;) {
    if ((await sizeOf(file.path)) > file.pin.bytes) await discard(file);
    const before = await sizeOf(file.path);
    const outcome = before === file.pin.bytes ? WHOLE : await attempt(file, before, onBytes);
    if (outcome.kind === "whole") {
      if (await matches(file.pin, Bun.file(file.path))) return forget(noteOf(file.path));
      await discard(file);
      // A piece of something else may have been there before: once more, from the start.
      if (before === 0 || restarted) throw notThePinned(file);
      restarted = true;
      continue;
    }
    const came = (await sizeOf(file.path)) - before;
    received ||= came > 0;
    // A byte a try is no progress: the tries would never end.
    if (came >= file.patience.slowest.bytes) tries = 0;
    // Who was never reached will not be in a second either; there may be another source.
    if (outcome.kind === "unreached" && !received) throw givenUp(outcome.why);
    const pause = file.patience.pausesMs[tries];
    if (pause === undefined) throw givenUp(outcome.why);
    tries += 1;
    await Bun.sleep(pause);
  }
}

const WHOLE: Outcome = { kind: "whole" };

async function attempt(
  file: Download,
  have: number,
  onBytes: (bytes: number) => void,
): Promise<Outcome> {
  let answer: Answer;
  try {
    answer = await ask({ ...file, headers: await rangeHeaders(file, have) });
  } catch (error) {
    if (error instanceof Unreachable) return { kind: "unreached", why: error.message };
    throw error;
  }
  try {
    const start = startOf(answer, file, have);
    if (typeof start !== "number") {
      answer.abort();
      if (start.fresh) await discard(file);
      return { kind: "cut", why: start.why };
    }
    return await receive(answer, { file, start, onBytes });
  } catch (error) {
    if (error instanceof TooSlow) throw givenUp(error.message);
    if (error instanceof Unreachable) return { kind: "cut", why: error.message };
    throw error;
  }
}

/** Asks for the rest; `If-Range` brings the whole when the file there is another by now. */
async function rangeHeaders({ path }: Download, have: number): Promise<Record<string, string>> {
  if (have === 0) return {};
  const etag = await readFile(noteOf(path), "utf8").catch(() => "");
  return { range: `bytes=${have}-`, ...(etag ? { "if-range": etag } : {}) };
}

/** The offset that the answer begins at, or why it cannot be used now. */
function startOf(
  { response }: Answer,
  { pin, url }: Download,
  have: number,
): number | { readonly why: string; readonly fresh: boolean } {
  const { status, headers } = response;
  const host = new URL(url).host;
  if (status === 416) return { why: `${host} has nothing from byte ${have} on`, fresh: true };
  if (PASSING.has(status)) return { why: `${host} answered ${status}`, fresh: false };
  if (status !== 200 && status !== 206) throw refused(host, status);
  const [, from, total] =
    /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
  if (status === 206 && Number(from) !== have) {
    return { why: `${host} sent another part than was asked for`, fresh: true };
  }
  const told = status === 206 ? total : headers.get("content-length");
  if (told && told !== "*" && Number(told) !== pin.bytes) throw wrongLength(host, told, pin);
  return status === 206 ? have : 0;
}

async function receive(
  answer: Answer,
  to: { file: Download; start: number; onBytes: (bytes: number) => void },
): Promise<Outcome> {
  const { file, start, onBytes } = to;
  const { path, pin, patience } = file;
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, start === 0 ? "w" : "a", 0o600);
    await note(path, answer.response.headers.get("etag"));
    let at = start;
    for await (const piece of piecesOf(answer, patience)) {
      at += piece.length;
      if (at > pin.bytes) throw wrongLength(new URL(file.url).host, "more", pin);
      await writeAll(handle, piece);
      onBytes(at);
    }
    if (at < pin.bytes) return { kind: "cut", why: `the connection ended at ${at} bytes` };
    await handle.sync();
    return WHOLE;
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    // A full disk has no room for a part either, and too much is none.
    await discard(file);
    throw placeFailure(error, path);
  } finally {
    answer.abort();
    await handle?.close().catch(() => {});
  }
}

async function writeAll(handle: FileHandle, piece: Uint8Array): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    done += (await handle.write(piece, done)).bytesWritten;
  }
}

/** Remembers the server's name for this content, where it is a strong one (RFC 9110, 13.1.5). */
async function note(path: string, etag: string | null): Promise<void> {
  if (etag?.startsWith('"')) await writeFile(noteOf(path), etag, { mode: 0o600 });
  else await forget(noteOf(path));
}

function noteOf(path: string): string {
  return `${path}.etag`;
}

async function discard({ path }: Download): Promise<void> {
  await forget(path);
  await forget(noteOf(path));
}

async function forget(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {});
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

function givenUp(why: string): SbError {
  return new SbError("unavailable", why, {
    hint: "try again later: what has come is kept, and the download goes on from there",
  });
}

function refused(host: string, status: number): SbError {
  const hint =
    status === 401 || status === 403
      ? "it wants credentials, or forbids this file"
      : "it does not have the file: try another source";
  return new SbError("unavailable", `${host} answered ${status}`, { hint });
}

function wrongLength(host: string, told: string, pin: Pin): SbError {
  return new SbError("corrupt", `${host} has a file of ${told} bytes, not of ${pin.bytes}`, {
    hint: "this is not the model that sb knows: try another source",
  });
}

function notThePinned({ url }: Download): SbError {
  return new SbError("corrupt", `what ${new URL(url).host} sent has the wrong checksum`, {
    hint: "it was discarded: try another source",
  });
}
