import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { readRegularText } from "../kernel/regular-file.ts";

const GROUPS = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

/** A dependency that lies in a folder: `file:../x`, `link:../x`, `portal:../x`. */
const LOCAL = /^(?:file|link|portal):(.+)/;

/** Folders that the package.json in `root` depends on, absolute, as far as they exist. */
export function manifestFolders(root: string): string[] {
  const folders = new Set<string>();
  for (const group of GROUPS) {
    for (const range of Object.values(section(root, group))) {
      const path = typeof range === "string" ? LOCAL.exec(range)?.[1] : undefined;
      if (path && existsSync(resolve(root, path))) folders.add(resolve(root, path));
    }
  }
  return [...folders];
}

function section(root: string, group: string): Record<string, unknown> {
  try {
    const manifest: unknown = JSON.parse(readRegularText(join(root, "package.json")));
    const found = (manifest as Record<string, unknown> | null)?.[group];
    return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {}; // no manifest, or one that its own tools would refuse
  }
}
