/** Names and file endings of each language; the first one is how it is called here. */
const LANGUAGES: readonly (readonly string[])[] = [
  ["typescript", "ts", "tsx", "mts", "cts"],
  ["javascript", "js", "jsx", "mjs", "cjs", "node"],
  ["python", "py", "python3", "py3", "pyi", "ipynb"],
  ["rust", "rs"],
  ["go", "golang"],
  ["java"],
  ["kotlin", "kt", "kts"],
  ["swift"],
  ["c", "h"],
  ["cpp", "c++", "cc", "cxx", "hpp", "hh"],
  ["csharp", "cs", "c#"],
  ["ruby", "rb"],
  ["php"],
  ["scala"],
  ["elixir", "ex", "exs"],
  ["haskell", "hs"],
  ["lua"],
  ["perl", "pl"],
  ["r"],
  ["dart"],
  ["zig"],
  ["shell", "sh", "bash", "zsh", "fish", "console", "shellsession", "terminal"],
  ["powershell", "ps1", "pwsh"],
  ["sql", "sqlite", "postgres", "postgresql", "mysql", "plpgsql"],
  ["json", "jsonc", "json5", "jsonl"],
  ["yaml", "yml"],
  ["toml"],
  ["ini", "env", "dotenv", "properties", "conf"],
  ["xml", "svg", "plist"],
  ["html", "htm", "vue", "svelte"],
  ["css", "scss", "sass", "less"],
  ["markdown", "md", "mdx"],
  ["dockerfile", "docker"],
  ["makefile", "make", "mk"],
  ["terraform", "tf", "hcl"],
  ["graphql", "gql"],
  ["protobuf", "proto"],
  ["diff", "patch"],
  ["text", "txt", "plaintext", "plain", "log", "output"],
];

const BY_NAME = new Map(
  LANGUAGES.flatMap((names) => names.map((name) => [name, names[0] ?? name])),
);

/** What a language is called here, by any of its names, in lower case; an unknown one as it is. */
export function languageNamed(name: string): string {
  const lower = name.trim().toLowerCase().replace(/^\./, "");
  return BY_NAME.get(lower) ?? lower;
}

/** Every name that a language is known by. */
export function languageNames(): string[] {
  return [...BY_NAME.keys()];
}

/** The language of a file, by its ending or its whole name; `text` where neither tells. */
export function languageOf(path: string): string {
  const name = path
    .slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1)
    .toLowerCase();
  const ending = name.slice(name.lastIndexOf(".") + 1);
  return BY_NAME.get(ending) ?? BY_NAME.get(name) ?? "text";
}

/** Signs of languages in code that does not say what it is, the surest first. */
const SIGNS: readonly (readonly [language: string, sign: RegExp])[] = [
  ["diff", /^(?:diff --git |@@ -\d+|\+\+\+ |--- a\/)/m],
  [
    "shell",
    /^(?:#!.*sh\b|\$ \S|(?:sudo|npm|npx|bun|pnpm|yarn|git|cd|curl|docker|pip|cargo|make|export) \S)/m,
  ],
  ["python", /^\s*(?:def \w+\(.*\).*:|class \w+.*:|from [\w.]+ import |import \w+$|@\w+$)/m],
  ["rust", /^\s*(?:pub )?(?:fn \w+|impl\b|struct \w+|use \w+::|let mut )/m],
  ["go", /^(?:package \w+|func (?:\(|\w+\()|import \()|:= /m],
  ["java", /^\s*(?:public|private|protected) (?:static |final )*[\w<>[\]]+ \w+|^import java/m],
  [
    "typescript",
    /^\s*(?:export )?(?:interface \w+|type \w+ =)|:\s*(?:string|number|boolean)\b|\bas const\b/m,
  ],
  [
    "javascript",
    /^\s*(?:(?:export |async )*function\b|(?:const|let|var) [\w{[]|import .* from )|=> /m,
  ],
  ["sql", /^\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP) /im],
  ["c", /^#include\b/m],
  ["json", /^\s*[{[]\s*(?:"[^"\n]*"\s*:|\{|\[|\]|\})/],
  ["html", /^\s*<(?:!doctype|html|div|span|p|a|script|body)\b/im],
  ["yaml", /^[\w-]+:(?: \S.*)?\n(?:[\w-]+:| +[\w-]+:| *- )/m],
];

/** The language that `code` looks like; `text` for none. */
export function guessLanguage(code: string): string {
  const head = code.slice(0, 2_000);
  return SIGNS.find(([, sign]) => sign.test(head))?.[0] ?? "text";
}
