import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { basename } from "node:path";
import { functionSizes, importsOf, readSources, type Source } from "./support/source.ts";

/** What each area may import besides itself. Inside core, later domains may import earlier ones. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  mcp: ["core"],
  tui: ["core"],
  cli: ["core", "mcp", "tui", "package.json"],
};

const CORE_ORDER = [
  "kernel",
  "storage",
  "embedding",
  "transcript",
  "project",
  "search",
  "insight",
  "graph",
  "error",
  "team",
  "quality",
  "reminder",
  "permission",
  "analytics",
  "session",
  "context",
  "worktree",
  "hook",
  "archive",
  "registry",
];

const ROOT_ENTRIES = [
  ...["package.json", "bunfig.toml", "tsconfig.json", "README.md", "CHANGELOG.md", "LICENSE"],
  ...["cli", "tui", "mcp", "core", "test"],
  ...["bun.lock", "biome.json", ".gitignore", ".ci", ".github", ".claude-plugin"],
];

/** Programs of their own: they have a process to read and streams to write. */
const PROGRAM =
  /^cli\/(main\.ts|process\.ts|own-process\.ts|build\.ts|docs\.ts|bootstrap\.mjs)\b|^test\/(bench|claude)\/|^test\/support\/setup\.ts\b/;

const sources = await readSources("{cli,tui,mcp,core}/**/*.{ts,tsx,mjs}");
const tests = (await readSources("test/**/*.{ts,tsx}")).filter(
  ({ path }) => !path.startsWith("test/fixtures/"),
);
const everything = [...sources, ...tests];
const imports = sources.flatMap(importsOf);

describe("direction", () => {
  test("areas import only what lies below them", () => {
    const wrong = imports.filter(({ from, to }) => {
      const [a, b] = [area(from), area(to)];
      return a !== b && existsSync(b) && !MAY_IMPORT[a]?.includes(b);
    });

    expect(wrong).toEqual([]);
  });

  test("every folder of core has a place in the order", () => {
    const folders = new Set(sources.map(({ path }) => coreFolder(path)).filter((f) => f !== ""));

    expect([...folders].filter((folder) => !CORE_ORDER.includes(folder))).toEqual([]);
  });

  test("core domains import only earlier domains", () => {
    const wrong = imports.filter(({ from, to }) => rank(from) >= 0 && rank(to) > rank(from));

    expect(wrong).toEqual([]);
  });

  test("a domain takes types alone from the root of core, save capability.ts where it declares", () => {
    const wrong = imports.filter(({ from, to, kind }) => {
      const declares = from.endsWith("capabilities.ts") && to === "core/capability.ts";
      return rank(from) >= 0 && /^core\/[^/]+$/.test(to) && kind !== "type" && !declares;
    });

    expect(wrong).toEqual([]);
  });

  test("every relative import names a file as it is on disk, with its ending", () => {
    const relative = [...imports, ...tests.flatMap(importsOf)].filter(
      ({ to }) => area(to) !== to && existsSync(area(to)),
    );

    const wrong = relative.filter(({ to }) => !existsSync(to) || !/\.\w+$/.test(basename(to)));

    expect(wrong).toEqual([]);
  });
});

describe("size", () => {
  test("a source file has at most 400 lines, a test file 600", () => {
    const limit = (path: string) => (path.startsWith("test/") ? 600 : 400);
    const long = handWritten()
      .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
      .filter(({ path, lines }) => lines > limit(path));

    expect(long).toEqual([]);
  });

  test("a function has fewer than 40 lines of its own", () => {
    const long = handWritten()
      .filter(({ path }) => !path.startsWith("test/"))
      .flatMap(functionSizes)
      .filter(({ own }) => own >= 40);

    expect(long).toEqual([]);
  });

  test("file names are kebab-case", () => {
    const wrong = everything.filter(
      ({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|d))?\.(ts|tsx|mjs)$/.test(basename(path)),
    );

    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

describe("bans", () => {
  test("only a program touches the process and prints", () => {
    const own =
      /\bconsole\.|\bprocess\.(exit|exitCode|stdout|stderr|argv|env)\b|\bBun\.(env|argv)\b/;

    const inSources = offenders(sources, own);
    const inTests = offenders(tests, /\bconsole\.|\bprocess\.(exit|stdout|argv|env)\b/);

    expect([...inSources, ...inTests].filter((hit) => !PROGRAM.test(hit))).toEqual([]);
  });

  test("only paths.ts asks for the home folder", () => {
    const wrong = offenders(sources, /\bhomedir\(/);

    expect(wrong.filter((hit) => !hit.startsWith("core/kernel/paths.ts"))).toEqual([]);
  });

  test.each([
    ["a cast to any", /\bas any\b/],
    ["a default export", /^export default\b|\bas default\b/m],
    ["a star export", /^export \*/m],
    ["a module mock", /\bmock\.module\(/],
    [
      "a skipped or only test",
      /\b(test|it|describe)\.(skip|only|todo|failing)\b|\b(xtest|xit|xdescribe)\(/,
    ],
  ])("nowhere is %s", (_what, pattern) => {
    expect(offenders(others(), pattern)).toEqual([]);
  });

  test.each([
    ["an ignored type error", /@ts-(ignore|nocheck)/],
    ["an ignored lint", /biome-ignore/],
    ["a note of work to do", /\b(TODO|FIXME|XXX|HACK)\b/],
  ])("nowhere is %s, in comments neither", (_what, pattern) => {
    const wrong = others().filter(({ text }) => pattern.test(text));

    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test("a test gives every process it starts an environment, or it would get the developer's", () => {
    const wrong = tests
      .filter(({ path }) => !PROGRAM.test(path))
      .flatMap(({ path, code }) =>
        [...code.matchAll(/\bBun\.spawn(?:Sync)?\(/g)]
          .filter(({ index }) => !/\benv\b/.test(callAt(code, index)))
          .map(({ index }) => `${path}:${lineAt(code, index)}`),
      );

    expect(wrong).toEqual([]);
  });
});

describe("repository", () => {
  test("the root holds what tools demand there and nothing else", async () => {
    const entries = new Set((await gitFiles()).map((path) => path.split("/")[0] ?? path));

    expect([...entries].filter((entry) => !ROOT_ENTRIES.includes(entry))).toEqual([]);
  });

  test("no text names this machine's folders or a registry's host", async () => {
    const home = userInfo().homedir;
    const places = [process.cwd(), home].map(
      (path) => `(?<![\\w$/.~-])${RegExp.escape(path)}/[\\w.]`,
    );
    const foreign = new RegExp([...places, "registry\\.(npmjs|yarnpkg)"].join("|"));
    const paths = (await gitFiles()).filter((path) => existsSync(path));

    const wrong: string[] = [];
    for (const path of paths) {
      const match = foreign.exec(await Bun.file(path).text());
      if (match) wrong.push(`${path}: ${match[0]}`);
    }

    expect(wrong).toEqual([]);
  });
});

/** All files but this one, whose patterns would find themselves. */
function others(): Source[] {
  return everything.filter(({ path }) => path !== "test/architecture.test.ts");
}

function handWritten(): Source[] {
  return everything.filter(({ path }) => !path.includes("/generated/"));
}

/** "path:line" of the first place in each file's code where `pattern` holds. */
function offenders(files: readonly Source[], pattern: RegExp): string[] {
  return files.flatMap(({ path, bare }) => {
    const match = pattern.exec(bare);
    return match ? [`${path}:${lineAt(bare, match.index)}`] : [];
  });
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** The text of the call that starts at `index`, to its closing parenthesis. */
function callAt(code: string, index: number): string {
  const open = code.indexOf("(", index);
  for (let depth = 0, at = open; at < code.length; at++) {
    if (code[at] === "(") depth++;
    if (code[at] === ")" && --depth === 0) return code.slice(index, at + 1);
  }
  return code.slice(index);
}

/** Files that git knows or would add: tracked, or new and not ignored. */
async function gitFiles(): Promise<string[]> {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const child = Bun.spawn(["git", ...list], { env: Bun.env });
  return (await child.stdout.text()).split("\0").filter((path) => path !== "");
}

function area(path: string): string {
  return path.split("/")[0] ?? path;
}

/** The domain of a core file, or "" for a file at core's root or elsewhere. */
function coreFolder(path: string): string {
  const [top, folder, file] = path.split("/");
  return top === "core" && file !== undefined ? (folder ?? "") : "";
}

function rank(path: string): number {
  return CORE_ORDER.indexOf(coreFolder(path));
}
