import type { Fence } from "./scan.ts";

const STAR_AND_WORD = /[★✶][\ufe0e\ufe0f]?[ \t\r\xa0\u3000`*_]*insight/gi;

/** Patterns, since the engine's string search is slow where single back-ticks are frequent. */
const FENCE = /```|~~~/g;
const TICKS = /```/g;
const TILDES = /~~~/g;

/** Finds the lines of a text that can change anything while no block is open. */
export function markFinder(text: string) {
  const blackStar = searcher(text, (from) => text.indexOf("★", from));
  const heavyStar = searcher(text, (from) => text.indexOf("✶", from));
  const opener = searcher(text, (from) => {
    // The search for one character is the fastest, but slow where most stars lead nowhere.
    return indexOf(STAR_AND_WORD, text, Math.min(blackStar(from), heavyStar(from)));
  });
  const fence = searcher(text, (from) => indexOf(FENCE, text, from));
  const ticks = searcher(text, (from) => indexOf(TICKS, text, from));
  const tildes = searcher(text, (from) => indexOf(TILDES, text, from));

  return {
    /** Start of the next line of interest, at least `from`; -1 when no opener can follow. */
    nextLine(from: number, open: Fence | undefined): number {
      if (opener(from) === text.length) return -1;
      // Within a quote the fence may also end by the quote's end, which has no mark.
      if (open && open.depth > 0) return from;
      const closer = open?.mark === 0x60 ? ticks : tildes;
      const at = open ? closer(from) : Math.min(opener(from), fence(from));
      return at === text.length ? -1 : Math.max(from, text.lastIndexOf("\n", at) + 1);
    },
  };
}

/** A search from an index on, the text's length for none, that looks at each place once. */
function searcher(text: string, search: (from: number) => number): (from: number) => number {
  let place = -1;
  return (from) => {
    if (place < from) {
      const at = search(from);
      place = at === -1 ? text.length : at;
    }
    return place;
  };
}

function indexOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}
