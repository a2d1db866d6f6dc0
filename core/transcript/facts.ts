import { type SessionFacts, TITLE_SOURCES, type TitleSource } from "./model.ts";
import { identifier, type Row, text } from "./rows.ts";

/** Key of the title in the rows that give one. */
const TITLE_KEYS = { custom: "customTitle", ai: "aiTitle", summary: "summary" } as const;

/** How many summaries of one pass may be looked up in the file, the latest first. */
const MOST_SUMMARIES = 8;

/** Gathers what a file says about its session as a whole. */
export class FactsReader {
  #compactions = 0;
  readonly #titles = new Map<TitleSource, string>();
  /** Summaries in file order: each describes the session that holds its leaf. */
  readonly #summaries: { readonly title: string; readonly leaf: string }[] = [];

  /** Takes a row newly read. */
  take(row: Row): void {
    if (row["type"] === "system") {
      if (row["subtype"] === "compact_boundary") this.#compactions += 1;
      return;
    }
    const source = sourceOf(row);
    const title = source && text(row[TITLE_KEYS[source]]);
    if (!source || !title) return;
    if (source !== "summary") this.#titles.set(source, title);
    else this.#keepSummary(title, identifier(row["leafUuid"]));
  }

  /** @param holds whether the file holds a row of that uuid. */
  facts(holds: (uuid: string) => boolean): SessionFacts {
    const compactions = this.#compactions;
    const source = TITLE_SOURCES.find((each) => this.#titles.has(each));
    const title = source && this.#titles.get(source);
    if (source && title) return { title, titleSource: source, compactions };
    const own = this.#summaries.findLast(({ leaf }) => holds(leaf));
    return own === undefined
      ? { compactions }
      : { title: own.title, titleSource: "summary", compactions };
  }

  #keepSummary(title: string, leaf: string | undefined): void {
    if (leaf === undefined) return;
    this.#summaries.push({ title, leaf });
    if (this.#summaries.length > MOST_SUMMARIES) this.#summaries.shift();
  }
}

function sourceOf(row: Row): TitleSource | undefined {
  switch (row["type"]) {
    case "custom-title":
      return "custom";
    case "ai-title":
      return "ai";
    case "summary":
      return "summary";
    default:
      return undefined;
  }
}
