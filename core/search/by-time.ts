import { isoTime } from "../kernel/text.ts";
import type { FindDeps, Listing } from "./find.ts";
import { readTime } from "./time-expression.ts";

/**
 * What was said in a stretch of time: the best match for the words first, without words the newest.
 * @throws SbError `invalid_input` for an expression that is not understood.
 */
export async function searchByTime(
  { ports, search }: FindDeps,
  request: Listing & { readonly expression: string; readonly query: string },
) {
  const { from, to } = readTime(request.expression, ports.clock.now());
  const range = { from: isoTime(from), to: isoTime(to) };
  const { query, project, limit, maxTokens, origin } = request;
  const size = { limit, maxTokens, origin, frame: range };
  return request.cursor === undefined
    ? search.recall({ query, project, since: from, before: to, isListing: true, ...size })
    : search.more(request.cursor, size);
}
