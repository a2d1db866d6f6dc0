import type { Readable, Writable } from "node:stream";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  type RequestId,
} from "@modelcontextprotocol/sdk/types.js";
import type { Logger } from "../core/kernel/ports.ts";
import { RPC } from "./rpc-error.ts";

/** Longest line read, in bytes. A longer one is skipped to its end, so memory stays bounded. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** A long answer is written in parts of this size, in bytes, so that its progress can be seen. */
const SLICE_BYTES = 64 * 1024;

const NEWLINE = 0x0a;

/** JSON-RPC over two streams, one message a line. */
export interface LineTransport extends Transport {
  /**
   * Waits until every request read so far is answered and every answer is written out, or until
   * `patienceMs` have passed without any of that going forward.
   */
  finish(patienceMs: number): Promise<void>;
  /** The same, but waits no longer than `limitMs` in all. */
  finishWithin(limitMs: number): Promise<void>;
  /** Called once when no more can be read (`input`) or written (`output`). */
  onend?: (side: "input" | "output") => void;
}

/**
 * The SDK's own stdio transport closes for good on a line over 10 MB and does not notice the end
 * of its input; this one does neither. What is no JSON-RPC message is logged and otherwise ignored,
 * except that a broken request with an id is refused by that id.
 */
export function lineTransport(streams: { stdin: Readable; stdout: Writable; log: Logger }) {
  const { stdin, stdout, log } = streams;
  const work = openWork();
  const lines = lineSplitter(
    (line) => receive(line),
    () => log.warn(`skipped a line of more than ${MAX_LINE_BYTES} bytes`),
  );
  const onData = (chunk: Buffer | string) => {
    lines.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  };

  function receive(line: string): void {
    const message = parseLine(line);
    if (message.kind === "blank") return;
    if (message.kind === "message") {
      work.received(message.message);
      transport.onmessage?.(message.message);
      return;
    }
    log.debug("ignored a line that is no JSON-RPC message");
    if (message.id !== undefined) void transport.send(refusal(message.id));
  }

  function ended(side: "input" | "output"): void {
    if (side === "input") lines.finish();
    transport.onend?.(side);
  }

  const transport: LineTransport = {
    start() {
      stdout.on("error", () => ended("output"));
      stdout.on("close", () => ended("output"));
      stdin.on("data", onData);
      for (const event of ["end", "close", "error"]) stdin.once(event, () => ended("input"));
      return Promise.resolve();
    },
    async send(message) {
      work.answering(message);
      const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
      const slices: Promise<void>[] = [];
      for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
        slices.push(work.write(stdout, bytes.subarray(from, from + SLICE_BYTES)));
      }
      await Promise.all(slices);
    },
    close() {
      stdin.off("data", onData);
      stdin.pause();
      transport.onclose?.();
      return Promise.resolve();
    },
    async finish(patienceMs) {
      let before: number;
      do {
        before = work.progress();
        await Promise.race([work.settled(), Bun.sleep(patienceMs)]);
      } while (!work.isSettled() && work.progress() !== before);
    },
    finishWithin: (limitMs) => Promise.race([work.settled(), Bun.sleep(limitMs)]),
  };
  return transport;
}

/** Cuts a byte stream at newlines. Chunks are joined once a line, not once a chunk. */
function lineSplitter(onLine: (line: string) => void, onTooLong: () => void) {
  let parts: Buffer[] = [];
  let length = 0;

  function add(part: Buffer): void {
    length += part.length;
    if (length <= MAX_LINE_BYTES) parts.push(part);
    else parts = [];
  }

  function finish(): void {
    const line = length > MAX_LINE_BYTES ? undefined : Buffer.concat(parts).toString("utf8");
    parts = [];
    length = 0;
    if (line === undefined) onTooLong();
    else onLine(line);
  }

  return {
    push(chunk: Buffer): void {
      let from = 0;
      for (;;) {
        const newline = chunk.indexOf(NEWLINE, from);
        if (newline === -1) break;
        add(chunk.subarray(from, newline));
        finish();
        from = newline + 1;
      }
      if (from < chunk.length) add(chunk.subarray(from));
    },
    /** The last line, where it has no newline. */
    finish,
  };
}

type Parsed =
  | { readonly kind: "blank" }
  | { readonly kind: "message"; readonly message: JSONRPCMessage }
  | { readonly kind: "broken"; readonly id: RequestId | undefined };

function parseLine(line: string): Parsed {
  if (line.trim() === "") return { kind: "blank" };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: "broken", id: undefined };
  }
  const parsed = JSONRPCMessageSchema.safeParse(value);
  return parsed.success
    ? { kind: "message", message: parsed.data }
    : { kind: "broken", id: requestIdOf(value) };
}

/** The id of what was meant as a request. */
function requestIdOf(value: unknown): RequestId | undefined {
  if (typeof value !== "object" || value === null || !("id" in value)) return undefined;
  if ("result" in value || "error" in value) return undefined;
  const { id } = value;
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}

function refusal(id: RequestId): JSONRPCMessage {
  const error = { code: RPC.invalidRequest, message: "Invalid Request" };
  return { jsonrpc: "2.0", id, error };
}

/** What is still to be answered and to be written. */
function openWork() {
  const unanswered = new Set<RequestId>();
  let unwritten = 0;
  let progress = 0;
  let waiting: (() => void)[] = [];

  const isSettled = () => unanswered.size === 0 && unwritten === 0;

  function moved(): void {
    progress += 1;
    if (!isSettled()) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  return {
    isSettled,
    /** A number that changes whenever something was answered or written. */
    progress: () => progress,
    received(message: JSONRPCMessage): void {
      if (!("method" in message)) return;
      if ("id" in message) unanswered.add(message.id);
      if (message.method !== "notifications/cancelled") return;
      // The SDK gives a cancelled request no answer.
      unanswered.delete(message.params?.["requestId"] as RequestId);
      moved();
    },
    answering(message: JSONRPCMessage): void {
      if (!("method" in message) && message.id !== undefined) unanswered.delete(message.id);
    },
    write(stdout: Writable, bytes: Buffer): Promise<void> {
      unwritten += 1;
      return new Promise((resolve) => {
        // A failed write is done too: the stream reports it as an event of its own.
        stdout.write(bytes, () => {
          unwritten -= 1;
          moved();
          resolve();
        });
      });
    },
    settled(): Promise<void> {
      return new Promise((resolve) => {
        if (isSettled()) resolve();
        else waiting.push(resolve);
      });
    },
  };
}
