import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import { SbError } from "../kernel/errors.ts";
import { MAX_PIECES } from "./model.ts";

/** Turns a text into the numbers of its word pieces, at most `MAX_PIECES`, the two marks included. */
export type Encode = (text: string) => number[];

/** Characters that are looked at first: enough for 256 word pieces of nearly every text. */
const FIRST_LOOK = 2048;

/** Most characters ever looked at; reached where words are longer than any real one. */
const LAST_LOOK = 65_536;

/**
 * Reads a `tokenizer.json` of the usual form (WordPiece, lower case).
 * @throws SbError `corrupt` when it is none.
 */
export function openTokenizer(path: string): Encode {
  const tokenizer = readTokenizer(path);
  return (text) => {
    const whole = text.trimStart();
    for (let look = FIRST_LOOK; ; look *= 4) {
      const { ids } = tokenizer.encode(beginning(whole, look));
      const isEnough = ids.length >= MAX_PIECES || look >= LAST_LOOK || look >= whole.length;
      // The last piece is the mark of the end, and stays it.
      if (isEnough) return ids.length > MAX_PIECES ? cut(ids) : ids;
    }
  };
}

function readTokenizer(path: string): Tokenizer {
  try {
    return new Tokenizer(JSON.parse(readFileSync(path, "utf8")), {});
  } catch (cause) {
    throw new SbError("corrupt", "the model's tokenizer.json is damaged", {
      hint: "fetch the model again: sb model pull",
      cause,
    });
  }
}

/**
 * At most `limit` characters from the start of `text`, to the end of a word where there is one: a
 * word cut in the middle has other pieces. No half of a pair of surrogates is left.
 */
function beginning(text: string, limit: number): string {
  if (text.length <= limit) return text.toWellFormed();
  const part = text.slice(0, limit);
  const end = /\s\S*$/u.exec(part)?.index ?? 0;
  return part.slice(0, end > 0 ? end : limit).toWellFormed();
}

function cut(ids: number[]): number[] {
  return [...ids.slice(0, MAX_PIECES - 1), ...ids.slice(-1)];
}
