import type { Fence } from "./scan.ts";

type Mark = "★" | "✶" | "```" | "~~~";

const STAR_AND_WORD = /[★✶][\ufe0e\ufe0f]?[ \t\r\xa0\u3000`*_]*insight/gi;

/** Finds the lines of a text that can change anything while no block is open. */
export function markFinder(text: string) {
  const place: Record<Mark, number> = { "★": -2, "✶": -2, "```": -2, "~~~": -2 };
  let star = -2;

  /** First index of `mark` from `from` on, `text.length` for none; each place is searched once. */
  function find(mark: Mark, from: number): number {
    if (place[mark] < from) {
      const at = text.indexOf(mark, from);
      place[mark] = at === -1 ? text.length : at;
    }
    return place[mark];
  }

  /** The next star that "Insight" follows, as `scan.ts` reads an opener. */
  function findStar(from: number): number {
    if (star >= from) return star;
    // A search for one character is the engine's fastest, but slow where most stars lead nowhere.
    star = Math.min(find("★", from), find("✶", from));
    STAR_AND_WORD.lastIndex = star;
    star = STAR_AND_WORD.exec(text)?.index ?? text.length;
    return star;
  }

  return {
    /** Start of the next line of interest, at least `from`; -1 when no opener can follow. */
    nextLine(from: number, fence: Fence | undefined): number {
      if (findStar(from) === text.length) return -1;
      // Within a quote the fence may also end by the quote's end, which has no mark.
      if (fence && fence.depth > 0) return from;
      const at = fence
        ? find(fence.mark === 0x60 ? "```" : "~~~", from)
        : Math.min(star, find("```", from), find("~~~", from));
      return at === text.length ? -1 : Math.max(from, text.lastIndexOf("\n", at) + 1);
    },
  };
}
