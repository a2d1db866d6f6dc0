import { truncate } from "./text.ts";

/** Bytes of an answer beside its list: total, tokens and the longest cursor. */
const FRAME_BYTES = 160;

/** Longest text of an item that alone is longer than its page may be, and the shortest it is cut to. */
const MOST_CHARS = 4_000;
const LEAST_CHARS = 40;

/** How much of a list is shown at once. */
export interface ListSize<T> {
  readonly limit: number;
  readonly maxTokens: number;
  /** What the answer says besides. */
  readonly frame?: object;
  /** The item of a key; none where it is gone or not to be seen by now. */
  readonly load: (key: string) => T | undefined;
}

/**
 * The items of `keys` from `offset` on that fit, and where the next page begins. What is gone since
 * the first page leaves no gap; at least one is shown, its texts cut where it is longer than the page.
 */
export function fillPage<T extends object>(
  keys: readonly string[],
  offset: number,
  { limit, maxTokens, frame = {}, load }: ListSize<T>,
): { items: T[]; next: number } {
  const items: T[] = [];
  let left = maxTokens * 4 - FRAME_BYTES - bytesOf(frame);
  let next = offset;
  for (const key of keys.slice(offset)) {
    if (items.length === limit) break;
    const loaded = load(key);
    const item = loaded && items.length === 0 ? cutTo(loaded, left) : loaded;
    const bytes = item ? bytesOf(item) : 0;
    if (item && bytes > left && items.length > 0) break;
    if (item) items.push(item);
    left -= bytes;
    next += 1;
  }
  return { items, next };
}

function bytesOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value)) + 1;
}

function cutTo<T extends object>(item: T, bytes: number): T {
  let cut = item;
  for (let chars = MOST_CHARS; bytesOf(cut) > bytes && chars >= LEAST_CHARS; chars /= 2) {
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
