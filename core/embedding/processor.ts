import { closeSync, openSync, readSync } from "node:fs";
import { arch } from "node:os";

/** Instructions that add products of signed and unsigned bytes without overflow, as Linux names them. */
const FLAGS = /\bavx(512)?_vnni\b/;

/** Bytes of /proc/cpuinfo that hold the first core: its list of flags stands in the first 2 KB. */
const CORE_BYTES = 8192;

/** Whether this processor multiplies 8-bit numbers exactly; on x64, false where that cannot be told. */
export function multipliesBytes(): boolean {
  if (arch() !== "x64") return true;
  try {
    const handle = openSync("/proc/cpuinfo", "r");
    try {
      const text = Buffer.alloc(CORE_BYTES);
      return FLAGS.test(text.toString("latin1", 0, readSync(handle, text)));
    } finally {
      closeSync(handle);
    }
  } catch {
    return false;
  }
}
