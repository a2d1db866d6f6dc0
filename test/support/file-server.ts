import type { Socket } from "bun";

/** What a server was asked, header names in lower case. */
export interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How it answers; it follows a `Range`, unless it is told not to. */
export interface Reply {
  /** Default: 200, or 206 for a range. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** After so many bytes of the body the connection is closed. */
  readonly cutAfter?: number;
  /** After so many bytes of the body nothing more comes. */
  readonly stallAfter?: number;
  /** The body comes in pieces of so many bytes, one each `everyMs`. */
  readonly trickle?: { readonly bytes: number; readonly everyMs: number };
  /** Before the answer begins, in milliseconds. */
  readonly delayMs?: number;
  readonly ignoresRange?: boolean;
  /** What is told as the length in place of the true one; null tells none. */
  readonly length?: number | null;
}

export interface FileServer extends Disposable {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Every request so far. */
  readonly asked: Asked[];
}

/** A server on the loopback that breaks connections as real ones do, byte for byte. */
export function serveFiles(answer: (asked: Asked, count: number) => Reply): FileServer {
  const asked: Asked[] = [];
  const heads = new WeakMap<Socket, string>();
  const open = new Set<Socket>();
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => void open.add(socket),
      close: (socket) => void open.delete(socket),
      drain: (socket) => waiting.get(socket)?.(),
      async data(socket, bytes) {
        const head = (heads.get(socket) ?? "") + bytes.toString("latin1");
        heads.set(socket, head);
        if (!head.includes("\r\n\r\n")) return;
        const request = parse(head);
        asked.push(request);
        await send(socket, request, answer(request, asked.length));
      },
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    asked,
    [Symbol.dispose]() {
      for (const socket of open) socket.terminate();
      server.stop(true);
    },
  };
}

const waiting = new WeakMap<Socket, () => void>();

function parse(head: string): Asked {
  const [first = "", ...lines] = head.split("\r\n");
  const headers = lines.flatMap((line): [string, string][] => {
    const at = line.indexOf(":");
    return at < 0 ? [] : [[line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]];
  });
  return { path: first.split(" ")[1] ?? "", headers: Object.fromEntries(headers) };
}

async function send(socket: Socket, { headers }: Asked, reply: Reply): Promise<void> {
  if (reply.delayMs) await Bun.sleep(reply.delayMs);
  const whole = Buffer.from(reply.body ?? "");
  const start = reply.ignoresRange
    ? 0
    : Number(/^bytes=(\d+)-$/.exec(headers["range"] ?? "")?.[1] ?? 0);
  const body = whole.subarray(start);
  const status = reply.status ?? (start > 0 ? 206 : 200);
  const length = reply.length === undefined ? body.length : reply.length;
  const lines = [
    `HTTP/1.1 ${status} X`,
    ...(length === null ? [] : [`content-length: ${length}`]),
    ...(status === 206 && !reply.headers?.["content-range"]
      ? [`content-range: bytes ${start}-${whole.length - 1}/${whole.length}`]
      : []),
    ...Object.entries(reply.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    "connection: close",
  ];
  await write(socket, Buffer.from(`${lines.join("\r\n")}\r\n\r\n`));
  const sent = body.subarray(0, reply.cutAfter ?? reply.stallAfter ?? body.length);
  const { bytes: piece, everyMs } = reply.trickle ?? { bytes: sent.length, everyMs: 0 };
  for (let at = 0; at < sent.length && socket.readyState > 0; at += piece) {
    if (at > 0) await Bun.sleep(everyMs);
    await write(socket, sent.subarray(at, at + piece));
  }
  // What was sent is to arrive before the end is seen, as over a real line.
  if (reply.cutAfter !== undefined) await Bun.sleep(30);
  if (reply.stallAfter === undefined) socket.end();
}

async function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const written = socket.write(bytes.subarray(done));
    if (written < 0) return;
    done += written;
    if (done < bytes.length) {
      const drained = Promise.withResolvers<void>();
      waiting.set(socket, drained.resolve);
      await Promise.race([drained.promise, Bun.sleep(50)]);
    }
  }
}
