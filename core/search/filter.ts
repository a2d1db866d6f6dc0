import type { DocumentKind } from "./model.ts";

/** What narrows a search. An empty list of keys or rowids matches nothing; undefined matches all. */
export interface Filter {
  readonly projectKeys?: readonly string[] | undefined;
  readonly hiddenKeys?: readonly string[] | undefined;
  readonly kinds?: readonly DocumentKind[] | undefined;
  readonly branches?: readonly string[] | undefined;
  /** Documents that have all of them, in whatever case. */
  readonly tags?: readonly string[] | undefined;
  /** Epoch ms: the first instant, and the first one after the last; 0 and Infinity ask for nothing. */
  readonly since?: number | undefined;
  readonly before?: number | undefined;
  readonly rowids?: readonly number[] | undefined;
}

/** A filter as the WHERE of a query over `document d`, empty where it filters nothing. */
export interface Conditions {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** Whether `filter` may leave anything out. */
export function isNarrow(filter: Filter): boolean {
  return conditions(filter).sql !== "";
}

/** @param given a condition that holds beside the filter's. */
export function conditions(filter: Filter, given?: Conditions): Conditions {
  const parts: string[] = [];
  const values: (string | number)[] = [];
  const add = (sql: string, ...more: (string | number)[]) => {
    parts.push(sql);
    values.push(...more);
  };
  // One parameter a list, as JSON: SQLite takes 32,766 parameters, and a list may be longer.
  const among = (column: string, list?: readonly (string | number)[]) => {
    if (list) add(`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(list));
  };
  if (given) add(given.sql, ...given.values);
  among("d.project_key", filter.projectKeys);
  if (filter.hiddenKeys?.length) among("d.project_key NOT", filter.hiddenKeys);
  among("d.kind", filter.kinds);
  among("d.branch", filter.branches);
  among("d.rowid", filter.rowids);
  if (filter.since) add("d.at >= ?", filter.since);
  if (filter.before !== undefined && filter.before < Infinity) add("d.at < ?", filter.before);
  for (const tag of filter.tags ?? []) {
    add("EXISTS (SELECT 1 FROM json_each(d.tags) WHERE lower(value) = lower(?))", tag);
  }
  return { sql: parts.length > 0 ? `WHERE ${parts.join(" AND ")}` : "", values };
}
