import type {
  getMemory,
  getMoreResults,
  quickSearch,
  reflectionStats,
  searchSummary,
} from "../../core/search/capabilities.ts";
import type {
  advancedSearch,
  findDuplicates,
  searchByConcept,
  searchByFile,
  searchCode,
  searchErrors,
  searchSuggestions,
  searchTemporal,
} from "../../core/search/find-capabilities.ts";
import type { Hit } from "../../core/search/model.ts";
import { bytesText, excerpt, fields, localTime, moreBy, oneLine, plural, table } from "./layout.ts";
import { type OutputOf, type Presenter, present, type View } from "./presenter.ts";

/** Lines of a hit's snippet that are shown: the whole is `sb memory show ID`. */
const SNIPPET_LINES = 8;

/** The texts of search, by tool. */
export const searchPresenters: Readonly<Record<string, Presenter>> = {
  quick_search: present<typeof quickSearch>(pageText),
  get_more_results: present<typeof getMoreResults>(pageText),
  search_by_file: present<typeof searchByFile>(pageText),
  search_by_concept: present<typeof searchByConcept>((output, view) => {
    const { related_terms = [] } = output;
    const related =
      related_terms.length === 0 ? "" : `looked for too: ${related_terms.join(", ")}\n`;
    return `${pageText(output, view)}${view.dim(related)}`;
  }),
  advanced_search: present<typeof advancedSearch>((output, view) => {
    const { kind = {}, project = {}, tag = {}, branch = {} } = output.facets ?? {};
    const rows = Object.entries({ Kinds: kind, Projects: project, Tags: tag, Branches: branch })
      .filter(([, counts]) => Object.keys(counts).length > 0)
      .map(([name, counts]) => [name, tallyText(counts)]);
    return rows.length === 0
      ? pageText(output, view)
      : `${pageText(output, view)}\n${fields(rows, view)}`;
  }),
  search_suggestions: present<typeof searchSuggestions>(({ suggestions }, view) => {
    if (suggestions.length === 0) return NOTHING;
    const rows = suggestions.map(({ text, field, documents }) => [field, String(documents), text]);
    return table(rows, { width: view.width, right: [1] });
  }),
  find_duplicates: present<typeof findDuplicates>((output, view) => {
    const { groups, total, cursor } = output;
    const waiting = pendingText(output, view);
    if (groups.length === 0) return `No duplicates found.\n${waiting}`;
    const shown = groups.map(({ similarity, count, documents }) => {
      const rows = documents.map(({ id, kind, project, at, snippet }) => [
        ...[kind, project, localTime(at), id, oneLine(snippet)],
      ]);
      const how = similarity === 1 ? "the same" : `${Math.round(similarity * 100)} % in common`;
      return `${view.bold(`${plural(count, "document")}, ${how}`)}\n${table(rows, { width: view.width, indent: 2 })}`;
    });
    const more = moreBy("memory duplicates --cursor", cursor);
    const foot = `${groups.length} of ${plural(total, "group")} shown${more}\n`;
    return `${shown.join("\n")}\n${view.dim(foot)}${waiting}`;
  }),
  search_code: present<typeof searchCode>(
    (output, view) => `${pageText(output, view)}${pendingText(output, view)}`,
  ),
  search_errors: present<typeof searchErrors>(
    (output, view) => `${pageText(output, view)}${pendingText(output, view)}`,
  ),
  search_temporal: present<typeof searchTemporal>((output, view) => {
    return `${view.dim(`${localTime(output.from)} to ${localTime(output.to)}`)}\n\n${pageText(output, view)}`;
  }),
  search_summary: present<typeof searchSummary>((output, view) => {
    const { total, time_range, by_kind, by_project, top_terms } = output;
    if (total === 0) return NOTHING;
    const terms = top_terms.map(({ term, documents }) => `${term} (${documents})`).join(", ");
    return fields(
      [
        ["Found", plural(total, "document")],
        ["When", rangeText(time_range)],
        ["Kinds", tallyText(by_kind)],
        ["Projects", tallyText(by_project)],
        ["Terms", terms],
      ],
      view,
    );
  }),
  reflection_stats: present<typeof reflectionStats>((output, view) => {
    const { total, by_kind, by_project, time_range, database } = output;
    return fields(
      [
        ["Documents", total.toLocaleString("en")],
        ["When", rangeText(time_range)],
        ["Kinds", tallyText(by_kind)],
        ["Projects", tallyText(by_project)],
        ["Store", bytesText(database.bytes)],
        ["", view.dim(database.path)],
      ],
      view,
    );
  }),
  get_memory: present<typeof getMemory>((output, view) => {
    const { kind, project, at, title, tags, content, truncated, before, after, id } = output;
    return [
      `${headline({ kind, project, at, ...(title ? { title } : {}) }, view)}\n`,
      tags.length > 0 ? `${view.dim(`tags: ${tags.join(", ")}`)}\n` : "",
      `\n${content.trimEnd()}\n`,
      truncated ? view.dim(`… cut; sb memory show ${id} --max-tokens 100000\n`) : "",
      neighbours("Before", before, view),
      neighbours("After", after, view),
    ].join("");
  }),
};

const NOTHING = "Nothing found.\n";

function pageText(page: OutputOf<typeof quickSearch>, view: View): string {
  const { total, hits, cursor } = page;
  const note = page.note ? `${view.dim(page.note)}\n` : "";
  if (hits.length === 0) return `${NOTHING}${note}`;
  const shown = hits.map((hit) => {
    const score = view.dim(hit.score.toFixed(2));
    const body = excerpt(hit.snippet, SNIPPET_LINES)
      .map((line) => `  ${line}\n`)
      .join("");
    const found = partsOf(hit).map((line) => `  ${line}\n`);
    return `${headline(hit, view)}  ${score}\n${found.join("")}${body}  ${view.dim(hit.id)}\n`;
  });
  const more = moreBy("memory more", cursor);
  return `${shown.join("\n")}\n${view.dim(`${hits.length} of ${total.toLocaleString("en")} shown${more}`)}\n${note}`;
}

/** What a hit shows beside its snippet: files, a block of code, an error. */
function partsOf({ files = [], code, error }: Hit): string[] {
  const touched = files.map(
    ({ path, action, times }) => `${times > 1 ? `${action} ${times}×` : action}  ${path}`,
  );
  const block = code && [
    [code.language, ...code.kinds].join(" "),
    code.names.join(", "),
    code.path ? `${code.source} ${code.path}` : "",
  ];
  const failure = error && [error.type ?? "error", error.command ? `$ ${error.command}` : ""];
  const lines = [block, failure].flatMap((parts) => (parts ? [parts] : []));
  return [...touched, ...lines.map((parts) => parts.filter((part) => part !== "").join("  "))];
}

function pendingText({ pending }: { pending?: number | undefined }, view: View): string {
  if (!pending) return "";
  return view.dim(`${plural(pending, "older document")} not looked through yet: ask again\n`);
}

function headline(
  { kind, project, at, title }: Pick<Hit, "kind" | "project" | "at" | "title">,
  view: View,
): string {
  const name = title ? `  ${view.bold(oneLine(title))}` : "";
  return `${view.cyan(kind)}  ${project}  ${localTime(at)}${name}`;
}

function neighbours(
  title: string,
  documents: OutputOf<typeof getMemory>["before"],
  view: View,
): string {
  if (documents.length === 0) return "";
  const rows = documents.map(({ id, at, snippet }) => [localTime(at), id, oneLine(snippet)]);
  return `\n${view.bold(title)}\n${table(rows, view)}`;
}

function rangeText(range: { from: string; to: string } | null): string {
  return range ? `${localTime(range.from)} to ${localTime(range.to)}` : "never";
}

/** `exchange 12, insight 3`, the largest first. */
export function tallyText(tally: Readonly<Record<string, number>>): string {
  const entries = Object.entries(tally).sort((a, b) => b[1] - a[1]);
  if (entries.length === 0) return "none";
  return entries.map(([name, count]) => `${name} ${count.toLocaleString("en")}`).join(", ");
}
