import type { IdSource } from "./ports.ts";

/** UUIDv7 identifiers: unique across processes, sortable by creation time. */
export function uuidSource(): IdSource {
  return { next: () => Bun.randomUUIDv7() };
}
