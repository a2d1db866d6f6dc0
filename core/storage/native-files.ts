import { closeSync, openSync, readSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a hash reads at a time. */
const SLICE_BYTES = 1024 * 1024;

/** What sb brings of native code: the model's runtime and its door to JavaScript. */
export type NativeName = "onnxruntime" | "onnxruntimeBinding";

/** One native library, as embedded in the binary or, from source, as it lies in node_modules. */
export interface NativeFile {
  /** Where its content is read from; a path that only this process may be able to open. */
  readonly source: string;
  /** Its name on disk, which the dynamic loader may insist on. */
  readonly fileName: string;
  /** Size on disk, unpacked. */
  readonly bytes: number;
  /** `contentHash` of the unpacked content. */
  readonly hash: string;
  /** How `source` is packed. */
  readonly packing: "zstd" | "none";
}

/** The machine a binary is for, in Node's words. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
}

/** Where npm packages keep a library: the package's name, and a glob inside it for the one file. */
export interface NativeSource {
  readonly name: NativeName;
  readonly package: string;
  readonly glob: string;
}

/**
 * What there may be for a machine; a package that does not know it is simply not installed.
 * Layout: onnxruntime-node 1.30.
 */
export function nativeSources({ platform, arch }: Machine): readonly NativeSource[] {
  const runtime = `bin/napi-v*/${platform}/${arch}`;
  return [
    {
      name: "onnxruntime",
      package: "onnxruntime-node",
      glob: `${runtime}/{libonnxruntime.so.1,libonnxruntime.1.dylib,onnxruntime.dll}`,
    },
    {
      name: "onnxruntimeBinding",
      package: "onnxruntime-node",
      glob: `${runtime}/onnxruntime_binding.node`,
    },
  ];
}

/**
 * Names what a file must hold: xxHash3 over slices, each seeded with the one before; hexadecimal. It
 * guards against a torn file, not against an attacker, and takes 2 ms for the 46 MB of
 * libonnxruntime where SHA-256 takes 26.
 */
export function contentHash(content: Uint8Array): string {
  let hash = 0n;
  for (let at = 0; at < content.length; at += SLICE_BYTES) {
    hash = Bun.hash.xxHash3(content.subarray(at, at + SLICE_BYTES), hash);
  }
  return hash.toString(16);
}

/** `contentHash` of a file, without ever holding more than a slice of it. */
export function fileHash(path: string): string {
  const slice = new Uint8Array(SLICE_BYTES);
  const handle = openSync(path, "r");
  try {
    let hash = 0n;
    for (let size = fill(handle, slice); size > 0; size = fill(handle, slice)) {
      hash = Bun.hash.xxHash3(slice.subarray(0, size), hash);
    }
    return hash.toString(16);
  } finally {
    closeSync(handle);
  }
}

/** Reads until `slice` is full or the file ends, and says how much that was. */
function fill(handle: number, slice: Uint8Array): number {
  let size = 0;
  for (let read = -1; read !== 0 && size < slice.length; size += read) {
    read = readSync(handle, slice, size, slice.length - size, null);
  }
  return size;
}

/** Finds a source's file below `from`, a folder inside a package tree; undefined without it. */
export function locateNative(source: NativeSource, from: string): string | undefined {
  try {
    const folder = dirname(Bun.resolveSync(`${source.package}/package.json`, from));
    const [found] = new Bun.Glob(source.glob).scanSync(folder);
    return found === undefined ? undefined : join(folder, found);
  } catch {
    return undefined;
  }
}
