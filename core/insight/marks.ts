import type { Fence } from "./scan.ts";

type Mark = "★" | "✶" | "```" | "~~~";

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

  /** The next star that "Insight" follows: a single character is what the engine finds fastest. */
  function findStar(from: number): number {
    for (let next = from; star < from; ) {
      let at = Math.min(find("★", next), find("✶", next));
      // Of stars in a row only the last can be an opener's.
      while (isStar(text.charCodeAt(at + 1))) at++;
      if (at === text.length || insightFollows(text, at + 1)) star = at;
      next = at + 1;
    }
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

function isStar(code: number): boolean {
  return code === 0x2605 || code === 0x2736;
}

const INSIGHT = /[\ufe0e\ufe0f]?[ \t\r\xa0\u3000`*_]*insight/iy;

/** Whether the word follows a star that stands before `from`, as `scan.ts` reads an opener. */
function insightFollows(text: string, from: number): boolean {
  const code = text.charCodeAt(from);
  // Most stars stand before a word: the pattern is tried where a space, a mark or an "i" follows.
  if (code > 0x69 && code !== 0xa0 && code < 0x3000) return false;
  INSIGHT.lastIndex = from;
  return INSIGHT.test(text);
}
