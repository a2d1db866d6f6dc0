import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readText } from "../git.ts";
import type { Manager, Toolchain } from "./model.ts";

/** Lock files, and the manager that writes each: the first one found of an ecosystem speaks. */
const LOCKS: readonly (readonly [ecosystem: string, file: string, manager: Manager])[] = [
  ["python", "uv.lock", "uv"],
  ["python", "poetry.lock", "poetry"],
  ["node", "bun.lock", "bun"],
  ["node", "bun.lockb", "bun"],
  ["node", "pnpm-lock.yaml", "pnpm"],
  ["node", "yarn.lock", "yarn"],
  ["node", "npm-shrinkwrap.json", "npm"],
  ["node", "package-lock.json", "npm"],
  ["rust", "Cargo.lock", "cargo"],
  ["go", "go.mod", "go"],
  ["python", "requirements.txt", "pip"],
];

/**
 * The package managers of the project at `root`: those whose lock file lies there or, for a package
 * of a workspace, in a folder above it up to `top`. Without any, those that a manifest speaks for.
 */
export function detectToolchains(root: string, top: string = root): Toolchain[] {
  const found = new Map<string, Toolchain>();
  for (const folder of foldersUp(root, top)) {
    for (const [ecosystem, file, manager] of LOCKS) {
      if (found.has(ecosystem) || !existsSync(join(folder, file))) continue;
      found.set(ecosystem, lockedBy(manager, folder, file));
    }
  }
  const manifests = [byPackageJson(root), byPyproject(root), byCargo(root)];
  for (const [ecosystem, toolchain] of manifests.flatMap((one) => (one ? [one] : []))) {
    if (!found.has(ecosystem)) found.set(ecosystem, toolchain);
  }
  return [...found.values()];
}

function lockedBy(manager: Manager, root: string, file: string): Toolchain {
  // A lock of version 1 says so in its head: later ones are YAML with a table of metadata.
  const isBerry = manager === "yarn" && /^__metadata:/m.test(readText(join(root, file)) ?? "");
  const isLocked = manager !== "pip";
  return { manager, root, file, isLocked, ...(isBerry ? { isBerry } : {}) };
}

function foldersUp(root: string, top: string): string[] {
  const folders = [root];
  for (let dir = root; dir !== top && dirname(dir) !== dir; ) {
    dir = dirname(dir);
    folders.push(dir);
  }
  return folders.at(-1) === top ? folders : [root];
}

type Found = readonly [ecosystem: string, toolchain: Toolchain] | undefined;

function byPackageJson(root: string): Found {
  const text = readText(join(root, "package.json"));
  if (text === undefined || !/"(?:dev|optional)?dependencies"\s*:\s*\{\s*"/i.test(text)) return;
  const named = /"packageManager"\s*:\s*"(npm|pnpm|yarn|bun)@(\d+)/.exec(text);
  const manager = (named?.[1] ?? "npm") as Manager;
  const isBerry = manager === "yarn" && Number(named?.[2]) > 1;
  return ["node", { manager, root, file: "package.json", isLocked: false, isBerry }];
}

function byPyproject(root: string): Found {
  const text = readText(join(root, "pyproject.toml"));
  const manager = text && (/^\[tool\.(uv|poetry)\b/m.exec(text)?.[1] as Manager | undefined);
  return manager
    ? ["python", { manager, root, file: "pyproject.toml", isLocked: false }]
    : undefined;
}

function byCargo(root: string): Found {
  if (!existsSync(join(root, "Cargo.toml"))) return undefined;
  return ["rust", { manager: "cargo", root, file: "Cargo.toml", isLocked: false }];
}
