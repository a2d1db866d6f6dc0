import { truncate } from "../kernel/text.ts";
import type { CodeBlock } from "./code.ts";
import { callsOf, errorTexts, textOfBlock } from "./derive.ts";
import { errorsIn, type FoundError, isSameMessage } from "./error-signature.ts";
import type { Hit, KeptCall, StoredDocument } from "./model.ts";
import { countHits, excerptOf, GAP, type Snippet, type Span, snippetOf } from "./snippet.ts";
import { queryTerms, type Term } from "./terms.ts";
import type { View } from "./view.ts";

/** What a hit's parts are made for. */
export interface Shown {
  readonly terms: readonly Term[];
  /** Most UTF-16 units of the snippet. */
  readonly chars: number;
}

type Parts = Pick<Hit, "snippet" | "message_uuids" | "code" | "error">;

/** Of a snippet, what the words round a block or an error may take. */
const WORDS_SHARE = 0.3;

const PATH_CHARS = 160;
const LINE_CHARS = 200;
const MOST_NAMES = 6;

/** The block of `document` that matches best, and the words it stands among. */
export function codeParts(
  document: StoredDocument,
  blocks: readonly CodeBlock[],
  { terms, chars }: Shown,
): Partial<Parts> {
  const [best] = blocks
    .map((block) => ({ block, hits: hitsIn(document, block, terms) }))
    .sort((a, b) => b.hits - a.hits);
  if (!best) return {};
  const { language, kinds, names, source, place, start } = best.block;
  const call = source === "fence" ? undefined : callsOf(document)[place];
  const path = call?.files?.[0]?.path;
  const words =
    source === "fence"
      ? besides(document, chars, (span) => span.start <= start && start < span.end)
      : besides(document, chars, ({ role }) => role === "user");
  const text = excerptOf(textOfBlock(document, best.block), terms, chars - words.text.length);
  return {
    ...joined(text, { ...words, uuids: [call?.message ?? [], words.uuids].flat() }),
    code: {
      language: truncate(language, 30),
      kinds: [...kinds],
      names: names.slice(0, MOST_NAMES).map((name) => truncate(name, 60)),
      source,
      ...(path ? { path: truncate(path, PATH_CHARS) } : {}),
    },
  };
}

/** How well a block matches: a name that it defines counts twice. */
function hitsIn(document: StoredDocument, block: CodeBlock, terms: readonly Term[]): number {
  return countHits(textOfBlock(document, block), terms) + countHits(block.names.join(" "), terms);
}

/** One error where it was told: by a call, else in the body. */
interface Place {
  readonly error: FoundError;
  readonly text: string;
  readonly call: KeptCall | undefined;
}

/** The error of `document` that is meant, where it was told, and what was said of it. */
export function errorParts(
  document: StoredDocument,
  view: Extract<View, { by: "error" }>,
  { terms, chars }: Shown,
): Partial<Parts> {
  const wanted = view.type?.toLowerCase();
  const [best] = placesOf(document)
    .filter(({ error }) => wanted === undefined || error.type?.toLowerCase() === wanted)
    .map((place) => ({ place, worth: worthOf(place.error, view, terms) }))
    .sort((a, b) => b.worth - a.worth);
  if (!best) return {};
  const { error, text, call } = best.place;
  const { type, line } = error;
  const found = {
    ...(type ? { type } : {}),
    line: truncate(line, LINE_CHARS),
    ...(call?.command ? { command: truncate(call.command, LINE_CHARS) } : {}),
  };
  if (!call) {
    const snippet = snippetOf(sourceOf(document), queryTerms(line), chars);
    return { ...joined(snippet.text, { text: "", uuids: snippet.uuids }), error: found };
  }
  const words = besides(document, chars, ({ role }) => role === "assistant");
  const room = chars - words.text.length;
  const told = text.slice(Math.max(0, error.at - Math.floor(room / 4)));
  return { ...joined(told.slice(0, room).toWellFormed(), words), error: found };
}

function placesOf(document: StoredDocument): Place[] {
  return [...errorTexts(document)].flatMap(({ text, call }) =>
    errorsIn(text).map((error) => ({ error, text, call })),
  );
}

function worthOf(error: FoundError, view: Extract<View, { by: "error" }>, terms: readonly Term[]) {
  const isMeant = view.messages.some((message) => isSameMessage(message, error.message));
  return (isMeant ? 1_000 : 0) + countHits(error.line, terms);
}

/** The last message that `fits`, cut short, to stand beside something else; else the first one. */
function besides(document: StoredDocument, chars: number, fits: (span: Span) => boolean): Snippet {
  const { body, spans } = sourceOf(document);
  const span = spans.findLast(fits) ?? spans[0];
  if (!span) return { text: "", uuids: [] };
  const room = Math.floor(chars * WORDS_SHARE) - GAP.length;
  return {
    text: truncate(body.slice(span.start, span.end), Math.max(1, room)),
    uuids: [span.uuid],
  };
}

function joined(text: string, words: Snippet): Pick<Parts, "snippet" | "message_uuids"> {
  return {
    snippet: words.text === "" ? text : `${text}${GAP}${words.text}`,
    ...(words.uuids.length > 0 ? { message_uuids: [...words.uuids] } : {}),
  };
}

function sourceOf({ body, passages }: StoredDocument) {
  return { body, spans: passages.map(([uuid, role, start, end]) => ({ uuid, role, start, end })) };
}
