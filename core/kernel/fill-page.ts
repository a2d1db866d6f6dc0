import { truncate } from "./text.ts";

/** Bytes of an answer beside its list: total, tokens and the longest cursor. */
const FRAME_BYTES = 160;

/** Longest text of an item that alone is longer than its page may be, and the shortest it is cut to. */
const MOST_CHARS = 4_000;
const LEAST_CHARS = 40;

/** How much of a list is shown at once. */
export interface PageRoom {
  readonly limit: number;
  readonly maxTokens: number;
  /** What the answer says besides. */
  readonly frame?: object | undefined;
}

/**
 * The item of a key; none where it is gone or not to be seen by now. The first of a page is told
 * into how many bytes to cut it: it is shown even where it takes more.
 */
export type Load<K, T> = (key: K, room: number | undefined) => T | undefined;

/**
 * The items of `keys` from `offset` on that fit, and where the next page begins. What is gone since
 * the first page leaves no gap: the page goes on behind it. At least one is shown.
 */
export function fillPage<K, T extends object>(
  keys: readonly K[],
  offset: number,
  { limit, maxTokens, frame = {}, load }: PageRoom & { readonly load: Load<K, T> },
): { items: T[]; next: number } {
  const items: T[] = [];
  let left = maxTokens * 4 - FRAME_BYTES - bytesInList(frame);
  let next = offset;
  for (const key of keys.slice(offset)) {
    if (items.length === limit) break;
    const item = load(key, items.length === 0 ? left : undefined);
    const bytes = item ? bytesInList(item) : 0;
    if (item && bytes > left && items.length > 0) break;
    if (item) items.push(item);
    left -= bytes;
    next += 1;
  }
  return { items, next };
}

/** Bytes of `value` as JSON, and of the comma behind it. */
export function bytesInList(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value)) + 1;
}

/** `item` with its texts cut until it takes no more than `room`, or is as short as it gets. */
export function cutTo<T extends object>(item: T, room: number | undefined): T {
  if (room === undefined) return item;
  let cut = item;
  for (let chars = MOST_CHARS; bytesInList(cut) > room && chars >= LEAST_CHARS; chars /= 2) {
    cut = shortened(item, Math.floor(chars)) as T;
  }
  return cut;
}

/** The same value with no text in it longer than `chars`. */
function shortened(value: unknown, chars: number): unknown {
  if (typeof value === "string") return truncate(value, chars);
  if (Array.isArray(value)) return value.map((one) => shortened(one, chars));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, shortened(one, chars)]),
  );
}
