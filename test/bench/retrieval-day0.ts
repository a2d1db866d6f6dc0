import { findEntry } from "../../core/capabilities.ts";
import type { Env } from "../../core/kernel/paths.ts";
import type { Services } from "../../core/services.ts";
import { standing } from "./day0-kept.ts";
import type { Kind, Question } from "./day0-model.ts";
import { NEGATIVES } from "./day0-negatives.ts";
import { PROJECTS } from "./day0-projects.ts";
import { type Answered, report, type Silence } from "./day0-report.ts";
import type { Stand } from "./day0-stand.ts";
import type { Evidence } from "./day0-store.ts";
import type { Figure } from "./figure.ts";
import { tellUnasked, unaskedFigures } from "./unasked.ts";

/** Deep enough for every rank that counts; a tool gives at most 100. */
const DEEP = { limit: 50, max_tokens: 100_000 };

/** The tools that fit a kind of question better than the general search, and what they are asked. */
const FITTING: Partial<
  Record<Kind, { tool: string; input: (question: Question) => Record<string, unknown> }>
> = {
  "error text": { tool: "search_errors", input: ({ text }) => ({ query: text }) },
  file: { tool: "search_by_file", input: ({ text }) => ({ file_path: text }) },
  temporal: {
    tool: "search_temporal",
    input: ({ time, about }) => ({ time_expression: time, query: about }),
  },
};

/** What a search tool gives, as far as it is read here. */
interface Page {
  readonly total: number;
  readonly hits: readonly { readonly score: number; readonly session_id?: string }[];
}

type Input = Readonly<Record<string, unknown>>;

/**
 * Day 0: what a search finds in a store of `sessions` generated sessions, through the product's own
 * ingest and tools, each question asked in the project that it concerns.
 */
export async function day0(
  sessions: number,
  from: { readonly env: Env; readonly keep: string | undefined },
): Promise<{ notes: string[]; figures: Figure[] }> {
  using place = await standing(sessions, from);
  const { stand } = place;
  const answered: Answered[] = [];
  for (const evidence of stand.made.evidence) {
    for (const question of evidence.fact.questions) {
      answered.push(...(await askBoth(stand, evidence, question)));
    }
  }
  const silences: Silence[] = [];
  for (const [index, { text }] of NEGATIVES.entries()) {
    const { name } = PROJECTS[index % PROJECTS.length] ?? { name: "" };
    const { total, hits } = await call(stand.from(name), "quick_search", { query: text });
    silences.push({ total, best: hits[0]?.score ?? 0 });
  }
  const found = report({ ...stand, answered, silences });
  const size = stand.made.sessions.toLocaleString("en");
  const unasked = await tellUnasked(stand);
  return { notes: found.notes, figures: [...found.figures, ...unaskedFigures(unasked, size)] };
}

/** Asks `question` by the general search, and by the tool that fits it where there is one. */
async function askBoth(stand: Stand, evidence: Evidence, question: Question): Promise<Answered[]> {
  const services = stand.from(question.from ?? evidence.fact.project);
  const general = await ask(services, evidence, {
    kind: question.kind,
    tool: "quick_search",
    input: { query: question.text },
  });
  const fit = FITTING[question.kind];
  if (!fit || !findEntry(fit.tool)) return [general];
  const { tool } = fit;
  const input = fit.input(question);
  return [general, await ask(services, evidence, { kind: question.kind, tool, input })];
}

async function ask(
  services: Services,
  { session, besides }: Evidence,
  { kind, tool, input }: { kind: Kind; tool: string; input: Input },
): Promise<Answered> {
  const started = performance.now();
  const usual = await call(services, tool, input);
  const ms = performance.now() - started;
  const { hits } = await call(services, tool, { ...input, ...DEEP });
  const found = [...new Set(hits.flatMap(({ session_id }) => session_id ?? []))];
  const rankOf = (id: string) => found.indexOf(id) + 1 || Number.POSITIVE_INFINITY;
  return {
    kind,
    tool,
    rank: rankOf(session),
    staleRank: Math.min(...besides.map(rankOf)),
    score: hits.find(({ session_id }) => session_id === session)?.score ?? 0,
    isAnswered: usual.total > 0,
    ms,
  };
}

async function call(services: Services, tool: string, input: Input): Promise<Page> {
  const entry = findEntry(tool);
  if (!entry) throw new Error(`no tool ${tool}`);
  const capability = await entry.load();
  return (await capability.call(services, input)) as unknown as Page;
}
