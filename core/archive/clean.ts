import type { PassageRow } from "../search/model.ts";

type Json = Record<string, unknown>;

/** Deepest nesting of a record; what stands deeper is no record of ours. */
export const MOST_LEVELS = 64;

/** What is nested deeper than a record may be. */
export class TooDeep extends Error {}

/**
 * A record with every text and key of it redacted, as it leaves and as it enters a store: a rule
 * that came later holds for what was stored before.
 * @throws TooDeep
 */
export function cleanRecord(record: Json, clean: (text: string) => string): Json {
  const { content, passages, ...rest } = record;
  const cleaned = cleanValue(rest, clean, 0) as Json;
  if (typeof content === "string" && arePassages(passages, content.length)) {
    return { ...cleanPassages(content, passages, clean), ...cleaned };
  }
  return { ...pick(record, clean), ...cleaned };
}

/** The two keys that are handled apart, where they are not as they should be: validation tells. */
function pick(record: Json, clean: (text: string) => string): Json {
  return {
    ...("content" in record ? { content: cleanValue(record["content"], clean, 1) } : {}),
    ...("passages" in record ? { passages: cleanValue(record["passages"], clean, 1) } : {}),
  };
}

function cleanValue(value: unknown, clean: (text: string) => string, level: number): unknown {
  if (typeof value === "string") return clean(value);
  if (typeof value !== "object" || value === null) return value;
  if (level >= MOST_LEVELS) throw new TooDeep();
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, clean, level + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [clean(key), cleanValue(item, clean, level + 1)]),
  );
}

/** Whether `passages` are in order, apart from each other and inside a text of `length`. */
export function arePassages(passages: unknown, length: number): passages is PassageRow[] {
  if (!Array.isArray(passages)) return false;
  let end = 0;
  return passages.every((row: unknown) => {
    if (!Array.isArray(row) || row.length !== 4) return false;
    const [uuid, role, from, to] = row as unknown[];
    if (typeof uuid !== "string" || typeof role !== "string") return false;
    if (typeof from !== "number" || typeof to !== "number") return false;
    const isInOrder = from >= end && to >= from && to <= length;
    end = to;
    return isInOrder;
  });
}

/** Each passage is redacted by itself, as it was when it was stored, and its place follows. */
function cleanPassages(
  content: string,
  passages: readonly PassageRow[],
  clean: (text: string) => string,
): { content: string; passages: PassageRow[] } {
  let body = "";
  let done = 0;
  const rows = passages.map(([uuid, role, from, to]): PassageRow => {
    body += clean(content.slice(done, from));
    const start = body.length;
    body += clean(content.slice(from, to));
    done = to;
    return [clean(uuid), clean(role), start, body.length];
  });
  return { content: body + clean(content.slice(done)), passages: rows };
}
