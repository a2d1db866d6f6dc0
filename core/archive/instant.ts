import { SbError } from "../kernel/errors.ts";
import { readTime } from "../search/time-expression.ts";

/** A time of day in ISO 8601. */
const EXACT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;

/**
 * The instant that `text` begins at, epoch ms: an ISO time as it is, else the first moment of the
 * day, week or month that is meant.
 * @throws SbError `invalid_input` when it is no time.
 */
export function instantOf(text: string, now: number): number {
  if (!EXACT.test(text.trim())) return readTime(text, now).from;
  const at = Date.parse(text.trim());
  if (!Number.isNaN(at)) return at;
  throw new SbError("invalid_input", `"${text.slice(0, 60)}" is not understood as a time`, {
    hint: "an ISO time, such as 2026-01-31T08:00:00Z",
  });
}
