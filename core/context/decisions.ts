import { collapse, truncate } from "../kernel/text.ts";

/** Characters of a sentence that is kept. */
const LINE_CHARS = 240;

/** Answers longer than this are looked at up to here: what matters is said first or last. */
const TEXT_CHARS = 20_000;

/** Words by which a sentence tells a choice that was made. */
const CHOICE =
  /\b(?:(?:we|i|you)(?:'ve| have)? (?:decided|chose|chosen|agreed|settled)|(?:decided|chose|agreed|settled) (?:to|on|that|against)|decision(?=:)|let'?s (?:use|go with|keep|stick)|(?:we|i)(?:'ll| will| should)? (?:use|keep|go with|stick (?:to|with)|switch to|drop|avoid)\b.{0,120}\b(?:instead|because|since|rather than|so that)|instead of|rather than|must (?:not|never)|never use|always use)\b/i;

/** What is code, a table, a heading or a quoted log says no choice. */
const NOT_PROSE = /^\s*(?:[|#>]|```|~~~|[-=]{3,}|\$ |at \S+ \()/;

/** Sentences of what was said that tell a choice, in their order, each once. */
export function decisionsIn(texts: readonly string[], most: number): string[] {
  const found = new Map<string, string>();
  for (const text of texts) {
    for (const sentence of sentencesOf(text)) {
      if (!CHOICE.test(sentence) || sentence.endsWith("?")) continue;
      const line = truncate(sentence, LINE_CHARS);
      found.delete(line.toLowerCase()); // said again, it is a late one
      found.set(line.toLowerCase(), line);
    }
  }
  return [...found.values()].slice(-most);
}

/** Questions in the last paragraph of an answer: what the person was asked last and has not said. */
export function questionsIn(answer: string, most: number): string[] {
  const paragraphs = withoutFences(answer.slice(-TEXT_CHARS))
    .trim()
    .split(/\n\s*\n/);
  return sentencesOf(paragraphs.slice(-2).join("\n"))
    .filter((sentence) => sentence.endsWith("?"))
    .slice(-most)
    .map((sentence) => truncate(sentence, LINE_CHARS));
}

/** Sentences of prose: lines of lists are sentences of their own. */
function sentencesOf(text: string): string[] {
  return withoutFences(text.slice(0, TEXT_CHARS))
    .split("\n")
    .filter((line) => !NOT_PROSE.test(line))
    .flatMap((line) =>
      line.replace(/^\s*(?:[-*+]|\d{1,2}[.)])\s+/, "").split(/(?<=[.!?])\s+(?=\p{Lu})/u),
    )
    .map((sentence) => collapse(sentence.replaceAll("**", "")))
    .filter((sentence) => sentence.length >= 15);
}

function withoutFences(text: string): string {
  return text.replace(/^\s*(```|~~~)[\s\S]*?^\s*\1/gm, "");
}
