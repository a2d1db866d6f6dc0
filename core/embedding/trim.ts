import { dlopen } from "bun:ffi";

/**
 * Hands freed memory back to the system. glibc keeps what a thread freed: after a release 131 MB
 * stayed resident without this, 107 MB with it. Elsewhere, allocators do so by themselves.
 */
export function trimMemory(): void {
  try {
    const libc = dlopen("libc.so.6", { malloc_trim: { args: ["u64"], returns: "i32" } });
    libc.symbols.malloc_trim(0n);
    libc.close();
  } catch {
    // Another system, or another C library: nothing to do there.
  }
}
