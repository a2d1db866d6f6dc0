import { readSync } from "node:fs";
import type { Span } from "./feed.ts";

/** Bytes before the place where reading stopped that are part of a file's fingerprint. */
const SUFFIX_BYTES = 256;
const SEARCH_BYTES = 1024 * 1024;

/**
 * SHA-256 hex by which a file is known to be the one that was read to `offset`: over its first
 * `prefixBytes` and the last bytes before `offset`, so that a shorter file has another one. Undefined
 * when they cannot be read.
 */
export function fingerprint(fd: number, prefixBytes: number, offset: number): string | undefined {
  const from = Math.max(0, offset - SUFFIX_BYTES);
  const prefix = readAt({ fd, from: 0, to: prefixBytes });
  const suffix = readAt({ fd, from, to: offset });
  if (prefix === undefined || suffix === undefined) return undefined;
  return new Bun.CryptoHasher("sha256").update(prefix).update(suffix).digest("hex");
}

/** Whether `needle` lies in the span of a file; false when it cannot be read. */
export function contains({ fd, from, to }: Span, needle: Buffer): boolean {
  const step = Math.max(SEARCH_BYTES, needle.length);
  for (let at = from; at < to; at += step) {
    // Windows overlap by the needle's length, so that none hides on a border.
    const window = readAt({ fd, from: at, to: Math.min(to, at + step + needle.length) });
    if (window === undefined) return false;
    if (window.includes(needle)) return true;
  }
  return false;
}

/** The span's bytes, fewer where the file is shorter. */
function readAt({ fd, from, to }: Span): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(to - from);
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from));
  } catch {
    return undefined;
  }
}
