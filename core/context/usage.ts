import type { Services } from "../services.ts";
import { injectedTokens } from "../session/injections.ts";
import type { ExchangeDetail } from "../session/remember.ts";

/** Tokens as the API billed them, each message once. */
interface Usage {
  input: number;
  output: number;
  cache_creation: number;
  cache_read: number;
  messages: number;
}

/** What conversations since `since` (epoch ms) cost, by project and by day of UTC. */
export function usageBy(
  { ports, project, search }: Services,
  { since, keys }: { since: number; keys: readonly string[] | undefined },
) {
  const hidden = project.hiddenKeys();
  const total = none();
  const byProject = new Map<string, Usage>();
  const byDay = new Map<string, Usage>();
  for (const { projectKey, at, detail } of search.detailsSince(since, "exchange")) {
    if (hidden.has(projectKey) || (keys && !keys.includes(projectKey)) || !detail) continue;
    const { usage } = detail as ExchangeDetail;
    const name = project.get(projectKey)?.name ?? projectKey;
    const day = new Date(at).toISOString().slice(0, 10);
    for (const sum of [total, slot(byProject, name), slot(byDay, day)]) add(sum, usage);
  }
  return {
    total,
    by_project: Object.fromEntries(byProject),
    by_day: Object.fromEntries(byDay),
    injected: injectedTokens(ports.db, { since }).today,
  };
}

function none(): Usage {
  return { input: 0, output: 0, cache_creation: 0, cache_read: 0, messages: 0 };
}

function slot(map: Map<string, Usage>, key: string): Usage {
  const known = map.get(key) ?? none();
  map.set(key, known);
  return known;
}

function add(sum: Usage, usage: ExchangeDetail["usage"]): void {
  sum.input += usage.input;
  sum.output += usage.output;
  sum.cache_creation += usage.cacheCreation;
  sum.cache_read += usage.cacheRead;
  sum.messages += 1;
}
