import { statSync } from "node:fs";
import { arch, platform } from "node:os";
import { basename } from "node:path";
import {
  fileHash,
  locateNative,
  type NativeFile,
  type NativeName,
  nativeSources,
} from "./native-files.ts";

/**
 * The library `name` for this machine, or undefined when there is none.
 *
 * This module serves runs from source, out of node_modules. The build puts another in its place,
 * with the same function over the files it embeds: `nativeModule` in `cli/build.ts`.
 */
export function nativeFile(name: NativeName): NativeFile | undefined {
  const source = nativeSources({ platform: platform(), arch: arch() }).find((s) => s.name === name);
  const path = source && locateNative(source, import.meta.dir);
  if (path === undefined) return undefined;
  return {
    source: path,
    fileName: basename(path),
    bytes: statSync(path).size,
    hash: fileHash(path),
    packing: "none",
  };
}
