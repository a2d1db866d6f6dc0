import type { InsightService } from "../insight/service.ts";
import type { Clock } from "../kernel/ports.ts";
import type { ProjectIdentity } from "../project/detect.ts";
import type { ProjectService } from "../project/service.ts";
import type { SearchService } from "../search/service.ts";
import {
  type Brief,
  type BriefItem,
  type BriefSection,
  composeBrief,
  handoffSection,
} from "./brief.ts";
import type { Session } from "./store.ts";

/** Insights of each project that a brief may choose from. */
const FROM_PROJECT = 12;
/** Insights and notes that match what is at hand. */
const AT_HAND = 12;
/** Most lines of insights. */
const MOST_LINES = 10;
/** Days after which an insight is worth half as much by its age. */
const HALF_LIFE_DAYS = 60;
const DAY_MS = 86_400_000;

/** What usefulness is made of: shares of 1, before the project's nearness is multiplied in. */
const SHARES = { match: 0.5, quality: 0.3, recency: 0.1, rating: 0.1 } as const;

/** Branches whose name says nothing about the work on them. */
const PLAIN_BRANCHES = new Set(["main", "master", "develop", "dev", "trunk", "HEAD"]);

interface Deps {
  readonly clock: Clock;
  readonly project: ProjectService;
  readonly search: SearchService;
  readonly insight: InsightService;
}

/** What a brief is for, and what is to stay out of it. */
export interface BriefRequest {
  readonly previous?: Session | undefined;
  readonly maxTokens: number;
  /** Refs the conversation has been told. */
  readonly told?: ReadonlySet<string>;
  /** Sections that come before all: what is due or broken. */
  readonly first?: readonly BriefSection[];
}

interface Candidate extends BriefItem {
  readonly worth: number;
}

export type Briefing = ReturnType<typeof briefing>;

/** Chooses what a conversation in a project is told at its start. */
export function briefing(deps: Deps) {
  /** Projects whose insights may be told unasked: this one and those related to it, the nearest first. */
  function places(identity: ProjectIdentity): Map<string, number> {
    const hidden = deps.project.hiddenKeys();
    const near = [...deps.project.proximityFrom(identity.key)].sort(([, a], [, b]) => b - a);
    return new Map([[identity.key, 1] as const, ...near].filter(([key]) => !hidden.has(key)));
  }

  /** Insights and notes that match the branch and what the last session left: id to match in 0..1. */
  function matches(identity: ProjectIdentity, previous: Session | undefined): Map<string, number> {
    const query = wordsAtHand(identity, previous);
    if (query === "") return new Map();
    // No fixes: each is told when its error comes back.
    const kinds = ["insight", "reflection"] as const;
    const rows = deps.search.ranked({ query, kinds, scope: "related" }).slice(0, AT_HAND);
    return new Map(
      rows.flatMap(([rowid, , text]) => {
        const document = deps.search.byRowid(rowid);
        return document ? [[document.id, text] as const] : [];
      }),
    );
  }

  function insights(identity: ProjectIdentity, request: BriefRequest): Candidate[] {
    const matched = matches(identity, request.previous);
    const near = places(identity);
    const found = new Map<string, Candidate>();
    for (const [key, nearness] of near) {
      for (const kind of ["insight", "reflection"] as const) {
        for (const insight of deps.insight.ofProject(key, FROM_PROJECT, kind)) {
          const match = matched.get(insight.id) ?? 0;
          // A note was written by hand to be found again: it counts as one of full quality.
          const quality = kind === "reflection" ? 1 : insight.quality;
          const worth =
            nearness *
            (SHARES.match * match +
              SHARES.quality * quality +
              SHARES.recency * recency(deps.clock.now(), insight.capturedAt) +
              SHARES.rating * (insight.rating > 0 ? 1 : 0));
          const from = key === identity.key ? undefined : (deps.project.get(key)?.name ?? key);
          add(found, insight.id, { text: insight.content, kind, from, match, worth });
        }
      }
    }
    return [...found.values()].sort((a, b) => b.worth - a.worth);
  }

  return {
    /** The brief of a project, or an empty one. */
    compose(identity: ProjectIdentity, request: BriefRequest): Brief {
      const { previous, told } = request;
      const handoff = previous?.handoff && handoffSection(identity.name, previous.handoff);
      const fresh = insights(identity, request).slice(0, MOST_LINES);
      const sections: BriefSection[] = [
        ...(request.first ?? []),
        ...(handoff ? [handoff] : []),
        { title: "Insights and notes", more: "More insights and notes", items: fresh },
      ];
      return composeBrief(
        sections.map(({ items, ...section }) => ({
          ...section,
          items: items.filter(({ ref }) => !told?.has(ref)),
        })),
        request.maxTokens,
      );
    },
  };
}

function add(
  found: Map<string, Candidate>,
  id: string,
  one: { text: string; kind: string; from: string | undefined; match: number; worth: number },
): void {
  const about = one.match > 0 ? "matches what is at hand" : "among the best of its project";
  found.set(id, {
    ref: id,
    kind: one.kind,
    text: one.from ? `[${one.from}] ${one.text}` : one.text,
    reason: one.from ? `${about}; from ${one.from}, related to this project` : about,
    worth: one.worth,
  });
}

/** What the work is about, as far as it shows without a question: the branch, and what was left. */
function wordsAtHand({ branch }: ProjectIdentity, previous: Session | undefined): string {
  const parts: string[] = [];
  if (branch && !PLAIN_BRANCHES.has(branch)) parts.push(branch.replace(/[/_.-]+/g, " "));
  const handoff = previous?.handoff;
  if (handoff) {
    parts.push(handoff.goal ?? "", ...handoff.next_steps, ...handoff.failing.map((f) => f.error));
    const names = [...handoff.uncommitted, ...handoff.files.map(({ path }) => path)];
    parts.push(...names.slice(0, 10).map((path) => path.replace(/^.*\//, "")));
  }
  return parts.join(" ").trim().slice(0, 2_000);
}

function recency(now: number, at: number): number {
  return 0.5 ** (Math.max(0, now - at) / DAY_MS / HALF_LIFE_DAYS);
}
