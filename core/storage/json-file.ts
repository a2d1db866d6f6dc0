import { applyEdits, type FormattingOptions, modify, type ParseError, parse } from "jsonc-parser";
import { SbError } from "../kernel/errors.ts";

export type Json = Readonly<Record<string, unknown>>;

/** The text of a file that people edit too, and its path for messages. */
export interface JsonSource {
  readonly path: string;
  readonly text: string;
}

/**
 * The object in a file; comments and a mark of the byte order may stand in it, an empty file is one.
 * @throws SbError `conflict` for what is no JSON object.
 */
export function objectIn({ path, text }: JsonSource): Json {
  const body = text.replace(/^\uFEFF/, "");
  if (body.trim() === "") return {};
  const errors: ParseError[] = [];
  const value: unknown = parse(body, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) {
    const line = body.slice(0, first.offset).split("\n").length;
    throw jsonRefusal(path, `it is no valid JSON at line ${line}`);
  }
  if (isRecord(value)) return value;
  throw jsonRefusal(path, "it holds no JSON object");
}

/** The object at `key`, undefined where there is none. @throws SbError `conflict` for another value. */
export function memberOf(root: Json, key: string, path: string): Json | undefined {
  const value = root[key];
  if (value === undefined || isRecord(value)) return value;
  throw jsonRefusal(path, `${key} is no object`);
}

/**
 * Longest line that is formatted anew round an edit, in UTF-16 units: the formatter takes the square
 * of it, 2.5 s for half a million.
 */
const LINE_CHARS = 64 * 1024;

/**
 * Sets or removes what is at `place`, in the style of the text around it, a long line without
 * breaking it; all else stays.
 */
export function editJson(text: string, place: (string | number)[], value: unknown): string {
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const body = text.slice(mark.length).trim() === "" ? "{}" : text.slice(mark.length);
  const plain = modify(body, place, value, {});
  const isLong = plain.some(({ offset, length }) => lineLength(body, offset, length) > LINE_CHARS);
  const edits = isLong ? plain : modify(body, place, value, { formattingOptions: styleOf(body) });
  return `${mark}${applyEdits(body, edits)}`;
}

/** Length of the line, or lines, that an edit stands in. */
function lineLength(text: string, offset: number, length: number): number {
  const end = text.indexOf("\n", offset + length);
  return (end < 0 ? text.length : end) - (text.lastIndexOf("\n", offset - 1) + 1);
}

/** How the text is indented and how its lines end. */
function styleOf(text: string): FormattingOptions {
  const [, indent = "  "] = /\n([ \t]+)\S/.exec(text) ?? [];
  return {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.startsWith("\t") ? 1 : indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
}

export function jsonRefusal(path: string, why: string): SbError {
  return new SbError("conflict", `${path}: ${why}`, { hint: "mend the file; nothing was changed" });
}

export function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
