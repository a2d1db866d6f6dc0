/** The package managers whose lock files are known. */
export type Manager =
  | ("uv" | "poetry" | "pip")
  | ("bun" | "pnpm" | "yarn" | "npm")
  | ("cargo" | "go");

/** A package manager at work in a project. */
export interface Toolchain {
  readonly manager: Manager;
  /** Folder that holds the lock file: the project's, or the workspace's above it. */
  readonly root: string;
  /** File name of the lock, or of the manifest where nothing is locked. */
  readonly file: string;
  readonly isLocked: boolean;
  /** Of yarn: version 2 or later. */
  readonly isBerry?: boolean;
}

/** Whether what is installed is what the lock file says; null where files alone cannot tell. */
export interface SyncState {
  readonly inSync: boolean | null;
  /** One line: what differs, or why it cannot be told. */
  readonly reason: string;
}

/** The command that installs what the lock file says and changes no lock file. */
export function syncCommand({ manager, isLocked, isBerry, file }: Toolchain): readonly string[] {
  switch (manager) {
    case "uv":
      return ["uv", "sync", ...(isLocked ? ["--locked"] : [])];
    case "poetry":
      return ["poetry", "install", "--no-interaction"];
    case "bun":
      return ["bun", "install", ...(isLocked ? ["--frozen-lockfile"] : [])];
    case "pnpm":
      return ["pnpm", "install", ...(isLocked ? ["--frozen-lockfile"] : [])];
    case "yarn":
      return [
        "yarn",
        "install",
        ...(isLocked ? [isBerry ? "--immutable" : "--frozen-lockfile"] : []),
      ];
    case "npm":
      return ["npm", isLocked ? "ci" : "install", "--no-audit", "--no-fund"];
    case "cargo":
      return ["cargo", "fetch", ...(isLocked ? ["--locked"] : [])];
    case "go":
      return ["go", "mod", "download"];
    case "pip":
      return [".venv/bin/python", "-m", "pip", "install", "--requirement", file];
  }
}

export function inSync(reason: string): SyncState {
  return { inSync: true, reason };
}

export function outOfSync(reason: string): SyncState {
  return { inSync: false, reason };
}

export function unknown(reason: string): SyncState {
  return { inSync: null, reason };
}

/** How what is installed differs from the lock file. */
export interface Differences {
  readonly missing: readonly string[];
  /** Installed in another version. */
  readonly changed: readonly string[];
  /** Installed, and not in the lock file. */
  readonly extra?: readonly string[];
}

/** The state that they make of `total` packages, of which `looked` were compared. */
export function stateOf(
  { missing, changed, extra = [] }: Differences,
  total: number,
  looked: number = total,
): SyncState {
  const parts = [
    ...(missing.length > 0 ? [`not installed: ${firstOf(missing)}`] : []),
    ...(changed.length > 0 ? [`another version: ${firstOf(changed)}`] : []),
    ...(extra.length > 0 ? [`not in the lock file: ${firstOf(extra)}`] : []),
  ];
  if (parts.length > 0) return outOfSync(parts.join("; "));
  return inSync(looked < total ? `${looked} of ${total} packages looked at` : `${total} packages`);
}

export function nothingInstalled(): SyncState {
  return outOfSync("nothing is installed");
}

/** Names in a line of a few. */
const SHOWN = 3;

function firstOf(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  return `${names.slice(0, SHOWN).join(", ")}${more}`;
}
