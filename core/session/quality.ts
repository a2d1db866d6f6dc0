import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** How well a project is kept, from what can be seen. What cannot be seen gives no points. */
export interface Quality {
  /** 0 to 100 over the parts that are known; null when none is. */
  readonly total: number | null;
  readonly breakdown: Readonly<Record<string, { points: number; of: number; evidence: string }>>;
  /** Parts that nothing here tells. */
  readonly unknown: readonly string[];
  readonly previous?: number;
  readonly trend: "up" | "down" | "same" | "unknown";
}

interface Part {
  readonly name: string;
  readonly of: number;
  /** Names of which one is enough, at the project's root. */
  readonly any: readonly string[];
}

/** What a look at the root shows. Points are the weights of the seed's "project" share. */
const PARTS: readonly Part[] = [
  { name: "documentation", of: 5, any: ["README.md", "README", "README.rst", "docs"] },
  {
    name: "locked_dependencies",
    of: 5,
    any: [
      "bun.lock",
      "bun.lockb",
      "package-lock.json",
      "pnpm-lock.yaml",
      "yarn.lock",
      "uv.lock",
      "poetry.lock",
      "Cargo.lock",
      "go.sum",
      "Gemfile.lock",
    ],
  },
  { name: "tests", of: 5, any: ["test", "tests", "spec", "__tests__"] },
  { name: "automation", of: 5, any: [".github/workflows", ".gitlab-ci.yml", ".circleci", ".ci"] },
  { name: "ignore_rules", of: 5, any: [".gitignore"] },
];

/** Parts that need reports of tools: no report was read. */
const UNSEEN = ["coverage", "lint", "types", "complexity", "security"] as const;

/** Looks at a project's root. `previous` is the total of its last session, if there was one. */
export function assessProject(root: string, isGit: boolean, previous?: number | null): Quality {
  const unknown: string[] = [...UNSEEN];
  if (!existsSync(root)) {
    return {
      total: null,
      breakdown: {},
      unknown: [...PARTS.map((p) => p.name), ...unknown],
      trend: "unknown",
    };
  }
  const breakdown: Record<string, { points: number; of: number; evidence: string }> = {
    version_control: {
      points: isGit ? 5 : 0,
      of: 5,
      evidence: isGit ? "a git repository" : "no git repository",
    },
  };
  for (const part of PARTS) {
    const found = part.any.find((name) => isFilled(join(root, name)));
    breakdown[part.name] = {
      points: found ? part.of : 0,
      of: part.of,
      evidence: found ?? `none of ${part.any.slice(0, 4).join(", ")}`,
    };
  }
  const parts = Object.values(breakdown);
  const points = parts.reduce((sum, part) => sum + part.points, 0);
  const total = Math.round((100 * points) / parts.reduce((sum, part) => sum + part.of, 0));
  return { total, breakdown, unknown, ...compare(total, previous) };
}

function compare(total: number, previous: number | null | undefined) {
  if (previous === null || previous === undefined) return { trend: "unknown" as const };
  const trend = total > previous ? "up" : total < previous ? "down" : "same";
  return { previous, trend } as const;
}

/** A file, or a folder with something in it. */
function isFilled(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    return readdirSync(path).length > 0;
  } catch {
    return true; // a file
  }
}
