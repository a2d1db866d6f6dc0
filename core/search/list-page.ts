import { cutTo, fillPage, type PageRoom } from "../kernel/fill-page.ts";
import type { Origin } from "./page.ts";
import type { SearchService } from "./service.ts";

type Search = Pick<SearchService, "keepIds" | "openIds">;

interface Asked extends PageRoom {
  readonly cursor: string | undefined;
  readonly origin: Origin;
}

interface Listing<T> extends Asked {
  /** Of the first page: all that is to be listed, in its order. */
  readonly keys: () => readonly string[];
  /** The item of a key; none where it is gone or not to be seen by now. */
  readonly load: (key: string) => T | undefined;
}

interface ItemListing<I, T> extends Asked {
  /** All that is to be listed, in its order. */
  readonly items: readonly I[];
  /** What tells an item apart, now and at the next page. */
  readonly keyOf: (item: I) => string;
  readonly show: (item: I) => T;
}

/** Part of a list, `left` of it behind this page, and `more` with the cursor for that to spread. */
interface ListPage<T> {
  readonly total: number;
  readonly items: T[];
  readonly left: number;
  readonly more: { cursor?: string };
}

/** A page of a list of other things than documents; its cursor fixes the list and its order. */
export function listPage<T extends object>(
  search: Search,
  { keys, load, cursor, origin, ...room }: Listing<T>,
): ListPage<T> {
  const opened = cursor === undefined ? undefined : search.openIds(cursor, origin);
  const set = opened?.set ?? keys();
  const { items, next } = fillPage(set, opened?.offset ?? 0, {
    ...room,
    load(key, bytes) {
      const item = load(key);
      return item && cutTo(item, bytes);
    },
  });
  const rest = () =>
    opened ? { cursor: opened.cursorAt(next) } : search.keepIds(set, next, origin);
  const left = set.length - next;
  return { total: set.length, items, left, more: left > 0 ? rest() : {} };
}

/** A page of a list that is at hand whole. */
export function itemPage<I, T extends object>(
  search: Search,
  { items, keyOf, show, ...asked }: ItemListing<I, T>,
): ListPage<T> {
  const byKey = keyed(items, keyOf);
  return listPage(search, {
    ...asked,
    keys: () => [...byKey.keys()],
    load(key) {
      const item = byKey.get(key);
      return item === undefined ? undefined : show(item);
    },
  });
}

/** `items` by keys that tell them apart though some may be alike in all that `keyOf` says. */
function keyed<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T> {
  const byKey = new Map<string, T>();
  for (const item of items) {
    let key = keyOf(item);
    while (byKey.has(key)) key += "+";
    byKey.set(key, item);
  }
  return byKey;
}
