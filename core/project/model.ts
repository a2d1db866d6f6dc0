import type { ProjectIdentity } from "./detect.ts";

/** A project as it is stored. */
export interface Project {
  readonly key: string;
  readonly name: string;
  /** Folder last seen, redacted: for people, not for access. */
  readonly root: string;
  readonly vcs: ProjectIdentity["vcs"];
  readonly paused: boolean;
  /** Epoch ms. */
  readonly lastSeen: number;
}

/**
 * Whether `folder` falls under one of the `globs` of the configuration's `ignore`.
 * A glob without a wildcard also covers everything below it. `~` is `home`.
 */
export function isIgnored(folder: string, globs: readonly string[], home: string): boolean {
  const path = folder.replaceAll("\\", "/");
  return globs.some((written) => {
    const glob = written
      .replace(/^~(?=\/|$)/, home)
      .replaceAll("\\", "/")
      .replace(/\/+$/, "");
    return new Bun.Glob(glob).match(path) || new Bun.Glob(`${glob}/**`).match(path);
  });
}
