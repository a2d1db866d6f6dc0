import { fillPage, type ListSize } from "../kernel/fill-page.ts";
import type { Origin } from "./page.ts";
import type { SearchService } from "./service.ts";

interface Listing<T> extends ListSize<T> {
  /** Of the first page: all that is to be listed, in its order. */
  readonly keys: () => readonly string[];
  readonly cursor: string | undefined;
  readonly origin: Origin;
}

/** Part of a list, `left` of it behind this page, and `more` with the cursor for that to spread. */
interface ListPage<T> {
  readonly total: number;
  readonly items: T[];
  readonly left: number;
  readonly more: { cursor?: string };
}

/** `items` by keys that tell them apart though some may be alike in all that `keyOf` says. */
export function keyed<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T> {
  const byKey = new Map<string, T>();
  for (const item of items) {
    let key = keyOf(item);
    while (byKey.has(key)) key += "+";
    byKey.set(key, item);
  }
  return byKey;
}

/** A page of a list of other things than documents; its cursor fixes the list and its order. */
export function listPage<T extends object>(
  search: Pick<SearchService, "keepIds" | "openIds">,
  { keys, cursor, origin, ...size }: Listing<T>,
): ListPage<T> {
  const opened = cursor === undefined ? undefined : search.openIds(cursor, origin);
  const set = opened?.set ?? keys();
  const { items, next } = fillPage(set, opened?.offset ?? 0, size);
  const rest = () =>
    opened ? { cursor: opened.cursorAt(next) } : search.keepIds(set, next, origin);
  const left = set.length - next;
  return { total: set.length, items, left, more: left > 0 ? rest() : {} };
}
