import { dlopen, FFIType } from "bun:ffi";
import { arch, platform } from "node:os";
import { isMainThread } from "node:worker_threads";
import { Tensor } from "onnxruntime-common";
import type { Binding } from "onnxruntime-node/dist/binding.js";
import { SbError } from "../kernel/errors.ts";
import { extractNative } from "../storage/native.ts";
import { nativeFile } from "../storage/native-embedded.ts";

/** ONNX Runtime's native half, as `onnxruntime-node` 1.30 declares it in `dist/binding.d.ts`. */
export interface Runtime {
  readonly InferenceSession: Binding.InferenceSessionConstructor;
  initOrtOnce(logLevel: number, tensor: typeof Tensor, isMainThread: boolean): void;
}

/** Errors alone: warnings would go to standard error. */
const LOG_ERRORS = 3;

const TEXT_ALONE = { hint: "search works on text alone; with SB_MODEL=off it does not try" };

let loaded: Runtime | undefined;

/**
 * Loads ONNX Runtime from `dir` (`Paths.native`), where it is put first if need be. Once a process.
 *
 * The package's own JavaScript is passed by: it looks for its library below node_modules, which a
 * binary has not, and a bundler gives it a copy in the system's temporary folder, which may forbid
 * running code.
 *
 * @throws SbError `unavailable` where there is none for this machine, or it does not load.
 */
export function loadRuntime(dir: string): Runtime {
  if (loaded) return loaded;
  if (!nativeFile("onnxruntime") || !nativeFile("onnxruntimeBinding")) {
    const machine = `${platform()}-${arch()}`;
    throw new SbError("unavailable", `the embedding model does not run on ${machine}`, TEXT_ALONE);
  }
  const library = extractNative("onnxruntime", dir);
  const binding = extractNative("onnxruntimeBinding", dir);
  const module: { exports: Partial<Runtime> } = { exports: {} };
  try {
    openQuietly(library);
    process.dlopen(module, binding);
  } catch (cause) {
    const message = "the runtime of the embedding model does not load here";
    throw new SbError("unavailable", message, { ...TEXT_ALONE, cause });
  }
  const runtime = module.exports as Runtime;
  runtime.initOrtOnce(LOG_ERRORS, Tensor, isMainThread);
  loaded = runtime;
  return runtime;
}

/**
 * Opens the library, so that the binding finds it loaded wherever it would look for it, and switches
 * its telemetry off: from 1.29 on it keeps an identifier of the machine in the user's cache folder
 * and sends what is computed to its makers, unless the process's own environment says otherwise
 * before it begins. What JavaScript calls the environment is a copy. On Windows it tells the system's
 * event log instead, which this does not reach.
 */
function openQuietly(library: string): void {
  const begin = { OrtGetApiBase: { args: [], returns: FFIType.ptr } } as const;
  if (platform() === "win32") {
    dlopen(library, begin);
    return;
  }
  const { cstring, i32 } = FFIType;
  const { symbols } = dlopen(library, {
    ...begin,
    setenv: { args: [cstring, cstring, i32], returns: i32 }, // the C library's, which it depends on
  });
  symbols.setenv(Buffer.from("ORT_DISABLE_TELEMETRY\0"), Buffer.from("1\0"), 1);
}
