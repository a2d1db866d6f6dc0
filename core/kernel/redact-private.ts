/** How a `<private>` tag begins: plain, escaped for JSON, escaped for HTML. */
export const PRIVATE_ANCHORS = ["<[pP][rR][iI]", "</[pP][rR]", "3[cC][pP][rR]", "t;[pP][rR]"];

const PRIVATE_TAG =
  /(?:<|\\{1,8}u003c|&lt;)(\/?)private(?=[\s>/\\&])(?:[^<>[\]\\&]|\\(?!u003)|&(?!lt;|gt;)){0,256}(?:>|\\u003e|&gt;)/gi;

/** Replaces each outermost `<private>` block; one without an end goes to the end of the text. */
export function dropPrivate(text: string, counts: Record<string, number>): string {
  let out = "";
  let depth = 0;
  let kept = 0;
  for (const tag of text.matchAll(PRIVATE_TAG)) {
    if (tag[1] === "" && depth++ === 0) {
      out += `${text.slice(kept, tag.index)}[private]`;
      counts["private"] = (counts["private"] ?? 0) + 1;
    } else if (tag[1] === "/" && depth > 0 && --depth === 0) {
      kept = tag.index + tag[0].length;
    }
  }
  return depth > 0 ? out : out + text.slice(kept);
}

/**
 * The tags of the `<private>` blocks that `text` opens and leaves open; empty where there is none.
 * Put before the text that continues it, they say that it begins inside these blocks.
 */
export function leftPrivate(text: string): string {
  let depth = 0;
  for (const tag of text.matchAll(PRIVATE_TAG)) {
    if (tag[1] === "") depth += 1;
    else if (depth > 0) depth -= 1;
  }
  return "<private>".repeat(depth);
}
