import { PAGE_BYTES } from "../kernel/wasm.ts";
import { type LiteralScan, literalScan } from "./literal-scan.ts";

/**
 * What transcripts are read into: memory of WebAssembly's, so that literals can be scanned in it by
 * vector instructions.
 */
export interface ReadBuffer {
  readonly bytes: Buffer;
  /** Absent where the processor has no such instructions. */
  readonly scan: LiteralScan | undefined;
}

/** A buffer of `size` bytes at least. What is not used of it costs an address and no memory. */
export function readBuffer(size: number): ReadBuffer {
  const pages = Math.ceil(size / PAGE_BYTES);
  // One page more, which stays empty: a scan reads ahead.
  const memory = new WebAssembly.Memory({ initial: pages + 1 });
  const bytes = Buffer.from(memory.buffer, 0, pages * PAGE_BYTES);
  return { bytes, scan: literalScan(memory) };
}
