import { SbError } from "../kernel/errors.ts";
import { truncate } from "../kernel/text.ts";
import { errorsIn, type FoundError } from "./error-signature.ts";
import { DOCUMENT_KINDS, type DocumentKind } from "./model.ts";
import { readTime } from "./time-expression.ts";

/** What a query asks for: words to rank by, what narrows the search, and what stands in the words. */
export interface Query {
  /** The query without its prefixes: what is ranked by. */
  readonly text: string;
  /** Any of these. */
  readonly projects: readonly string[];
  readonly kinds: readonly DocumentKind[];
  readonly branches: readonly string[];
  readonly files: readonly string[];
  /** All of these. */
  readonly tags: readonly string[];
  /** Epoch ms: the first instant, and the first one after the last. */
  readonly since?: number;
  readonly before?: number;
  /** Found in `text`: what stands in quotes, paths of files, names as code has them, errors. */
  readonly phrases: readonly string[];
  readonly paths: readonly string[];
  readonly names: readonly string[];
  readonly errors: readonly FoundError[];
}

/** The parts of a query that narrow it, while they are gathered. */
interface Narrowed {
  projects: string[];
  kinds: DocumentKind[];
  branches: string[];
  files: string[];
  tags: string[];
  since?: number;
  before?: number;
}

type Take = (narrowed: Narrowed, value: string, now: number) => void;

/** What else people call a kind. */
const KIND_NAMES: Readonly<Record<string, DocumentKind>> = {
  note: "reflection",
  conversation: "exchange",
  chat: "exchange",
  "hand-off": "handoff",
};

const PREFIXES: Readonly<Record<string, Take>> = {
  project: (to, value) => to.projects.push(value),
  kind: (to, value) => to.kinds.push(...value.split(",").map(kindOf)),
  tag: (to, value) => to.tags.push(value),
  file: (to, value) => to.files.push(value),
  branch: (to, value) => to.branches.push(value),
  since: (to, value, now) => {
    to.since = Math.max(to.since ?? 0, timeOf("since", value, now).from);
  },
  before: (to, value, now) => {
    to.before = Math.min(to.before ?? Infinity, timeOf("before", value, now).to);
  },
};

/** A prefix with its value, a text in quotes, or a run without blanks. `std::x` and `a://b` are text. */
const PART = /(?<![^\s])([a-z]+):(?:"([^"]*)"|(?![:/]{2}|:)([^\s"]\S*))|"[^"]*"|\S+/gi;

/**
 * Reads a query: `project:`, `kind:`, `tag:`, `file:`, `branch:`, `since:` and `before:` narrow it,
 * a value with blanks stands in quotes, and any other prefix is text like the rest.
 * @param now epoch ms, from which times are reckoned.
 * @throws SbError `invalid_input` for a prefix of ours with a value that it cannot have.
 */
export function readQuery(query: string, now: number): Query {
  const narrowed: Narrowed = { projects: [], kinds: [], branches: [], files: [], tags: [] };
  const words: string[] = [];
  const phrases: string[] = [];
  for (const [part, name = "", quoted, bare] of query.toWellFormed().matchAll(PART)) {
    const take = Object.hasOwn(PREFIXES, name.toLowerCase()) && PREFIXES[name.toLowerCase()];
    const value = (quoted ?? bare?.replace(/[,;]+$/, "") ?? "").trim();
    if (take && value !== "") {
      take(narrowed, value, now);
      continue;
    }
    words.push(part);
    if (part.length > 2 && part.startsWith('"') && part.endsWith('"')) {
      phrases.push(part.slice(1, -1));
    }
  }
  const text = words.join(" ");
  return { text, ...narrowed, phrases, ...signsIn(words), errors: errorsIn(text) };
}

/** A text in which nothing is a prefix: what a person says to somebody else. */
export function plainQuery(text: string): Query {
  const narrowed: Narrowed = { projects: [], kinds: [], branches: [], files: [], tags: [] };
  return { text, ...narrowed, phrases: [], paths: [], names: [], errors: [] };
}

/** Whether anything but words is asked for. */
export function isNarrowed(query: Query): boolean {
  const { projects, kinds, branches, files, tags, since, before } = query;
  return (
    since !== undefined ||
    before !== undefined ||
    [projects, kinds, branches, files, tags].some((list) => list.length > 0)
  );
}

function kindOf(said: string): DocumentKind {
  const name = said.trim().toLowerCase();
  for (const word of [name, name.replace(/s$/, "")]) {
    const kind = DOCUMENT_KINDS.find((one) => one === word) ?? KIND_NAMES[word];
    if (kind) return kind;
  }
  throw new SbError("invalid_input", `kind:${truncate(said, 40)} is no kind of memory`, {
    hint: `kinds are ${DOCUMENT_KINDS.join(", ")}; in double quotes it is searched for as text`,
  });
}

/** The range that `since:7d`, `before:2025-11-03`, `since:last-week` speak of. */
function timeOf(prefix: "since" | "before", value: string, now: number) {
  const words = /\d/.test(value) ? value : value.replace(/[-_]+/g, " ");
  const said = /^\d{1,4} ?[a-z]+$/i.test(words) ? `${words} ago` : words;
  try {
    return readTime(`${prefix} ${said}`, now);
  } catch {
    throw new SbError(
      "invalid_input",
      `${prefix}:${truncate(value, 40)} is not understood as a time`,
      {
        hint: `say ${prefix}:yesterday, ${prefix}:7d, ${prefix}:2025-11-03 or ${prefix}:"last week"; in double quotes it is searched for as text`,
      },
    );
  }
}

const PATH =
  /^(?:[a-z]:)?(?:[\w.@~+-]*[\\/])+[\w.@~+-]*$|^[\w-][\w.-]*\.(?:[cm]?[jt]sx?|py|rs|go|java|rb|c|cc|cpp|h|kt|cs|php|swift|json|ya?ml|toml|sql|sh|md|lock|css|html|vue|svelte)$/i;

/** A name as code has it: `fetchUser`, `HTTPServer`, `MAX_SIZE`, `run_all()`, `a.b()`, `std::vector`. */
const NAME =
  /^(?:[\w$]*[a-z\d][A-Z][\w$]*|[A-Z]{2,}[a-z]\w*|\w+_\w+|[A-Za-z_$][\w$]+(?:(?:\.|::|->)[A-Za-z_$][\w$]*)+|[\w$.]+\(\))$/;

/** Marks that stand round a word in a sentence. */
const AROUND = /^[\s("'`<[{]+|[\s"'`>\]},;:!?.]+$/g;

function signsIn(words: readonly string[]): Pick<Query, "paths" | "names"> {
  const paths: string[] = [];
  const names: string[] = [];
  for (const word of words) {
    const bare = word.replace(AROUND, "").replace(/(?<!\()\)+$|:\d+(?::\d+)?$/, "");
    if (bare.length < 2 || bare.length > 300) continue;
    if (PATH.test(bare) && /\w/.test(bare)) paths.push(bare);
    else if (NAME.test(bare)) names.push(bare.replace(/\(\)$/, ""));
  }
  return { paths, names };
}
