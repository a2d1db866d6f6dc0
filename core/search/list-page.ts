import { fillPage, type ListSize } from "../kernel/fill-page.ts";
import type { Origin } from "./page.ts";
import type { SearchService } from "./service.ts";

interface Listing<T> extends ListSize<T> {
  /** Of the first page: all that is to be listed, in its order. */
  readonly keys: () => readonly string[];
  readonly cursor: string | undefined;
  readonly origin: Origin;
}

/** A page of a list of other things than documents; its cursor fixes the list and its order. */
export function listPage<T extends object>(
  search: Pick<SearchService, "keepIds" | "openIds">,
  { keys, cursor, origin, ...size }: Listing<T>,
): { total: number; items: T[]; cursor?: string } {
  const opened = cursor === undefined ? undefined : search.openIds(cursor, origin);
  const set = opened?.set ?? keys();
  const { items, next } = fillPage(set, opened?.offset ?? 0, size);
  const rest = () =>
    opened ? { cursor: opened.cursorAt(next) } : search.keepIds(set, next, origin);
  return { total: set.length, items, ...(next < set.length ? rest() : {}) };
}
