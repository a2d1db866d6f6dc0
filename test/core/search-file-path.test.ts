import { expect, test } from "bun:test";
import fc from "fast-check";
import { matchPaths } from "../../core/search/view.ts";

const CWD = "/home/dev/app";

function found(asked: string, ...paths: string[]): Record<string, string> {
  return Object.fromEntries(matchPaths(paths, { path: asked, cwd: CWD }));
}

test.each([
  ["/home/dev/app/src/auth.ts", "/home/dev/app/src/auth.ts", "exact"],
  ["src/auth.ts", "/home/dev/app/src/auth.ts", "exact"],
  ["./src/../src/auth.ts", "/home/dev/app/src/auth.ts", "exact"],
  ["../lib/x.go", "/home/dev/lib/x.go", "exact"],
  ["src/auth.ts", "src/auth.ts", "exact"],
  ["src/auth.ts", "/srv/other/src/auth.ts", "suffix"],
  ["src\\auth.ts", "C:\\work\\src\\auth.ts", "suffix"],
  ["C:\\Work\\src\\auth.ts", "c:/work/src/auth.ts", "exact"],
  ["/srv/other/src/auth.ts", "src/auth.ts", "suffix"],
  ["file:///srv/src/auth.ts", "/srv/src/auth.ts", "exact"],
  ["`src/auth.ts:12:5`", "/srv/src/auth.ts", "suffix"],
  ["auth.ts", "/srv/src/auth.ts", "basename"],
  ["AUTH.ts", "/srv/src/auth.ts", "basename"],
  ["lib/auth.ts", "/srv/src/auth.ts", "basename"],
  ["app/[id].tsx", "/srv/app/[id].tsx", "suffix"],
  ["src/**/*.ts", "/srv/src/a/b.ts", "glob"],
  ["src/**/*.ts", "/srv/src/b.ts", "glob"],
  ["*.{ts,tsx}", "/srv/src/b.tsx", "glob"],
  ["src/", "/srv/src/deep/b.ts", "glob"],
  ["src\\", "C:\\srv\\src\\b.ts", "glob"],
  ["/srv/**", "/srv/src/b.ts", "glob"],
  ["ログ/設定.md", "/srv/ログ/設定.md", "suffix"],
])("%s finds %s: %s", (asked, path, match) => {
  expect(found(asked, path)).toEqual({ [path]: match });
});

test.each([
  ["rc/auth.ts", "/srv/src/oauth.ts"],
  ["auth", "/srv/src/auth.ts"],
  ["*.ts", "/srv/src/a.tsx"],
  ["src/", "/srv/srcs/a.ts"],
  ["src/*.ts", "/srv/src/deep/a.ts"],
  ["[", "/srv/a"],
  ["   ", "/srv/a"],
  ["(.*)", "/srv/a"],
])("%s does not find %s", (asked, path) => {
  expect(found(asked, path)).toEqual({});
});

test("a namesake elsewhere is shown only where the path itself is not known", () => {
  expect(found("src/auth.ts", "/a/src/auth.ts", "/a/lib/auth.ts")).toEqual({
    "/a/src/auth.ts": "suffix",
  });
});

test("a literal path with brackets goes before what it would match as a glob", () => {
  expect(found("app/[ab].ts", "/w/app/[ab].ts", "/w/app/a.ts")).toEqual({
    "/w/app/[ab].ts": "suffix",
  });
});

test("a path finds itself, however its slashes stand", () => {
  const part = fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(..."abAB.-_1é日") });
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      (parts, isWindows) => {
        fc.pre(!parts.some((name) => /^\.+$/.test(name)));
        const path = isWindows ? `C:\\${parts.join("\\")}` : `/${parts.join("/")}`;

        expect(found(path.replaceAll("\\", "/"), path)).toEqual({ [path]: "exact" });
      },
    ),
  );
});
