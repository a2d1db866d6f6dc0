import { guessLanguage, languageNamed, languageOf } from "./code-language.ts";

/** What a block of code does, as far as its lines tell. */
export const CODE_KINDS = [
  "function",
  "class",
  "type",
  "import",
  "test",
  "query",
  "command",
  "config",
  "markup",
  "diff",
] as const;
export type CodeKind = (typeof CODE_KINDS)[number];

/** One block of code. */
export interface CodeBlock {
  readonly source: "fence" | "edit" | "write";
  /** Of a fence 0, else which tool call it is the input of. */
  readonly place: number;
  /** UTF-16 units in the body or in that input. */
  readonly start: number;
  readonly stop: number;
  readonly language: string;
  readonly kinds: readonly CodeKind[];
  /** What it defines, as it is spelt, each once. */
  readonly names: readonly string[];
}

/** Most blocks of one document, and characters of one of them that are looked at. */
const MOST_BLOCKS = 40;
const BLOCK_CHARS = 8_000;
const MOST_NAMES = 30;

/** Kinds that a language alone tells. */
const KIND_OF_LANGUAGE: Readonly<Record<string, CodeKind>> = {
  ...{ sql: "query", graphql: "query", shell: "command", powershell: "command", diff: "diff" },
  ...{ json: "config", yaml: "config", toml: "config", ini: "config", dockerfile: "config" },
  ...{ terraform: "config", makefile: "config", html: "markup", xml: "markup", css: "markup" },
};

/** Languages in which nothing is defined. */
const PLAIN = new Set(["text", "markdown", "json", "yaml", "toml", "ini", "diff", "xml"]);

/** Lines that define something, with its name; linear: no part can match what its neighbour does. */
const DEFINITIONS: readonly (readonly [kind: CodeKind, line: RegExp])[] = [
  [
    "function",
    /^[ \t]*(?:(?:export|default|declare|pub(?:\(\w+\))?|async|unsafe|static|public|private|protected|override|inline|local|const|suspend|extern) )*(?:function\*?|def|fn|func|fun|sub) (?:\([^()\n]*\) )?([\w$]+)/gm,
  ],
  [
    "function",
    /^[ \t]*(?:export )?(?:const|let|var) ([\w$]+)[^=\n]{0,200}= ?(?:async ?)?(?:function\b|\([^\n]{0,300}=>|[\w$]+ =>)/gm,
  ],
  [
    "function",
    /^[ \t]*(?:(?:public|private|protected|static|final|async|override|virtual|internal|get|set) )+(?:[\w<>[\],.?]+ ){0,2}([\w$]+) ?\(/gm,
  ],
  [
    "class",
    /^[ \t]*(?:(?:export|default|abstract|final|public|private|internal|sealed|data|open|pub(?:\(\w+\))?) )*(?:class|struct|trait|impl|object|record|module) ([\w$]+)/gm,
  ],
  [
    "type",
    /^[ \t]*(?:(?:export|declare|public|pub(?:\(\w+\))?|const) )*(?:interface|type|enum|protocol|typedef) ([\w$]+)/gm,
  ],
  [
    "query",
    /\bCREATE (?:UNIQUE )?(?:TABLE|INDEX|VIEW|TRIGGER|VIRTUAL TABLE)(?: IF NOT EXISTS)? ["`]?([\w.]+)/gi,
  ],
];

const SIGNS: readonly (readonly [kind: CodeKind, sign: RegExp])[] = [
  [
    "import",
    /^[ \t]*(?:import\b|from \S+ import\b|use [\w:]+|#include\b|using [\w.]+;|require\b)|= ?require\(/m,
  ],
  [
    "test",
    /\b(?:describe|it|test)(?:\.\w+)?\(\s*["'`]|\bdef test_|@Test\b|#\[(?:tokio::)?test\]|\bfunc Test[A-Z]|\bRSpec\b/,
  ],
  ["query", /\b(?:SELECT\b[^;]{1,500}\bFROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b/],
];

/** What `code` in `language` does and defines. */
export function readCode(code: string, language: string): Pick<CodeBlock, "kinds" | "names"> {
  const head = code.slice(0, BLOCK_CHARS);
  const kinds = new Set<CodeKind>();
  const names = new Set<string>();
  const known = KIND_OF_LANGUAGE[language];
  if (known) kinds.add(known);
  if (PLAIN.has(language)) return { kinds: [...kinds], names: [] };
  for (const [kind, line] of DEFINITIONS) {
    for (const [, name = ""] of head.matchAll(line)) {
      kinds.add(kind);
      if (names.size < MOST_NAMES) names.add(name);
    }
  }
  for (const [kind, sign] of SIGNS) if (!kinds.has(kind) && sign.test(head)) kinds.add(kind);
  return { kinds: CODE_KINDS.filter((kind) => kinds.has(kind)), names: [...names] };
}

const OPENING = /^[ \t>]*(?:[-*+] |\d+[.)] )?[ \t]*(`{3,}|~{3,})([^`\n]*)$/gm;

/** The fenced blocks of a Markdown text; one that is not closed ends with the text. */
export function fencesIn(text: string): CodeBlock[] {
  if (!text.includes("```") && !text.includes("~~~")) return [];
  const blocks: CodeBlock[] = [];
  const opening = new RegExp(OPENING);
  for (let match = opening.exec(text); match; match = opening.exec(text)) {
    const [whole, fence = "", info = ""] = match;
    const start = match.index + whole.length + 1;
    const stop = closingOf(text, fence, start);
    opening.lastIndex = Math.min(text.length, stop.next);
    const code = text.slice(start, stop.at);
    if (code.trim() === "") continue;
    const language = languageOfInfo(info) ?? guessLanguage(code);
    blocks.push({
      source: "fence",
      place: 0,
      start,
      stop: stop.at,
      language,
      ...readCode(code, language),
    });
    if (blocks.length >= MOST_BLOCKS) break;
  }
  return blocks;
}

/** Where the block that began at `from` ends, and where to go on. */
function closingOf(text: string, fence: string, from: number): { at: number; next: number } {
  for (let at = text.indexOf(fence, from); at !== -1; at = text.indexOf(fence, at + 1)) {
    const lineStart = text.lastIndexOf("\n", at - 1) + 1;
    const lineEnd = text.indexOf("\n", at);
    const end = lineEnd === -1 ? text.length : lineEnd;
    if (at < from || !/^[ \t>]*[`~]+[ \t\r]*$/.test(text.slice(lineStart, end))) continue;
    return { at: Math.max(from, lineStart - 1), next: end };
  }
  return { at: text.length, next: text.length };
}

/** The language that a fence names: `ts`, `ts title="a"`, `12:20:src/a.ts`, `{.python}`. */
function languageOfInfo(info: string): string | undefined {
  const [, word] = /^[\s{.]*([^\s{},]+)/.exec(info) ?? [];
  if (word === undefined) return undefined;
  if (/[/\\:]|\.\w+$/.test(word)) {
    const [first = "", ...path] = word.split(":");
    return /^[a-z+#]+$/i.test(first) && path.length > 0 ? languageNamed(first) : languageOf(word);
  }
  return languageNamed(word).slice(0, 30);
}

/** The block that a tool call wrote into `path`. */
export function writtenBlock(
  code: string,
  written: { source: "edit" | "write"; place: number; path: string },
): CodeBlock {
  const named = languageOf(written.path);
  const language = named === "text" ? guessLanguage(code) : named;
  const { source, place } = written;
  return { source, place, start: 0, stop: code.length, language, ...readCode(code, language) };
}
