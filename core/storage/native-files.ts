import { dirname, join } from "node:path";

/** The native libraries that sb brings: SQLite's vector extension, the model's runtime. */
export type NativeName = "vec0" | "onnxruntime";

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
 * Layouts: sqlite-vec 0.1.9, onnxruntime-node 1.30.
 */
export function nativeSources({ platform, arch }: Machine): readonly NativeSource[] {
  const os = platform === "win32" ? "windows" : platform;
  return [
    { name: "vec0", package: `sqlite-vec-${os}-${arch}`, glob: "vec0.{so,dylib,dll}" },
    {
      name: "onnxruntime",
      package: "onnxruntime-node",
      glob: `bin/napi-v*/${platform}/${arch}/{libonnxruntime.so.1,libonnxruntime.*.dylib,onnxruntime.dll}`,
    },
  ];
}

/**
 * Names what a file must hold: xxHash3, hexadecimal. It guards against a torn file, not against an
 * attacker, and takes 2 ms for the 46 MB of libonnxruntime where SHA-256 takes 26.
 */
export function contentHash(content: Uint8Array): string {
  return Bun.hash.xxHash3(content).toString(16);
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
